"""pandas: frames, series, indexes, arrays, data types, times and offsets, under today's names and older ones.

Text is kept by Arrow where pyarrow is installed, and by pandas alone elsewhere: states of both are made.
"""

from __future__ import annotations

import importlib
import pickle
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from recording import State

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("pandas.core.indexes.base", "_new_Index"): ("pandas", "0", "an index of values"),
    ("pandas.core.indexes.datetimes", "_new_DatetimeIndex"): ("pandas", "0", "an index of times"),
    ("pandas.core.indexes.timedeltas", "_new_TimedeltaIndex"): ("pandas", "0", "an index of durations"),
    ("pandas.core.indexes.interval", "_new_IntervalIndex"): ("pandas", "0", "an index of intervals"),
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"): ("pandas", "0", "an empty array: its state follows"),
    ("dateutil.relativedelta", "relativedelta"): ("pandas", "", "a duration: numbers in attributes"),
    ("pytz", "_UTC"): ("", "", "a time zone without a file"),
    ("pytz", "_p"): ("zone", "", "a time zone: reads the file of it that pytz brings"),
    ("pytz", "FixedOffset"): ("", "", "a time zone by its minutes, without a file"),
    ("dateutil.tz.tz", "tzutc"): ("", "", "a time zone without a file"),
    ("pyarrow.lib", "_restore_array"): ("arrow-array", "", "an array over buffers that are long enough"),
    ("pyarrow.lib", "py_buffer"): ("arrow-buffer", "", "bytes in memory"),
    ("pyarrow.lib", "type_for_alias"): ("arrow-type", "", "a type by its name"),
    ("pyarrow.lib", "timestamp"): ("arrow-time", "", "the type of times"),
    ("pandas.arrays", "ArrowStringArray"): ("arrow-backed", "", "a column over an array of Arrow"),
    ("pandas.arrays", "ArrowExtensionArray"): ("arrow-backed", "", "a column over an array of Arrow"),
}  # fmt: skip
for _name in (
    "concat",
    "get_dummies",
    "isna",
    "isnull",
    "notna",
    "notnull",
    "to_datetime",
    "to_numeric",
    "to_timedelta",
):
    ROWS["pandas", _name] = ("", "", "a function of values, named, not called")
# Where releases before 3.0 said that a class is; it still is there.
_OLDER = {
    ("pandas", "DataFrame"): "pandas.core.frame",
    ("pandas", "Series"): "pandas.core.series",
    ("pandas", "Index"): "pandas.core.indexes.base",
    ("pandas", "RangeIndex"): "pandas.core.indexes.range",
    ("pandas", "MultiIndex"): "pandas.core.indexes.multi",
    ("pandas", "DatetimeIndex"): "pandas.core.indexes.datetimes",
    ("pandas", "TimedeltaIndex"): "pandas.core.indexes.timedeltas",
    ("pandas", "PeriodIndex"): "pandas.core.indexes.period",
    ("pandas", "IntervalIndex"): "pandas.core.indexes.interval",
    ("pandas", "CategoricalIndex"): "pandas.core.indexes.category",
    ("pandas", "Categorical"): "pandas.core.arrays.categorical",
    ("pandas", "CategoricalDtype"): "pandas.core.dtypes.dtypes",
    ("pandas", "DatetimeTZDtype"): "pandas.core.dtypes.dtypes",
    ("pandas", "IntervalDtype"): "pandas.core.dtypes.dtypes",
    ("pandas", "PeriodDtype"): "pandas.core.dtypes.dtypes",
    ("pandas", "SparseDtype"): "pandas.core.dtypes.dtypes",
    ("pandas", "StringDtype"): "pandas.core.arrays.string_",
    ("pandas", "BooleanDtype"): "pandas.core.arrays.boolean",
    ("pandas", "DateOffset"): "pandas._libs.tslibs.offsets",
    ("pandas", "Interval"): "pandas._libs.interval",
    ("pandas", "Period"): "pandas._libs.tslibs.period",
    ("pandas", "NA"): "pandas._libs.missing",
    ("pandas.arrays", "DatetimeArray"): "pandas.core.arrays.datetimes",
    ("pandas.arrays", "TimedeltaArray"): "pandas.core.arrays.timedeltas",
    ("pandas.arrays", "PeriodArray"): "pandas.core.arrays.period",
    ("pandas.arrays", "IntervalArray"): "pandas.core.arrays.interval",
    ("pandas.arrays", "StringArray"): "pandas.core.arrays.string_",
    ("pandas.arrays", "BooleanArray"): "pandas.core.arrays.boolean",
    ("pandas.arrays", "IntegerArray"): "pandas.core.arrays.integer",
    ("pandas.arrays", "FloatingArray"): "pandas.core.arrays.floating",
    ("pandas.arrays", "SparseArray"): "pandas.core.arrays.sparse.array",
    ("pandas.arrays", "NumpyExtensionArray"): "pandas.core.arrays.numpy_",
}
for _kind in ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"):
    _OLDER["pandas", f"{_kind}Dtype"] = "pandas.core.arrays.integer"
