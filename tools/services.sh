#!/bin/sh
# Install the servers that tests/services starts, and archivers: those of Debian, the rest into the environment that the argument names.
# Nothing is started here, and what is there already is left alone. Safe to run again.
set -eu
venv=$1
lock=requirements/services.lock

missing=
[ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
[ -x /usr/bin/bwrap ] || missing="$missing bubblewrap"
[ -x /usr/bin/strace ] || missing="$missing strace"
[ -x /usr/bin/docker-registry ] || missing="$missing docker-registry"
[ -x /usr/bin/7zz ] || [ -x /usr/bin/7z ] || missing="$missing 7zip"
[ -x /usr/bin/bsdtar ] || missing="$missing libarchive-tools"
[ -x /usr/bin/redis-server ] || missing="$missing redis-server"
[ -x /usr/bin/zip ] || missing="$missing zip"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -x /usr/bin/psql ] || missing="$missing postgresql-client"
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "services: these Debian packages are needed:$missing" >&2
        echo "  next: install them as root: apt-get install$missing" >&2
        exit 2
    fi
    echo "services: installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 -qq update
    # shellcheck disable=SC2086 # several words
    apt-get -o DPkg::Lock::Timeout=300 -qq install --no-install-recommends $missing >/dev/null
fi

if ! cmp -s "$lock" "$venv/.lock" 2>/dev/null; then
    echo "services: installing what $lock names (about a minute)"
    "${VENV_PYTHON:-.venv/bin/python}" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r "$lock"
    cp "$lock" "$venv/.lock"
fi
