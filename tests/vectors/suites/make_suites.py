"""How the suites beside this file were written, by the programs themselves; run it where these are installed.

    python make_suites.py pandera     # pandera 0.35.0
    python make_suites.py gx          # Great Expectations 1.24.1
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def write_pandera():
    import pandera
    import pandera.io.pandas_io as io
    import pandera.pandas as pa

    schema = pa.DataFrameSchema(
        {
            "id": pa.Column(int, unique=True, nullable=False),
            "amount": pa.Column(float, [pa.Check.in_range(0, 20000), pa.Check.ge(0)], nullable=False),
            "country": pa.Column(str, pa.Check.isin(["AT", "CH", "DE"]), nullable=True),
            "time": pa.Column("datetime64[ns, UTC]"),
            "name": pa.Column(str, pa.Check.str_length(1, 40), required=False, nullable=True),
            "age": pa.Column("int64", pa.Check.gt(17), nullable=False),
        },
        strict=True,
        unique=["id", "time"],
        name="transactions",
    )
    (HERE / f"pandera-{pandera.__version__}.yaml").write_text(io.to_yaml(schema))
    (HERE / f"pandera-{pandera.__version__}.json").write_text(io.to_json(schema, indent=1))


def write_gx():
    import great_expectations as gx

    e = gx.expectations
    gx.get_context(mode="ephemeral")
    suite = gx.ExpectationSuite(name="transactions")
    for one in [
        e.ExpectColumnToExist(column="id"),
        e.ExpectColumnValuesToBeUnique(column="id"),
        e.ExpectColumnValuesToNotBeNull(column="amount", mostly=0.99),
        e.ExpectColumnValuesToBeBetween(column="amount", min_value=0, max_value=20000),
        e.ExpectColumnValuesToBeInSet(column="country", value_set=["AT", "CH", "DE"]),
        e.ExpectTableRowCountToBeBetween(min_value=1000, max_value=100000),
        e.ExpectCompoundColumnsToBeUnique(column_list=["card", "time"]),
        e.ExpectColumnValuesToBeOfType(column="amount", type_="float64"),
        e.ExpectTableColumnsToMatchSet(column_set=["id", "amount", "country"], exact_match=True),
        e.ExpectColumnValuesToMatchRegex(column="card", regex="^[0-9]{16}$"),
        e.ExpectColumnMeanToBeBetween(column="amount", min_value=10, max_value=200),
    ]:
        suite.add_expectation(one)
    path = HERE / f"great-expectations-{gx.__version__}.json"
    path.write_text(json.dumps(suite.to_json_dict(), indent=1))


if __name__ == "__main__":
    {"pandera": write_pandera, "gx": write_gx}[sys.argv[1]]()
