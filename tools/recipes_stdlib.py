"""Value types of the standard library: real values of each, and what the table says of it."""

from __future__ import annotations

import argparse
import array
import calendar
import collections
import datetime as dt
import decimal
import difflib
import fractions
import functools
import http
import io
import ipaddress
import json
import logging
import operator
import optparse
import os
import pathlib
import pickle
import queue
import random
import re
import signal
import statistics
import string
import time
import types
import urllib.parse
import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any

from recording import State

if TYPE_CHECKING:
    from collections.abc import Iterator

# module, name: rule, what it makes, why
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("_codecs", "encode"): ("latin1", "", "how pickle writes bytes before protocol 3"),
    ("_io", "BytesIO"): ("buffer", "", "bytes in memory"),
    ("_io", "StringIO"): ("buffer", "", "text in memory"),
    ("argparse", "Namespace"): ("", "", "attributes and nothing else"),
    ("array", "_array_reconstructor"): ("array-array", "0", "an array of numbers from bytes"),
    ("array", "array"): ("array-array", "", "an array of numbers"),
    ("builtins", "Ellipsis"): ("", "", "a constant"),
    ("builtins", "NotImplemented"): ("", "", "a constant"),
    ("builtins", "bytearray"): ("containers", "", "bytes in memory"),
    ("builtins", "bytes"): ("containers", "", "bytes in memory"),
    ("builtins", "complex"): ("", "", "a number"),
    ("builtins", "frozenset"): ("containers", "", "a set of values made before"),
    ("builtins", "getattr"): ("getattr", "", "a method or member that the tables hold, reached by its name"),
    ("builtins", "object"): ("", "", "an object without attributes"),
    ("builtins", "range"): ("", "", "three numbers"),
    ("builtins", "set"): ("containers", "", "a set of values made before"),
    ("builtins", "slice"): ("values", "", "three values"),
    ("builtins", "tuple"): ("containers", "", "a tuple of values made before"),
    ("builtins", "type"): ("none-type", "", "the type of None; with three arguments it would make a class"),
    ("collections", "Counter"): ("containers", "", "a dict of numbers"),
    ("collections", "OrderedDict"): ("containers", "", "a dict that keeps its order"),
    ("collections", "defaultdict"): ("default-factory", "", "a dict; the factory is called by look-ups that miss"),
    ("collections", "deque"): ("containers", "", "a list with two ends"),
    ("copyreg", "__newobj__"): ("newobj", "0", "an empty instance, as NEWOBJ makes it"),
    ("copyreg", "_reconstructor"): ("reconstructor", "0", "an empty instance, before protocol 2"),
    ("datetime", "date"): ("values", "", "a day, as numbers"),
    ("datetime", "datetime"): ("values", "", "a time"),
    ("datetime", "time"): ("values", "", "a time of day"),
    ("datetime", "timedelta"): ("", "", "a duration"),
    ("datetime", "timezone"): ("values", "", "an offset; it asks no database"),
    ("decimal", "Decimal"): ("", "", "a number from its digits"),
    ("fractions", "Fraction"): ("fraction", "", "two numbers"),
    ("functools", "partial"): ("partial", "", "a function with arguments, not called while loading"),
    ("ipaddress", "IPv4Address"): ("", "", "an address from a number or text; nothing is contacted"),
    ("ipaddress", "IPv6Address"): ("", "", "an address from a number or text; nothing is contacted"),
    ("ipaddress", "IPv4Network"): ("", "", "a range of addresses"),
    ("ipaddress", "IPv6Network"): ("", "", "a range of addresses"),
    ("pathlib", "PosixPath"): ("", "", "the parts of a path; nothing is opened until a method is called"),
    ("pathlib", "PurePosixPath"): ("", "", "the parts of a path"),
    ("pathlib", "PureWindowsPath"): ("", "", "the parts of a path"),
    ("re", "_compile"): ("pattern", "", "a compiled pattern of bounded length"),
    ("time", "struct_time"): ("struct-time", "", "nine numbers"),
    ("types", "SimpleNamespace"): ("", "", "attributes and nothing else"),
    ("uuid", "SafeUUID.safe"): ("", "", "a constant"),
    ("uuid", "SafeUUID"): ("", "", "a constant"),
    ("zoneinfo", "ZoneInfo"): ("", "", "the class of time zones, named"),
    ("zoneinfo", "ZoneInfo._unpickle"): ("zone", "zoneinfo:ZoneInfo", "a time zone: reads the system's file of it"),
    ("uuid", "UUID"): ("uuid", "", "a number"),
}
ROWS.update(
    {
        ("builtins", "iter"): ("iterator", "", "an iterator over a plain container"),
        ("collections", "ChainMap"): ("", "", "dicts one behind the other"),
        ("collections", "UserDict"): ("", "", "a dict in an attribute"),
        ("collections", "UserList"): ("", "", "a list in an attribute"),
        ("collections", "UserString"): ("user-string", "", "a text in an attribute"),
        ("http", "HTTPStatus"): ("enum", "", "a member of a list of constants"),
        ("ipaddress", "IPv4Interface"): ("", "", "an address with its range"),
        ("ipaddress", "IPv6Interface"): ("", "", "an address with its range"),
        ("logging", "getLogger"): ("", "", "the logger of a name; where it writes to is not the stream's choice"),
        ("operator", "itemgetter"): ("", "", "picks items by constants when it is called"),
        ("random", "Random"): ("random-state", "", "a random generator"),
        ("re", "RegexFlag"): ("enum", "", "a member of a list of constants"),
        ("signal", "Signals"): ("enum", "", "a member of a list of constants"),
        ("statistics", "NormalDist"): ("pair-of-numbers", "", "two numbers"),
        ("pathlib", "Path"): ("", "", "a type, named"),
        ("string", "Template"): ("", "", "a text with places; it is filled when a method is called"),
        ("urllib.parse", "ParseResult"): ("record", "", "the parts of an address; nothing is contacted"),
        ("urllib.parse", "SplitResult"): ("record", "", "the parts of an address; nothing is contacted"),
    }
)
ROWS.update(
    {
        ("_queue", "Empty"): ("values", "", "an exception, made and not raised"),
        ("builtins", "ExceptionGroup"): ("values", "", "exceptions together, made and not raised"),
        ("builtins", "UnicodeDecodeError"): ("values", "", "an exception, made and not raised"),
        ("builtins", "enumerate"): ("iterator", "", "an iterator over a plain container, numbered"),
        ("builtins", "reversed"): ("iterator", "", "an iterator over a plain container, from its end"),
        ("calendar", "Calendar"): ("", "", "a number in an attribute"),
        ("decimal", "DecimalTuple"): ("record", "", "the digits of a number: a tuple with names"),
        ("difflib", "Match"): ("record", "", "three numbers: a tuple with names"),
        ("json.decoder", "JSONDecodeError"): ("values", "", "an exception, made and not raised"),
        ("logging", "Filter"): ("", "", "the name of a logger, and its length"),
        ("os", "stat_result"): ("numbers", "", "numbers about a file; none is asked"),
        ("os", "statvfs_result"): ("numbers", "", "numbers about a disk; none is asked"),
        ("os", "terminal_size"): ("numbers", "", "two numbers"),
        ("posix", "times_result"): ("numbers", "", "five numbers"),
        ("optparse", "Values"): ("", "", "attributes and nothing else"),
        ("typing", "Any"): ("", "", "a type, named"),
    }
)
_NAMED = {
    "builtins": "len sum abs round min max any all ord chr bin hex oct divmod hash zip",
    "math": "log log10 log1p log2 exp expm1 sqrt sin cos tan asin acos atan sinh cosh tanh floor ceil trunc fabs isnan "
    "isfinite isinf pow hypot atan2 degrees radians erf gamma lgamma copysign acosh asinh atanh cbrt exp2 gcd lcm "
    "isclose dist fsum prod fmod frexp ldexp modf remainder",
    "_operator": "add sub mul truediv floordiv mod neg pos eq ne lt le gt ge and_ or_ xor not_ abs pow contains "
    "getitem invert is_ is_not index matmul truth concat",
}
_TEXT_METHODS = ("lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "swapcase", "split",
                 "isdigit", "isalpha", "isalnum", "isnumeric", "islower", "isupper", "isspace", "startswith",
                 "endswith", "replace", "count", "find", "join", "splitlines",
                 "removeprefix", "removesuffix")  # fmt: skip
