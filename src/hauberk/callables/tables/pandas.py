"""Safe callables of pandas, with Arrow. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("pandas 3.1.1", "pyarrow 26.0.1")

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "dateutil.relativedelta": {
        "relativedelta": ("import new build", "pandas", "", "a duration: numbers in attributes"),
    },
    "dateutil.tz.tz": {
        "tzutc": ("import call", "", "", "a time zone without a file"),
    },
    "pandas": {
        "ArrowDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "BooleanDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "Categorical": ("import build", "pandas", "", "a value of pandas, made of values"),
        "CategoricalDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "CategoricalIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "DataFrame": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "DateOffset": ("import call build", "pandas", "", "a value of pandas, made of values"),
        "DatetimeIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "DatetimeTZDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "Float32Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "Float64Dtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "Index": ("import", "pandas", "", "a value of pandas, made of values"),
        "Int16Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "Int32Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "Int64Dtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "Int8Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "Interval": ("import call", "pandas", "", "a value of pandas, made of values"),
        "IntervalDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "IntervalIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "MultiIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "NA": ("import", "pandas", "", "a value of pandas, made of values"),
        "Period": ("import call", "pandas", "", "a value of pandas, made of values"),
        "PeriodDtype": ("import call", "pandas", "", "a value of pandas, made of values"),
        "PeriodIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "RangeIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "Series": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "SparseDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "StringDtype": ("import call", "pandas", "", "a value of pandas, made of values"),
        "TimedeltaIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "UInt16Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "UInt32Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "UInt64Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "UInt8Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "concat": ("import", "", "", "a function of values, named, not called"),
        "get_dummies": ("import", "", "", "a function of values, named, not called"),
        "isna": ("import", "", "", "a function of values, named, not called"),
        "isnull": ("import", "", "", "a function of values, named, not called"),
        "notna": ("import", "", "", "a function of values, named, not called"),
        "notnull": ("import", "", "", "a function of values, named, not called"),
        "to_datetime": ("import", "", "", "a function of values, named, not called"),
        "to_numeric": ("import", "", "", "a function of values, named, not called"),
        "to_timedelta": ("import", "", "", "a function of values, named, not called"),
    },
    "pandas._libs.arrays": {
        "__pyx_unpickle_NDArrayBacked": ("import call", "pandas", "0", "an empty array: its state follows"),
    },
    "pandas._libs.internals": {
        "_unpickle_block": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.interval": {
        "Interval": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.missing": {
        "NA": ("import", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.sparse": {
        "IntIndex": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.tslibs.nattype": {
        "__nat_unpickle": ("import call", "pandas", "", "a value of pandas, made of values"),
        "_nat_unpickle": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.tslibs.offsets": {
        "BQuarterEnd": ("import call", "pandas", "", "a value of pandas, made of values"),
        "BYearEnd": ("import call", "pandas", "", "a value of pandas, made of values"),
        "BusinessDay": ("import call", "pandas", "", "a value of pandas, made of values"),
        "BusinessHour": ("import call", "pandas", "", "a value of pandas, made of values"),
        "BusinessMonthEnd": ("import call", "pandas", "", "a value of pandas, made of values"),
        "CustomBusinessDay": ("import call", "pandas", "", "a value of pandas, made of values"),
        "DateOffset": ("import new call build", "pandas", "", "a value of pandas, made of values"),
        "Day": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Easter": ("import call", "pandas", "", "a value of pandas, made of values"),
        "FY5253": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Hour": ("import call", "pandas", "", "a value of pandas, made of values"),
        "LastWeekOfMonth": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Micro": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Milli": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Minute": ("import call", "pandas", "", "a value of pandas, made of values"),
        "MonthBegin": ("import call", "pandas", "", "a value of pandas, made of values"),
        "MonthEnd": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Nano": ("import call", "pandas", "", "a value of pandas, made of values"),
        "QuarterBegin": ("import call", "pandas", "", "a value of pandas, made of values"),
        "QuarterEnd": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Second": ("import call", "pandas", "", "a value of pandas, made of values"),
        "SemiMonthEnd": ("import call", "pandas", "", "a value of pandas, made of values"),
        "Week": ("import call", "pandas", "", "a value of pandas, made of values"),
        "WeekOfMonth": ("import call", "pandas", "", "a value of pandas, made of values"),
        "YearBegin": ("import call", "pandas", "", "a value of pandas, made of values"),
        "YearEnd": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.tslibs.period": {
        "Period": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.tslibs.timedeltas": {
        "_timedelta_unpickle": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas._libs.tslibs.timestamps": {
        "_unpickle_timestamp": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.arrays": {
        "ArrowExtensionArray": ("import new build", "arrow-backed", "", "a column over an array of Arrow"),
        "ArrowStringArray": ("import new build", "arrow-backed", "", "a column over an array of Arrow"),
        "BooleanArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "DatetimeArray": ("import build", "pandas", "", "a value of pandas, made of values"),
        "FloatingArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "IntegerArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "PeriodArray": ("import build", "pandas", "", "a value of pandas, made of values"),
        "SparseArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "StringArray": ("import build", "pandas", "", "a value of pandas, made of values"),
        "TimedeltaArray": ("import build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.boolean": {
        "BooleanArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "BooleanDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.categorical": {
        "Categorical": ("import build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.datetimes": {
        "DatetimeArray": ("import build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.floating": {
        "Float32Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "Float64Dtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "FloatingArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.integer": {
        "Int16Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "Int32Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "Int64Dtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "Int8Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "IntegerArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "UInt16Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "UInt32Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "UInt64Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
        "UInt8Dtype": ("import new", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.period": {
        "PeriodArray": ("import build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.sparse.array": {
        "SparseArray": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.sparse.dtype": {
        "SparseDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.string_": {
        "StringArray": ("import build", "pandas", "", "a value of pandas, made of values"),
        "StringDtype": ("import new call build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.arrays.timedeltas": {
        "TimedeltaArray": ("import build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.dtypes.dtypes": {
        "CategoricalDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "DatetimeTZDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "IntervalDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
        "PeriodDtype": ("import call", "pandas", "", "a value of pandas, made of values"),
        "SparseDtype": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.frame": {
        "DataFrame": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.indexes.base": {
        "Index": ("import", "pandas", "", "a value of pandas, made of values"),
        "_new_Index": ("import call", "pandas", "0", "an index of values"),
    },
    "pandas.core.indexes.category": {
        "CategoricalIndex": ("import", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.indexes.datetimes": {
        "DatetimeIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "_new_DatetimeIndex": ("import call", "pandas", "0", "an index of times"),
    },
    "pandas.core.indexes.interval": {
        "IntervalIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "_new_IntervalIndex": ("import call", "pandas", "0", "an index of intervals"),
    },
    "pandas.core.indexes.multi": {
        "MultiIndex": ("import", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.indexes.numeric": {
        "Float64Index": ("import", "pandas", "", "a value of pandas, made of values"),
        "Int64Index": ("import", "pandas", "", "a value of pandas, made of values"),
        "UInt64Index": ("import", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.indexes.period": {
        "PeriodIndex": ("import", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.indexes.range": {
        "RangeIndex": ("import", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.indexes.timedeltas": {
        "TimedeltaIndex": ("import", "pandas", "", "a value of pandas, made of values"),
        "_new_TimedeltaIndex": ("import call", "pandas", "0", "an index of durations"),
    },
    "pandas.core.internals.blocks": {
        "new_block": ("import call", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.internals.managers": {
        "BlockManager": ("import call", "pandas", "", "a value of pandas, made of values"),
        "SingleBlockManager": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pandas.core.series": {
        "Series": ("import new build", "pandas", "", "a value of pandas, made of values"),
    },
    "pyarrow.lib": {
        "_restore_array": ("import call", "arrow-array", "", "an array over buffers that are long enough"),
        "py_buffer": ("import call", "arrow-buffer", "", "bytes in memory"),
        "timestamp": ("import call", "arrow-time", "", "the type of times"),
        "type_for_alias": ("import call", "arrow-type", "", "a type by its name"),
    },
    "pytz": {
        "FixedOffset": ("import call", "", "", "a time zone by its minutes, without a file"),
        "_UTC": ("import call", "", "", "a time zone without a file"),
        "_p": ("import call", "zone", "", "a time zone: reads the file of it that pytz brings"),
    },
}
