"""What is the same in every run: no credentials of this machine, no width of its terminal, signals that arrive."""

import os
import signal

import pytest
from hypothesis import settings

import sizes

for _name in tuple(os.environ):
    if _name.startswith(("AWS_CONTAINER_", "AWS_WEB_IDENTITY_", "AWS_ROLE_")):
        del os.environ[_name]
os.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "NO_GCE_CHECK": "true"}
os.environ.pop("COLUMNS", None)  # of a terminal, or of a process that pytest-xdist started

# A shell that starts a job in the background has it ignore these; what a test interrupts would go on for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# How long an example takes says more of the machine than of the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

_DESELECTED = pytest.StashKey[int]()


def pytest_configure(config):
    config.stash[_DESELECTED] = 0


def pytest_deselected(items):
    if items:
        items[0].config.stash[_DESELECTED] += len(items)


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # in a process of pytest-xdist, where nobody reads what is said
        session.config.workeroutput["deselected"] = session.config.stash[_DESELECTED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Take from a process that has ended how many tests were deselected: as many in each."""
    node.config.stash[_DESELECTED] = getattr(node, "workeroutput", {}).get("deselected", 0)


def pytest_terminal_summary(terminalreporter, config):
    if any(report.nodeid.startswith("tests/shape/") for report in terminalreporter.getreports("passed")):
        sizes.tell(terminalreporter)
    if config.stash[_DESELECTED] and config.pluginmanager.hasplugin("dsession"):
        terminalreporter.write_line(f"{config.stash[_DESELECTED]} deselected: their markers are in pyproject.toml")
