"""What all tests share."""

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair, and the first one waits for a compiler.
settings.register_profile("korpus", deadline=None)
settings.load_profile("korpus")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the long property tests too")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="slow: give --slow to run it")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)
