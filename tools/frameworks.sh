#!/bin/sh
# Prove the tables of callables that need the frameworks: make the environment named by the first argument, once for
# each lock, and run the tests marked `frameworks` in it. More arguments go to pytest.
set -eu
venv=$1
shift
ready="$venv/.ready"
if [ ! -e "$ready" ] || [ requirements/frameworks.lock -nt "$ready" ] || [ requirements/dev.lock -nt "$ready" ]; then
    echo "frameworks: making $venv (some minutes, about 4.4 GB)"
    PYTHON="${PYTHON:-}" sh tools/setup.sh "$venv"
    pip="$venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps"
    $pip --require-hashes -r requirements/frameworks.lock
    # The wheel without CUDA has another digest than the public one of the same version, so there is no hash to ask for.
    $pip torch==2.13.0
    # torchvision's wheel is for another build of torch and cannot be imported as it is, which transformers would try. So
    # it lies in a folder that only tools/recipes_vision.py looks into; what says its version stays where it was.
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
    if [ -d "$site/torchvision" ]; then
        rm -rf "$venv/vision"
        mkdir "$venv/vision"
        for part in "$site/torchvision" "$site"/torchvision.libs; do
            if [ -e "$part" ]; then mv "$part" "$venv/vision"; fi
        done
    fi
    touch "$ready"
fi
export KERAS_BACKEND=torch
exec "$venv/bin/python" -m pytest -m frameworks "$@"
