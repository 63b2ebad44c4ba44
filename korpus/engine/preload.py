"""Imported once by the server from which worker processes are forked, so that none of them imports it again."""

import korpus.engine.scan
import korpus.engine.write  # noqa: F401