for _kind in ("Float32", "Float64"):
    _OLDER["pandas", f"{_kind}Dtype"] = "pandas.core.arrays.floating"


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason: what is of pandas has one rule."""
    if module.partition(".")[0] != "pandas":
        print(f"left out {module}.{name} {taken}", file=sys.stderr)
        return None
    return ("pandas", "", "a value of pandas, made of values")


def states() -> Iterator[State]:
    """Yield pickles in every protocol, and in protocol 2 under the names of older releases."""
    warnings.simplefilter("ignore")
    with pd.option_context("mode.string_storage", "python"):
        values = list(_values())
    values += [*_values(), *_of_arrow()]
    for number, value in enumerate(values):
        label = f"{type(value).__name__} {number}"
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data = pickle.dumps(value, protocol)
            yield State(f"{label} in protocol {protocol}", data)
        older = pickle.dumps(value, 2)
        for (module, name), place in _OLDER.items():
            if getattr(importlib.import_module(place), name, None) is getattr(importlib.import_module(module), name):
                older = older.replace(f"c{module}\n{name}\n".encode(), f"c{place}\n{name}\n".encode())
        yield State(f"{label} of older releases", older)
    yield from _gone()
    for module, name in ROWS:
        if ROWS[module, name][2].endswith("named, not called"):
            yield State(f"{module}.{name}", f"c{module}\n{name}\n.".encode())
    for minutes in (60, -90):
        yield State("minutes of pytz", f"cpytz\nFixedOffset\n(I{minutes}\ntR.".encode())
    yield State("UTC of dateutil", b"cdateutil.tz.tz\ntzutc\n)R.")


def _of_arrow() -> Iterator[Any]:
    """Yield columns that Arrow keeps."""
    times = pd.to_datetime(["2020-01-01", "2021-01-01"])
    frame = pd.DataFrame({"a": [1, None], "b": ["x", None], "c": times, "d": [True, None], "e": [0.5, None]})
    yield frame.convert_dtypes(dtype_backend="pyarrow")
    yield pd.array(["a", None], dtype="string[pyarrow]")
    yield pd.array(pd.to_timedelta(["1D"]), dtype="duration[ns][pyarrow]")
    for kind in ("int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64", "float", "double", "string"):
        yield pd.array([1 if kind != "string" else "a"], dtype=f"{kind}[pyarrow]")
    yield pd.ArrowDtype(frame.convert_dtypes(dtype_backend="pyarrow").a.array._pa_array.type)  # noqa: SLF001


def _gone() -> Iterator[State]:
    """Yield what older releases wrote and this one reads, through `pandas.read_pickle` where a name is gone."""
    numbers = {
        "Int64Index": pd.Index([1, 2]),
        "UInt64Index": pd.Index([1], dtype="u8"),
        "Float64Index": pd.Index([1.5]),
    }
    for name, value in numbers.items():
        data = pickle.dumps(value, 2)
        yield State(name, data.replace(b"cpandas\nIndex\n", b"cpandas.core.indexes.numeric\n%s\n" % name.encode()))
    frame = pickle.dumps(pd.DataFrame({"a": [1]}), 2)
    block = b"cpandas._libs.internals\n_unpickle_block\n"
    yield State("a block of 1.3", frame.replace(block, b"cpandas.core.internals.blocks\nnew_block\n"))
    sparse = pickle.dumps(pd.SparseDtype("int"), 2)
    yield State("SparseDtype", sparse.replace(b"cpandas\nSpa", b"cpandas.core.arrays.sparse.dtype\nSpa"))
    yield State("NaT", b"cpandas._libs.tslibs.nattype\n__nat_unpickle\n(NtR.")
    text = b"cpandas.core.arrays.string_\nStringDtype\n(VpythontR."
    yield State("text", text.replace(b"pythontR", b"python\ntR"))
    yield State("text by its state", b"\x80\x02cpandas.core.arrays.string_\nStringDtype\n)\x81}(Vstorage\nVpython\nub.")
    place = b"cpandas._libs.tslibs.offsets\nDateOffset\n)\x81}(Vn\nK\x01Vnormalize\n\x89V_use_relativedelta\n\x88ub."
    yield State("an offset by its state", b"\x80\x02" + place)
    yield State("UTC of pytz", b"cpytz\n_UTC\n)R.")
    yield State("a zone of pytz", b"cpytz\n_p\n(VAsia/Tokyo\nI32400\nI0\nVJST\ntR.")


def _values() -> Iterator[Any]:
    times = pd.to_datetime(["2020-01-01", "2021-01-01"])
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": times, "d": pd.Categorical(["u", "v"]), "e": [0.5, None]})
    kept = frame.copy()
    kept.attrs["source"] = "here"
    yield from (frame, frame.set_index("b"), frame.set_index(["a", "b"]), frame["a"], frame["d"], frame[["a"]], kept)
    yield from (frame.T, frame.iloc[::2], frame[frame.a > 5], pd.DataFrame(), pd.Series(dtype=float), frame.dtypes)
    yield from (pd.get_dummies(frame.b), frame.describe(), frame.astype({"b": object}), frame.convert_dtypes())
    yield pd.DataFrame(np.zeros((3, 2)), columns=["x", "y"], index=pd.date_range("2020", periods=3, freq="D"))
    yield pd.DataFrame(np.zeros((3, 2)), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))
    yield from (pd.Series(times), pd.Series(times.tz_localize("UTC")), pd.Series(times.tz_localize("Europe/Paris")))
    yield from (pd.Index([1, 2]), pd.Index(["a"]), pd.Index([1.5]), pd.Index([1, "a"], dtype=object), pd.RangeIndex(3))
    yield from (times, times.tz_localize("UTC"), pd.date_range("2020", periods=3, freq="MS"), pd.TimedeltaIndex(["1D"]))
    yield from (pd.MultiIndex.from_tuples([(1, "a")], names=["n", None]), pd.CategoricalIndex(["a"]))
    yield from (pd.IntervalIndex.from_breaks([1, 2, 3]), pd.PeriodIndex(["2020"], freq="M"), pd.cut([1, 2, 3], 2))
    yield from (pd.Timestamp("2020"), pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020", tz="Europe/Paris"))
    yield from (pd.Timedelta("1D"), pd.Period("2020", freq="M"), pd.NaT, pd.NA, pd.Interval(1, 2, "left"))
    for kind in ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64"):
        yield pd.Series([1, None], dtype=kind)
        yield getattr(pd, f"{kind}Dtype")()
    yield from (
        pd.array(["a", None], dtype="string"),
        pd.array([True, None], dtype="boolean"),
        pd.arrays.SparseArray([0, 1]),
    )
    yield from (pd.array(np.zeros(2)), pd.array(times), pd.array(pd.to_timedelta(["1D"])), pd.array(["a"], dtype="str"))
    yield from (pd.CategoricalDtype(["a"], ordered=True), pd.CategoricalDtype(), pd.DatetimeTZDtype(tz="UTC"))
    yield from (pd.StringDtype(), pd.StringDtype("python", np.nan), pd.PeriodDtype("M"), pd.IntervalDtype("int64"))
    yield from (pd.SparseDtype("int"), pd.BooleanDtype(), pd.Series(pd.arrays.SparseArray([0.0, 1.0])))
    yield pd.DataFrame({"a": pd.arrays.SparseArray([0, 1])})
    offsets = pd.offsets
    yield from (offsets.MonthEnd(), offsets.MonthBegin(2), offsets.Day(3), offsets.Hour(), offsets.Minute(5))
    yield from (
        offsets.BusinessDay(),
        offsets.Week(weekday=1),
        offsets.QuarterEnd(),
        offsets.YearEnd(),
        offsets.YearBegin(),
    )
    yield from (offsets.Second(), offsets.Milli(), offsets.Micro(), offsets.Nano(), offsets.QuarterBegin())
    yield from (offsets.BusinessHour(), offsets.Easter(), offsets.FY5253(weekday=1), offsets.WeekOfMonth())
    yield from (offsets.CustomBusinessDay(), offsets.LastWeekOfMonth(), offsets.BQuarterEnd(), offsets.BYearEnd())
    asked = pd.BooleanDtype()
    asked.itemsize  # noqa: B018 - which it keeps
    yield asked
    yield from (pd.DateOffset(months=1), pd.DateOffset(), offsets.BMonthEnd(), offsets.SemiMonthEnd())
