"""Passports: nothing but our errors, one text each, and no changed passport that verifies."""

from hauberk.gate import passport
from hauberk.gate.prove import verify_passport
from simulator import good_passport


def seeds() -> list[bytes]:
    _, data = good_passport()
    return [data]


def one_input(data: bytes) -> None:
    chain, good = good_passport()
    read = passport.decode(data)
    assert passport.encode(read) == data
    verify_passport(data, root=chain.root_keys)
    assert data == good
