"""Imported once by the server from which workers are forked: what it imports and compiles, they all have."""

import json
import os
from contextlib import suppress

import korpus.engine.write  # noqa: F401
from korpus import recipe
from korpus.engine import PRELOAD
from korpus.engine.scan import warm_up

# What is wrong with the recipe is said by the process that has a user; nothing here may end the server.
with suppress(Exception):
    given, overrides = json.loads(os.environ[PRELOAD])
    warm_up(recipe.load(given, overrides).stages)
