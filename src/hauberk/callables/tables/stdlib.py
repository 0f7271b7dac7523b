"""Safe callables of the standard library. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("Python 3.11.7",)

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "_codecs": {
        "encode": ("import call", "latin1", "", "how pickle writes bytes before protocol 3"),
    },
    "_io": {
        "BytesIO": ("import new build", "buffer", "", "bytes in memory"),
        "StringIO": ("import new build", "buffer", "", "text in memory"),
    },
    "argparse": {
        "Namespace": ("import new build", "", "", "attributes and nothing else"),
    },
    "array": {
        "_array_reconstructor": ("import call", "array-array", "0", "an array of numbers from bytes"),
        "array": ("import call", "array-array", "", "an array of numbers"),
    },
    "builtins": {
        "ArithmeticError": ("import call", "values", "", "an exception, made and not raised"),
        "AttributeError": ("import call", "values", "", "an exception, made and not raised"),
        "Ellipsis": ("import", "", "", "a constant"),
        "Exception": ("import call", "values", "", "an exception, made and not raised"),
        "FloatingPointError": ("import call", "values", "", "an exception, made and not raised"),
        "IndexError": ("import call", "values", "", "an exception, made and not raised"),
        "KeyError": ("import call", "values", "", "an exception, made and not raised"),
        "LookupError": ("import call", "values", "", "an exception, made and not raised"),
        "NotImplemented": ("import", "", "", "a constant"),
        "NotImplementedError": ("import call", "values", "", "an exception, made and not raised"),
        "OverflowError": ("import call", "values", "", "an exception, made and not raised"),
        "RuntimeError": ("import call", "values", "", "an exception, made and not raised"),
        "RuntimeWarning": ("import call", "values", "", "an exception, made and not raised"),
        "TypeError": ("import call", "values", "", "an exception, made and not raised"),
        "UserWarning": ("import call", "values", "", "an exception, made and not raised"),
        "ValueError": ("import call", "values", "", "an exception, made and not raised"),
        "ZeroDivisionError": ("import call", "values", "", "an exception, made and not raised"),
        "bool": ("import", "", "", "a built-in type, named"),
        "bytearray": ("import call", "containers", "", "bytes in memory"),
        "bytes": ("import call", "containers", "", "bytes in memory"),
        "complex": ("import call", "", "", "a number"),
        "dict": ("import", "", "", "a built-in type, named"),
        "float": ("import", "", "", "a built-in type, named"),
        "frozenset": ("import call", "containers", "", "a set of values made before"),
        "getattr": ("import call", "getattr", "", "a method or member that the tables hold, reached by its name"),
        "int": ("import", "", "", "a built-in type, named"),
        "list": ("import", "", "", "a built-in type, named"),
        "object": ("import new", "", "", "an object without attributes"),
        "range": ("import call", "", "", "three numbers"),
        "set": ("import call", "containers", "", "a set of values made before"),
        "slice": ("import call", "values", "", "three values"),
        "str": ("import", "", "", "a built-in type, named"),
        "tuple": ("import", "", "", "a built-in type, named"),
        "type": ("import call", "none-type", "", "the type of None; with three arguments it would make a class"),
    },
    "collections": {
        "Counter": ("import call", "containers", "", "a dict of numbers"),
        "OrderedDict": ("import call build extend", "containers", "", "a dict that keeps its order"),
        "defaultdict": (
            "import call extend",
            "default-factory",
            "",
            "a dict; the factory is called by look-ups that miss",
        ),
        "deque": ("import call extend", "containers", "", "a list with two ends"),
    },
    "copyreg": {
        "__newobj__": ("import call", "newobj", "0", "an empty instance, as NEWOBJ makes it"),
        "_reconstructor": ("import call", "reconstructor", "0", "an empty instance, before protocol 2"),
    },
    "datetime": {
        "date": ("import call", "values", "", "a day, as numbers"),
        "datetime": ("import call", "values", "", "a time"),
        "time": ("import call", "values", "", "a time of day"),
        "timedelta": ("import call", "", "", "a duration"),
        "timezone": ("import call", "values", "", "an offset; it asks no database"),
    },
    "decimal": {
        "Decimal": ("import call", "", "", "a number from its digits"),
    },
    "fractions": {
        "Fraction": ("import call", "fraction", "", "two numbers"),
    },
    "functools": {
        "partial": ("import call build", "partial", "", "a function with arguments, not called while loading"),
    },
    "ipaddress": {
        "IPv4Address": ("import call", "", "", "an address from a number or text; nothing is contacted"),
        "IPv4Network": ("import call", "", "", "a range of addresses"),
        "IPv6Address": ("import call", "", "", "an address from a number or text; nothing is contacted"),
        "IPv6Network": ("import call", "", "", "a range of addresses"),
    },
    "pathlib": {
        "PosixPath": ("import call", "", "", "the parts of a path; nothing is opened until a method is called"),
        "PurePosixPath": ("import call", "", "", "the parts of a path"),
        "PureWindowsPath": ("import call", "", "", "the parts of a path"),
    },
    "re": {
        "_compile": ("import call", "pattern", "", "a compiled pattern of bounded length"),
    },
    "time": {
        "struct_time": ("import call", "struct-time", "", "nine numbers"),
    },
    "types": {
        "SimpleNamespace": ("import call build", "", "", "attributes and nothing else"),
    },
    "uuid": {
        "SafeUUID": ("import call", "", "", "a constant"),
        "SafeUUID.safe": ("import", "", "", "a constant"),
        "UUID": ("import new build", "uuid", "", "a number"),
    },
    "zoneinfo": {
        "ZoneInfo": ("import", "", "", "the class of time zones, named"),
        "ZoneInfo._unpickle": (
            "import call",
            "zone",
            "zoneinfo:ZoneInfo",
            "a time zone: reads the system's file of it",
        ),
    },
}
