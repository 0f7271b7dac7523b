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
