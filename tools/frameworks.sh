#!/bin/sh
# Prove the tables of callables that need the frameworks: make the environment named by the first argument, once for
# each lock, and run the tests marked `frameworks` in it. More arguments go to pytest.
set -eu
venv=$1
shift
ready="$venv/.ready"
if [ ! -e "$ready" ] || [ requirements/frameworks.lock -nt "$ready" ] || [ requirements/dev.lock -nt "$ready" ]; then
    echo "frameworks: making $venv (some minutes, about 3.9 GB)"
    PYTHON="${PYTHON:-}" sh tools/setup.sh "$venv"
    pip="$venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps"
    $pip --require-hashes -r requirements/frameworks.lock
    # The wheel without CUDA has another digest than the public one of the same version, so there is no hash to ask for.
    $pip torch==2.13.0
    # torchvision's wheel is for another build of torch and cannot be imported, which transformers would try; ultralytics
    # asks for its version only, and that stays.
    rm -rf "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')/torchvision"
    touch "$ready"
fi
export KERAS_BACKEND=torch
exec "$venv/bin/python" -m pytest -m frameworks "$@"
