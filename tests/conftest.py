"""What all tests share."""

import pytest
from hypothesis import settings

from tests.corpus import get_ready, wait_for_no_disk

# How long an example takes is the machine's affair, and the first one waits for a compiler.
settings.register_profile("korpus", deadline=None)
settings.load_profile("korpus")


# The processes that tests start do wait for it, and test_power_cut.py watches for what is waited.
wait_for_no_disk()


def pytest_configure(config):
    if hasattr(config, "workerinput"):  # One of several processes: many tests come, and some of them need workers.
        get_ready()


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the long property tests too")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="slow: give --slow to run it")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)
