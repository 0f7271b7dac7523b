"""What a start costs, told by what is imported: no clock, so no noise."""

import subprocess
import sys

import pytest

ALLOWED_PATH = "sorted(name for name in sys.modules if name.partition('.')[0] not in sys.stdlib_module_names)"


def loaded_by(code: str) -> set[str]:
    """Return the modules outside of the standard library that a fresh interpreter holds after `code`."""
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}; print(*{ALLOWED_PATH})"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")[-2].split())


def test_importing_hauberk_loads_the_standard_library_only():
    assert loaded_by("import hauberk") == {"hauberk", "__main__"}


def test_the_version_needs_no_other_module_of_ours():
    loaded = loaded_by("from hauberk.cli.main import main; main(['--version'])")
    assert loaded == {"hauberk", "hauberk.cli", "hauberk.cli.main", "hauberk.version", "__main__"}


def test_the_version_needs_no_argument_parser():
    code = "from hauberk.cli.main import main; main(['--version']); assert 'argparse' not in sys.modules"
    assert loaded_by(code)


@pytest.mark.parametrize("heavy", ["cryptography", "yaml", "numpy", "sklearn", "joblib"])
def test_help_and_refusals_need_no_heavy_module(heavy):
    loaded = loaded_by("from hauberk.cli.main import main; main(['--help']); main(['scna'])")
    assert heavy not in {name.partition(".")[0] for name in loaded}


def test_signing_and_verifying_need_no_words_of_a_report():
    loaded = loaded_by("import hauberk.cli.sign, hauberk.cli.verify")
    assert "hauberk.edge.hashing" in loaded
    assert "hauberk.finding" not in loaded


def test_a_program_of_its_own_looks_for_cycles_seldom_and_a_caller_is_left_alone():
    code = "import gc, sys; from hauberk.cli.main import main; sys.argv[1:] = ['x']; main(GIVEN)"
    code = f"import gc; before = gc.get_threshold()[0]; {code}; print(before == gc.get_threshold()[0])"
    seen = [
        subprocess.run([sys.executable, "-c", code.replace("GIVEN", given)], capture_output=True, text=True, check=True)
        for given in ("", "['x']")
    ]
    assert [done.stdout.strip() for done in seen] == ["False", "True"]
