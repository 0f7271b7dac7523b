"""The pure floors call nothing that opens, runs or asks the clock; only one folder makes each token of trust."""

import pytest

from shape.sources import PURE, modules

PURE_MODULES = [module for module in modules() if module.floor in PURE]
ALL_MODULES = list(modules())
OPENERS = {"open", "exec", "eval", "__import__", "compile", "input", "breakpoint"}
CLOCKS = {".now", ".utcnow", ".today"}


@pytest.mark.parametrize("module", PURE_MODULES, ids=lambda module: module.name)
def test_a_pure_module_opens_runs_and_times_nothing(module):
    called = [f"{module.path.name}:{line} {name}" for name, line in module.calls() if name in OPENERS | CLOCKS]
    assert called == []


@pytest.mark.parametrize(("token", "maker"), [("Permit", "gate"), ("Verified", "evidence")])
def test_a_token_of_trust_is_made_in_one_folder_only(token, maker):
    made = [
        f"{module.name}:{line}"
        for module in ALL_MODULES
        if module.floor != maker
        for name, line in module.calls()
        if name in (token, f".{token}")
    ]
    assert made == []


@pytest.mark.parametrize("module", ALL_MODULES, ids=lambda module: module.name)
def test_no_module_runs_text_as_code(module):
    assert [line for name, line in module.calls() if name in ("exec", "eval", "__import__")] == []