ROWS.update({("builtins", f"str.{name}"): ("", "", "a method of text, named, not called") for name in _TEXT_METHODS})
for _module, _names in _NAMED.items():
    ROWS.update({(_module, name): ("", "", "a function, named, not called") for name in _names.split()})
_TYPES = ("bool", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple")
ROWS.update(
    {("builtins", name): ("", "", "a built-in type, named") for name in _TYPES if ("builtins", name) not in ROWS}
)
_ERRORS = [
    "ArithmeticError",
    "AttributeError",
    "Exception",
    "FloatingPointError",
    "IndexError",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "OverflowError",
    "RuntimeError",
    "RuntimeWarning",
    "TypeError",
    "UserWarning",
    "ValueError",
    "ZeroDivisionError",
    "AssertionError", "BufferError", "EOFError", "ImportError", "MemoryError", "ModuleNotFoundError", "NameError",
    "OSError", "BlockingIOError", "ChildProcessError", "ConnectionError", "BrokenPipeError", "ConnectionAbortedError",
    "ConnectionRefusedError", "ConnectionResetError", "FileExistsError", "FileNotFoundError", "InterruptedError",
    "IsADirectoryError", "NotADirectoryError", "PermissionError", "ProcessLookupError", "TimeoutError",
    "RecursionError", "ReferenceError", "StopIteration", "StopAsyncIteration", "SyntaxError", "IndentationError",
    "TabError", "SystemError", "UnboundLocalError", "UnicodeError", "Warning", "BytesWarning", "DeprecationWarning",
    "EncodingWarning", "FutureWarning", "ImportWarning", "PendingDeprecationWarning", "ResourceWarning",
    "SyntaxWarning", "UnicodeWarning",
]  # fmt: skip
ROWS.update({("builtins", name): ("values", "", "an exception, made and not raised") for name in _ERRORS})


def states() -> Iterator[State]:
    """Yield pickles in every protocol, and the forms that other writers make."""
    for value in _values():
        for protocol in range(2 if isinstance(value, io.IOBase) else 0, pickle.HIGHEST_PROTOCOL + 1):
            yield State(f"{type(value).__name__} in protocol {protocol}", pickle.dumps(value, protocol))
    yield State("an instance by __newobj__", b"ccopyreg\n__newobj__\n(cargparse\nNamespace\ntR.")
    for name in _TEXT_METHODS:
        yield State(name, pickle.dumps(getattr(str, name), 2))
    yield State("a member by its name", b"cbuiltins\ngetattr\n(cuuid\nSafeUUID\nVsafe\ntR.")
    zone = b"cbuiltins\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VAsia/Tokyo\nI01\ntR."
    if any(pathlib.Path(place, "Asia/Tokyo").exists() for place in zoneinfo.TZPATH):
        yield State("a time zone that was not read before", zone)
    yield State("a tuple from a tuple", b"cbuiltins\ntuple\n((Va\nI1\nttR.")
    yield State("types, named", b"(cpathlib\nPath\nctyping\nAny\nt.")
    yield State("a set from a list", b"cbuiltins\nset\n((lp0\nI1\natR.")


def _values() -> Iterator[Any]:
    tagged = collections.OrderedDict(a=1)
    tagged.note = "kept"  # type: ignore[attr-defined]
    held = io.BytesIO(b"held")
    held.seek(2)
    yield from (tagged, held, io.StringIO("held"), argparse.Namespace(depth=3), array.array("d", [1.0, 2.0]))
    yield from (..., NotImplemented, None.__class__, b"", b"\x80bytes", bytearray(b"ab"), bytearray(), 1j)
    yield from (frozenset({1}), {1, 2}, set(), object(), range(3), slice(1, None), collections.Counter("aab"))
    yield from (collections.OrderedDict(), collections.deque([1], 5), collections.deque([1]))
    yield from (collections.defaultdict(list, a=[1]), collections.defaultdict(None, a=1), collections.defaultdict(int))
    zone = dt.timezone(dt.timedelta(hours=1), "here")
    yield from (dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, tzinfo=zone), dt.timedelta(1), zone)
    yield from (dt.time(1, 2, tzinfo=dt.UTC), dt.datetime(2026, 1, 2), decimal.Decimal("1.5"))  # noqa: DTZ001
    yield from (fractions.Fraction(1, 3), uuid.UUID(int=5), uuid.SafeUUID.safe, re.compile("a+b", re.IGNORECASE))
    yield from (ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("::1"), pathlib.PosixPath("/tmp/x"))
    yield from (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::/64"))
    yield from (pathlib.PurePosixPath("a/b"), pathlib.PureWindowsPath("c:/a"), time.gmtime(0))
    yield types.SimpleNamespace(depth=3)
    yield from (zoneinfo.ZoneInfo("Europe/Paris"), dt.datetime(2026, 1, 2, tzinfo=zoneinfo.ZoneInfo("UTC")))
    yield [getattr(__import__("builtins"), name) for name in _TYPES]
    yield [getattr(__import__("builtins"), name)("said") for name in _ERRORS]
    yield functools.partial(float, 1.0)
    yield from (collections.ChainMap({"a": 1}), collections.UserDict(a=1), collections.UserList([1]))
    yield from (collections.UserString("a"), http.HTTPStatus.OK, re.IGNORECASE | re.MULTILINE, logging.getLogger("a"))
    yield signal.SIGTERM
    yield from (operator.itemgetter(1), operator.itemgetter("a", "b"), random.Random(1), statistics.NormalDist())
    yield from (string.Template("$a"), urllib.parse.urlparse("http://a/b"), urllib.parse.urlsplit("http://a/b"))
    yield from (ipaddress.ip_interface("10.0.0.1/8"), ipaddress.ip_interface("::1/64"))
    yield from (pathlib.Path("/").stat(), os.statvfs("/"))
    yield from (os.times(), os.terminal_size((1, 2)), optparse.Values({"a": 1}), calendar.Calendar())
    yield from (decimal.Decimal(1).as_tuple(), difflib.Match(1, 2, 3), logging.Filter("a"), queue.Empty())
    yield from (ExceptionGroup("said", [ValueError(1)]), UnicodeDecodeError("utf-8", b"a", 0, 1, "said"))
    yield json.JSONDecodeError("said", "text", 0)
    yield [enumerate([1, 2]), enumerate((1,), 3), reversed([1, 2])]
    begun = iter([1, 2])
    next(begun)
    yield [iter([1]), iter((1,)), iter(range(3)), begun]
    for module, names in _NAMED.items():
        yield [getattr(__import__(module), name) for name in names.split()]
