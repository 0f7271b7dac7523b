"""NumPy: arrays, scalars, data types, random generators, functions of arrays."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
from recording import State

if TYPE_CHECKING:
    from collections.abc import Iterator

_PICKLED = "numpy.random._pickle"
_BITS = "numpy.random.bit_generator:BitGenerator"
_RANDOM_STATE = "numpy.random.mtrand:RandomState"

ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("numpy", "dtype"): ("dtype", "", "a data type; its state is checked, because NumPy believes it"),
    ("numpy", "ndarray"): ("array", "", "an array; its state is checked, because NumPy believes its shape"),
    ("numpy", "matrix"): ("array", "", "an array of two dimensions"),
    ("numpy", "memmap"): ("", "", "a class of arrays, as old wrappers of joblib named"),
    ("numpy.char", "chararray"): ("array", "", "an array of text"),
    ("numpy", "recarray"): ("array", "", "an array of records"),
    ("numpy.rec", "recarray"): ("array", "", "an array of records"),
    ("numpy.ma", "MaskedArray"): ("masked-array", "", "an array with a mask"),
    ("numpy.ma.core", "MaskedArray"): ("masked-array", "", "an array with a mask, as older releases name it"),
    ("numpy.ma.core", "mvoid"): ("masked-array", "", "a record with a mask"),
    ("numpy.ma.core", "MaskedConstant"): ("", "", "the one value that is missing"),
    ("numpy.lib", "NumpyVersion"): ("", "", "a version: numbers and text"),
    ("numpy.ma.core", "_mareconstruct"): ("masked-reconstruct", "0", "an empty masked array"),
    (_PICKLED, "__bit_generator_ctor"): ("bit-generator", _BITS, "a bit generator; it calls what it is given"),
    (_PICKLED, "__generator_ctor"): ("generator", "numpy.random._generator:Generator", "a random generator"),
    (_PICKLED, "__randomstate_ctor"): ("generator", _RANDOM_STATE, "a random generator of the older kind"),
    ("numpy.random.bit_generator", "BitGenerator"): (
        "bit-generator",
        "",
        "any bit generator, given its state",
    ),
    ("numpy.random.mtrand", "RandomState"): ("generator", "", "a random generator of the older kind"),
    ("numpy.random.bit_generator", "SeedSequence"): ("seed-sequence", "", "seeds of random generators"),
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"): ("seed-sequence", "0", "seeds of random generators"),
}
for _bits in ("_mt19937", "_pcg64", "_philox", "_sfc64"):
    for _name in {
        "_mt19937": ["MT19937"],
        "_pcg64": ["PCG64", "PCG64DXSM"],
        "_philox": ["Philox"],
        "_sfc64": ["SFC64"],
    }[_bits]:
        ROWS["numpy.random." + _bits, _name] = ("", "", "a class of bit generators, named")
ROWS["numpy.core", "_ufunc_reconstruct"] = ("ufunc", "", "an array function by name; it imports what it is told")
for _core in ("numpy._core", "numpy.core"):
    ROWS[_core + ".multiarray", "_reconstruct"] = ("reconstruct", "0", "an empty array")
    ROWS[_core + ".multiarray", "scalar"] = ("scalar", "", "a number, text or record")
    ROWS[_core + ".numeric", "_frombuffer"] = ("frombuffer", "numpy:ndarray", "an array over bytes of the stream")

ROWS["numpy", "vectorize"] = ("vectorize", "", "calls a function for each item; a distribution's own, or a plain one")
ROWS["numpy", "poly1d"] = ("", "", "a polynomial: an array in an attribute")
ROWS["numpy", "iinfo"] = ("", "", "limits of a data type")
for _kind in ("Polynomial", "Chebyshev", "Legendre", "Laguerre", "Hermite", "HermiteE"):
    _place = "hermite_e" if _kind == "HermiteE" else _kind.lower()
    ROWS["numpy.polynomial." + _place, _kind] = ("", "", "a polynomial: arrays in attributes")
_RESULTS = {
    "numpy.linalg._linalg": ("EigResult", "EighResult", "QRResult", "SVDResult", "SlogdetResult"),
    "numpy.lib._arraysetops_impl": ("UniqueAllResult", "UniqueCountsResult", "UniqueInverseResult"),
}
for _module, _names in _RESULTS.items():
    for _name in _names:
        ROWS[_module, _name] = ("record", "", "a result: a tuple with names")
ROWS["numpy.linalg", "LinAlgError"] = ("", "", "an error with what it says")
_ERRORS = (
    "AxisError",
    "ComplexWarning",
    "DTypePromotionError",
    "RankWarning",
    "TooHardError",
    "VisibleDeprecationWarning",
)
for _name in _ERRORS:
    ROWS["numpy.exceptions", _name] = ("", "", "an error or a warning with what it says")
_LINEAR = ("norm inv det pinv solve lstsq svd svdvals eig eigh eigvals eigvalsh qr cholesky matrix_rank slogdet cond "
           "matrix_power tensorinv")  # fmt: skip
for _module, _names in (("numpy.linalg", tuple(_LINEAR.split())), ("numpy.fft", ("fft", "ifft", "rfft"))):
    for _name in _names:
        ROWS[_module, _name] = ("", "", "a function of arrays, named, not called")

_TYPES = [
    "bool",
    "bool_",
    "bytes_",
    "complex128",
    "complex64",
    "datetime64",
    "float16",
    "float32",
    "float64",
    "int16",
    "int32",
    "int64",
    "int8",
    "longdouble",
    "clongdouble",
    "longlong",
    "ulonglong",
    "intc",
    "uintc",
    "intp",
    "object_",
    "record",
    "str_",
    "timedelta64",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "void",
    "floating",
    "integer",
    "number",
    "generic",
    "inexact",
    "signedinteger",
    "unsignedinteger",
]
_UFUNCS = tuple(sorted(name for name in vars(np) if isinstance(getattr(np, name), np.ufunc)))
# No function that makes as many numbers as it is told, such as `zeros`, or that calls what it is given, such as `pad`.
_FUNCTIONS = [
    "allclose",
    "argwhere",
    "array",
    "array_equal",
    "column_stack",
    "corrcoef",
    "count_nonzero",
    "cov",
    "cross",
    "diag",
    "diagonal",
    "digitize",
    "dstack",
    "flip",
    "fliplr",
    "flipud",
    "gradient",
    "imag",
    "inner",
    "interp",
    "isclose",
    "isin",
    "moveaxis",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nonzero",
    "outer",
    "real",
    "roll",
    "rot90",
    "searchsorted",
    "swapaxes",
    "trace",
    "trapezoid",
    "tril",
    "triu",
    "vdot",
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "around",
    "asarray",
    "atleast_1d",
    "atleast_2d",
    "average",
    "clip",
    "concatenate",
    "cumprod",
    "cumsum",
    "diff",
    "dot",
    "expand_dims",
    "hstack",
    "max",
    "mean",
    "median",
    "min",
    "nan_to_num",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "prod",
    "ptp",
    "quantile",
    "ravel",
    "reshape",
    "round",
    "sort",
    "squeeze",
    "stack",
    "std",
    "sum",
    "take",
    "transpose",
    "unique",
    "var",
    "vstack",
    "where",
]
for _name in _TYPES:
    ROWS["numpy", _name] = ("", "", "a type of numbers, named")
for _module in ("numpy", "numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
    for _name in _UFUNCS:
        if hasattr(np._core._multiarray_umath, _name) or _module == "numpy":  # noqa: SLF001
            ROWS[_module, _name] = ("", "", "a function of arrays, named, not called")
for _name in _FUNCTIONS:
    ROWS["numpy", _name] = ("", "", "a function of arrays without files or callables, named, not called")


def states() -> Iterator[State]:
    """Yield pickles in every protocol and under the names of NumPy 1 and 2."""
    for value in _values():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data = pickle.dumps(value, protocol)
            yield State(f"{type(value).__name__} in protocol {protocol}", data)
            if protocol == 2 and b"numpy._core" in data:  # its opcodes are text: names may change length
                yield State(f"{type(value).__name__} of NumPy 1", data.replace(b"numpy._core", b"numpy.core"))
    for module, name in ROWS:
        if ROWS[module, name][2].endswith(("named", "named, not called")):
            yield State(f"{module}.{name}", f"c{module}\n{name}\n.".encode())
    yield State("an array function by name", b"cnumpy.core\n_ufunc_reconstruct\n(Vnumpy\nVlog1p\ntR.")
    kind = pickle.dumps(np.dtype("f8"), 2)[2:-1]
    buffer = b"\x80\x05cnumpy.core.numeric\n_frombuffer\n(C\x08" + bytes(8) + kind + b"K\x01\x85X\x01\x00\x00\x00CtR."
    yield State("an array over bytes of NumPy 1", buffer)
    masked = pickle.dumps(np.ma.array([1.0], mask=[0]), 2)
    yield State("a masked array of NumPy 1", masked.replace(b"cnumpy.ma\nMaskedArray", b"cnumpy.ma.core\nMaskedArray"))
    records = pickle.dumps(np.zeros(2, "i4,f8").view(np.recarray), 2)
    yield State("records of NumPy 1", records.replace(b"cnumpy.rec\nrecarray", b"cnumpy\nrecarray"))
    old = b"cnumpy.random._pickle\n__randomstate_ctor\n(VMT19937\ncnumpy.random._pickle\n__bit_generator_ctor\ntR."
    yield State("a random state of NumPy 1", old)
    yield State("a bit generator of NumPy 1", b"cnumpy.random._pickle\n__bit_generator_ctor\n(VPCG64\ntR.")
    yield State("RandomState, named", b"cnumpy.random.mtrand\nRandomState\n.")
    yield State("BitGenerator, named", b"cnumpy.random.bit_generator\nBitGenerator\n.")
    yield State("a void without contents", pickle.dumps(np.zeros(1, "V5")[0], 4))


def _values() -> Iterator[Any]:
    yield from (
        np.zeros(3),
        np.zeros((2, 3))[:, ::2],
        np.asfortranarray(np.ones((2, 2))),
        np.array(["a", None], object),
    )
    yield from (np.array([b"a"]), np.array(["ab"]), np.zeros(2, "i4,f8"), np.zeros(0, [("a", "O"), ("b", "M8[ns]")]))
    yield from (np.zeros(2, np.dtype("i4,f8", align=True)), np.zeros(1, [("a", "f4", (2, 2))]), np.array(5.0))
    yield from (np.matrix([1.0]), np.zeros(2, "i4,f8").view(np.recarray), np.array(["2026"], "M8[D]"))
    yield from (
        np.float64(1),
        np.int8(1),
        np.bool_(1),
        np.str_("a"),
        np.bytes_(b"a"),
        np.complex64(1),
        np.datetime64("2026"),
    )
    yield from (
        np.zeros(2, "i4,f8")[0],
        np.float64(1).dtype,
        np.dtype("O"),
        np.dtype(">U5"),
        np.dtype("i4", metadata={}),
    )
    yield from (
        np.dtype({"names": ["a"], "formats": ["i4"], "offsets": [4], "titles": ["t"]}),
        np.dtype([("a", "i4,O")]),
    )
    yield from (np.ma.array([1.0, 2.0], mask=[0, 1]), np.ma.array(["a", 1], object, mask=[0, 1], fill_value="?"))
    yield from (np.random.RandomState(1), np.random.default_rng(1))
    kinds = (np.random.MT19937, np.random.PCG64, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64)
    yield from (kind(1) for kind in kinds)
    yield np.random.SeedSequence(1).spawn(2)
    yield from (np.poly1d([1, 2]), np.iinfo("i4"), np.vectorize(np.log1p))
    yield from (np.char.array(["a", "b"]), np.ma.zeros(2, "i4,f8")[0], np.ma.masked)
    whole = np.eye(2)
    yield from (np.linalg.eig(whole), np.linalg.eigh(whole), np.linalg.qr(whole), np.linalg.svd(whole))
    yield from (np.linalg.slogdet(whole), np.unique_all(whole), np.unique_counts(whole), np.unique_inverse(whole))
    yield from (np.lib.NumpyVersion("2.0.0"), np.linalg.LinAlgError("said"))
    yield [getattr(np.exceptions, name)("said") for name in _ERRORS]
    for kind in ("Polynomial", "Chebyshev", "Legendre", "Laguerre", "Hermite", "HermiteE"):
        yield getattr(np.polynomial, kind)([1, 2])
