"""Vectors of the files that gradient boosting libraries write."""

from __future__ import annotations

from vector import Vector


def key(name: bytes) -> bytes:
    """Return a key of a UBJSON object, with its length as XGBoost writes it."""
    return b"L" + len(name).to_bytes(8, "big") + name


FLOATS = b"[$d#L" + (2).to_bytes(8, "big") + bytes(8)
MODEL = (
    b"{" + key(b"learner") + b"{" + key(b"weights") + FLOATS + b"}" + key(b"version") + b"[$i#i\x03\x03\x02\x00" + b"}"
)
CBM = b"CBM1" + (8).to_bytes(4, "little") + bytes(8)
PARTS = b"CBM1" + (24).to_bytes(4, "little") + b"static_ctr_provider_v1\0\0"

FORMATS = (
    Vector("ubjson", "model", MODEL, "a learner with weights, and a version"),
    Vector("ubjson", "counted", b"{#i\x01i\x01aSi\x01b", "an object with a count, and no end marker"),
    Vector("ubjson", "plain-array", b"{i\x01a[i\x01U\x02TFNZ]}", "an array that an end marker ends"),
    Vector("ubjson", "cut", MODEL[:-1], "no end", (), "ends inside"),
    Vector("ubjson", "behind", MODEL + b"x", "a byte behind the end", (), "behind the last value"),
    Vector("ubjson", "marker", b"{i\x01a?}", "no such marker", (), "no marker of UBJSON"),
    Vector(
        "ubjson", "long-array", b"{i\x01a[$d#L\x7f" + bytes(7) + b"}", "an array longer than the file", (), "are left"
    ),
    Vector("ubjson", "negative", b"{i\x01a[$d#i\xff}", "a negative count", (), "a length of -1"),
    Vector("ubjson", "typed-object", b"{i\x01a{$i#i\x01i\x01b\x01}", "an object with a type", (), "one type for all"),
    Vector("ubjson", "deep", b"{i\x01a" + b"[" * 100 + b"]" * 100 + b"}", "nested deep", (), "nested deeper"),
    Vector("catboost", "buffer", CBM, "a buffer and nothing else"),
    Vector("catboost", "parts", PARTS + b"tables", "a buffer that names the parts behind it"),
    Vector("catboost", "cut", CBM[:-1], "a byte is missing", (), "are left"),
    Vector("catboost", "behind", CBM + b"x", "a byte behind the end", (), "names no part"),
)
READERS = {"ubjson": "hauberk.formats.model.ubjson", "catboost": "hauberk.formats.model.catboost"}
