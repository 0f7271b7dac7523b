"""Runs a suite of pandera or Great Expectations over rows: a program of its own, sandboxed where it can be.

    suite_judge.py FOLDER SECONDS BYTES

FOLDER holds `suite.json` (which program, what it is given) and the rows, as Arrow streams `rows-0`, `rows-1` and so on;
those whose name ends in `.text` have cells of CSV. One JSON document is printed: what the program said of each thing
that was asked, in order, in numbers of ours and words that stand here. No value of a row is in it.
"""

import contextlib
import csv
import importlib
import importlib.metadata
import io
import json
import os
import sys
from typing import Any

EXACT = 1 << 53  # so far a floating number holds every whole one
NULLABLE = frozenset(
    (*(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)), "boolean", "string", "Float32", "Float64")
)
# What the library calls a failure by, and what of a schema it is a failure of.
REASONS = {
    "COLUMN_NOT_IN_DATAFRAME": "required",
    "WRONG_DATATYPE": "dtype",
    "DATATYPE_COERCION": "coerce",
    "SERIES_CONTAINS_NULLS": "nullable",
    "SERIES_CONTAINS_DUPLICATES": "unique",
    "DUPLICATES": "unique",
    "DATAFRAME_CHECK": "check",
    "CHECK_ERROR": "check",
    "COLUMN_NOT_IN_SCHEMA": "strict",
    "COLUMN_NOT_ORDERED": "ordered",
    "DUPLICATE_COLUMN_LABELS": "unique_column_names",
}


class UntoldError(Exception):
    """Why nothing was judged, in words of ours."""


def limit(seconds: int, memory: int) -> None:
    """Lower, for good, what this process may use, as far as the system knows such limits."""
    with contextlib.suppress(ImportError):
        import resource

        for which, most in (("CPU", seconds), ("AS", memory), ("CORE", 0)):
            with contextlib.suppress(AttributeError, ValueError, OSError):
                resource.setrlimit(getattr(resource, f"RLIMIT_{which}"), (most, most))


def rows_of(folder: str) -> Any:
    """Return the rows as a data frame of pandas, numbered from 0."""
    import pandas as pd
    import pyarrow as pa

    frames = []
    for name in sorted(
        (n for n in os.listdir(folder) if n.startswith("rows-")), key=lambda n: int(n[5:].split(".")[0])
    ):
        with pa.OSFile(os.path.join(folder, name)) as file, pa.ipc.open_stream(file) as stream:
            table = stream.read_all()
        frames.append(_of_text(table) if name.endswith(".text") else _typed(table))
    for frame in frames[1:]:
        other = [name for name in frame.columns if frame[name].dtype != frames[0][name].dtype]
        if other:
            raise UntoldError(f"files of the data set have other types than the first, in pandas, in {other[0]!r:.60}")
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _of_text(table: Any) -> Any:
    """Return cells of CSV as `pandas.read_csv` reads them: what is a number is for pandas to say."""
    import pandas as pd

    text = io.StringIO()
    table.to_pandas().to_csv(text, index=False, header=False, quoting=csv.QUOTE_ALL)
    text.seek(0)
    found = pd.read_csv(
        text, header=None, names=range(table.num_columns), index_col=False, skip_blank_lines=False, low_memory=False
    )
    if found.shape != (table.num_rows, table.num_columns):
        raise UntoldError("pandas reads other rows in these cells of CSV")
    found.columns = table.column_names
    for name, kind in found.dtypes.items():
        if kind == "float64" and (found[name].abs() >= EXACT).any() and any(map(_is_rounded, table[name].to_pylist())):
            raise UntoldError(f"whole numbers over 2^53 beside nulls lose digits in pandas, in {name!r:.60}")
    return found


def _is_rounded(cell: str) -> bool:
    """Say whether a cell is a whole number that no floating number is."""
    digits = cell.strip().lstrip("+-")
    return digits.isascii() and digits.isdigit() and int(digits) > EXACT and int(float(digits)) != int(digits)


