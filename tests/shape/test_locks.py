"""The lock files: names, versions and hashes, no addresses, and one version of a package in all of them."""

import re

import pytest

from shape.sources import REPOSITORY

LOCKS = [
    *sorted((REPOSITORY / "requirements").glob("*.lock")),
    *sorted(REPOSITORY.glob("examples/*/requirements.lock")),
]
PINNED = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE | re.IGNORECASE)


def pinned(lock) -> set[tuple[str, str]]:
    return set(PINNED.findall(lock.read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name + "/" + lock.name)
def test_a_lock_names_no_address(lock):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ ", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name + "/" + lock.name)
def test_each_package_of_a_lock_has_its_hashes(lock):
    blocks = re.split(r"\n(?=\S)", lock.read_text().strip())
    packages = [block for block in blocks if not block.startswith("#")]
    assert [block for block in packages if not PINNED.match(block) or "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    "lock",
    [lock for lock in LOCKS if lock.name in ("core.lock", "requirements.lock")],
    ids=lambda lock: lock.parent.name,
)
def test_what_is_tested_is_what_is_locked(lock):
    assert pinned(lock) <= pinned(REPOSITORY / "requirements" / "dev.lock")
