#!/bin/sh
# Make the virtual environment named by the first argument: everything in requirements/dev.lock, and this project.
# Safe to run again: a half-made or moved environment is completed or made anew.
set -eu
venv=$1
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if "$name" -c "$new_enough" 2>/dev/null; then command -v "$name"; return; fi
    done
    echo "setup: no Python 3.11 or newer was found (looked for ${PYTHON:-python3, python3.14 to python3.11, python})" >&2
    echo "  next: install one, or name it: make PYTHON=/path/to/python3.12" >&2
    exit 2
}

if ! "$venv/bin/python" -c "$new_enough" 2>/dev/null || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "setup: making $venv with $("$python" --version)"
    if ! "$python" -m venv --clear "$venv"; then
        echo "setup: $python cannot make a virtual environment" >&2
        echo "  next: install its venv module (Debian and Ubuntu: apt-get install python3-venv)" >&2
        exit 2
    fi
fi
echo "setup: installing what requirements/dev.lock names (about half a minute)"
# twice quiet: only errors; what a package index leaves out is no concern of the reader
pip="$venv/bin/python -m pip install -qq --disable-pip-version-check"
# The lock is whole, so nothing is resolved: a newer release of a package that another names with an extra cannot get in.
$pip --require-hashes --no-deps -r requirements/dev.lock
$pip --no-deps --no-build-isolation --editable .
"$venv/bin/python" -m compileall -q src