def _typed(table: Any) -> Any:
    """Return columns as pandas has them, as types that bear nulls where pandas wrote them as such."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    written = _written(table.schema.metadata or {})
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        if written.get(name) in NULLABLE:
            kind = pd.api.types.pandas_dtype(written[name])
            columns[name] = column.to_pandas(types_mapper=lambda _, kind=kind: kind)
            continue
        if pa.types.is_integer(column.type) and column.null_count:
            ends = pc.min_max(column).as_py()
            if ends["min"] is not None and not -EXACT <= ends["min"] <= ends["max"] <= EXACT:
                raise UntoldError(f"whole numbers over 2^53 beside nulls lose digits in pandas, in {name!r:.60}")
        columns[name] = column.to_pandas()
    found = pd.DataFrame(columns, columns=table.column_names)
    if len(found) != table.num_rows:
        raise UntoldError("pandas has another number of rows")
    return found


def _written(metadata: dict[bytes, bytes]) -> dict[str, str]:
    """Return the types of columns that pandas noted when it wrote them."""
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
        columns = json.loads(metadata[b"pandas"])["columns"]
        return {str(one["name"]): str(one["numpy_type"]) for one in columns}
    return {}


def judge_pandera(frame: Any, given: dict[str, Any]) -> tuple[bool, list[Any]]:
    """Return whether a schema holds, and for each thing that it asks what was said of it."""
    import pandera.errors
    import pandera.pandas  # registers what judges a data frame
    from pandera.io.pandas_io import deserialize_schema

    keys = [tuple(key) for key in given["keys"]]
    answers: list[Any] = [["pass", None, None, None, ""] for _ in keys]
    schema = deserialize_schema(given["schema"])
    columns = set(frame.columns)
    for at, (_, column, _number) in enumerate(keys):
        if column is not None and column not in columns:
            needed = given["schema"]["columns"][column]["required"]
            answers[at] = ["fail" if needed else "pass", None, None, None, "absent"]
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        for error in errors.schema_errors:
            _note(error, keys, answers, len(frame))
        return False, answers
    except pandera.errors.SchemaError as error:
        _note(error, keys, answers, len(frame))
        return False, answers
    return True, answers


def _note(error: Any, keys: list[Any], answers: list[Any], rows: int) -> None:
    """Write a failure to what it is a failure of."""
    import pandas as pd

    reason = getattr(error.reason_code, "name", "")
    kind = REASONS.get(reason, "")
    column = getattr(error.schema, "name", None) if type(error.schema).__name__ == "Column" else None
    if kind == "required":
        column = error.failure_cases if isinstance(error.failure_cases, str) else None
    number = error.check_index if kind == "check" else None
    wanted = [(kind, column, number), *([("dtype", column, None)] if kind == "coerce" else [])]
    cases = error.failure_cases
    seen: list[int] = []
    if isinstance(cases, pd.DataFrame) and "index" in cases:
        seen = sorted({int(one) for one in cases["index"].dropna() if isinstance(one, int | float)})
    count, first = (len(seen), seen[0]) if seen else (None, None)
    why = {"CHECK_ERROR": "raised", "COLUMN_NOT_IN_DATAFRAME": "absent"}.get(reason, "")
    for one in wanted:
        if one in keys:
            answers[keys.index(one)] = ["fail", count, rows if seen else None, first, why]
            return


def judge_great_expectations(frame: Any, given: list[Any]) -> tuple[bool, list[Any]]:
    """Return whether all expectations hold, and what was said of each."""
    import great_expectations as gx
    from great_expectations.expectations.registry import get_expectation_impl

    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": frame})
    told = {"result_format": "BASIC", "partial_unexpected_count": 0}
    answers: list[Any] = []
    for entry in given:
        named = [entry["kwargs"].get(key) for key in ("column", "column_A", "column_B")]
        absent = [one for one in (*named, *entry["kwargs"].get("column_list", [])) if one and one not in frame.columns]
        if absent:
            answers.append(["fail", None, None, None, "absent"])
            continue
        made = get_expectation_impl(entry["type"])(**entry["kwargs"])
        found = batch.validate(made, result_format=told)
        if any(one.get("raised_exception") for one in _raised(found.exception_info)):
            answers.append(["incomplete", None, None, None, "raised"])
            continue
        counted = [found.result.get(key) for key in ("unexpected_count", "element_count")]
        answers.append(["pass" if found.success is True else "fail", *[_whole(one) for one in counted], None, ""])
    return all(answer[0] == "pass" for answer in answers), answers


def _raised(info: Any) -> list[Any]:
    """Return what is told of exceptions: one map, or one for each metric."""
    if not isinstance(info, dict):
        return []
    return [info, *(one for one in info.values() if isinstance(one, dict))]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, int | float) and value == value and not isinstance(value, bool) else None


JUDGES: dict[str, Any] = {"pandera": judge_pandera, "great_expectations": judge_great_expectations}


def main(folder: str) -> dict[str, Any]:
    """Return what came of it."""
    with open(os.path.join(folder, "suite.json"), "rb") as file:
        asked = json.load(file)
    tool = asked["tool"]
    for needed in ("pyarrow", "pandas", tool):
        try:
            importlib.import_module(needed)
        except ModuleNotFoundError:
            return {"missing": needed}
        except (ImportError, MemoryError, OSError):  # as where there is no memory for it
            return {"version": "", "pandas": "", "failed": f"{needed} cannot be imported"}
    about = {"version": importlib.metadata.version(tool), "pandas": importlib.metadata.version("pandas")}
    try:
        frame = rows_of(folder)
        success, answers = JUDGES[tool](frame, asked["given"])
    except UntoldError as told:
        return about | {"failed": str(told)}
    except MemoryError:
        return about | {"failed": "it needs more memory than it may have"}
    except Exception as error:
        return about | {"failed": f"it raised {type(error).__name__}"}
    return about | {"rows": len(frame), "success": success, "answers": answers}


if __name__ == "__main__":
    limit(int(sys.argv[2]), int(sys.argv[3]))
    output = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no answer
    document = json.dumps(main(sys.argv[1])).encode()
    while document:
        document = document[os.write(output, document) :]
    os._exit(0)
