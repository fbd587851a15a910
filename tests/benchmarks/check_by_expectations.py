"""The rules of a schema that Great Expectations has, too, on its pandas engine. Arguments: Parquet, schema.

The Parquet has texts. That a text is a date or a number, our scan's rules of types, are expectations of the text; what
is asked of the date or the number is asked of a column that was converted before. Prints as JSON the seconds of the
validations alone, from the data frame in memory on: of the constraints, and of the types.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmarks.permit_table import KINDS

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.simplefilter("ignore")
_DTYPES = {"BIGINT": "Int64", "DATE": "datetime64[s]"}


def _bounds(constraints: dict[str, Any], *names: str) -> dict[str, Any]:
    """The two bounds as arguments, those that there are."""
    named = zip(("min_value", "max_value"), names, strict=True)
    return {argument: constraints[name] for argument, name in named if name in constraints}


def _of_field(field: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    constraints = field["constraints"]
    if constraints.get("required"):
        yield "ExpectColumnValuesToNotBeNull", {}
    if "pattern" in constraints:
        yield "ExpectColumnValuesToMatchRegex", {"regex": f"^(?:{constraints['pattern']})$"}
    if "enum" in constraints:
        yield "ExpectColumnValuesToBeInSet", {"value_set": constraints["enum"]}
    if lengths := _bounds(constraints, "minLength", "maxLength"):
        yield "ExpectColumnValueLengthsToBeBetween", lengths
    if bounds := _bounds(constraints, "minimum", "maximum"):
        dated = field["type"] == "date"
        yield "ExpectColumnValuesToBeBetween", {k: pd.Timestamp(v) if dated else v for k, v in bounds.items()}


def _as_text(name: str) -> str:
    """The column that keeps the texts of one that was converted."""
    return f"{name} as text"


def types(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(type, arguments) of the expectations that a column's texts are of its type."""
    for field in schema["fields"]:
        column = {"column": _as_text(field["name"])}
        if field["type"] == "date":
            yield "ExpectColumnValuesToMatchStrftimeFormat", {**column, "strftime_format": "%Y-%m-%d"}
        if field["type"] == "integer":
            yield "ExpectColumnValuesToMatchRegex", {**column, "regex": "^[+-]?[0-9]+$"}


def constraints(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(type, arguments) of each constraint that has an expectation."""
    for field in schema["fields"]:
        for kind, arguments in _of_field(field):
            yield kind, {"column": field["name"], **arguments}
    for name in schema["primaryKey"]:
        yield "ExpectColumnValuesToBeUnique", {"column": name}


def main(source: str, schema_file: str) -> None:
    """Read, validate, print."""
    import great_expectations as gx

    schema = json.loads(Path(schema_file).read_bytes())
    frame = pd.read_parquet(source)
    for field in schema["fields"]:
        kind = _DTYPES.get(KINDS[field["type"]])
        if kind:
            frame[_as_text(field["name"])] = frame[field["name"]]
            frame[field["name"]] = frame[field["name"]].astype(kind)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("table")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    found: dict[str, Any] = {"expectations": 0, "success": True}
    for name, asked in (("constraints", constraints(schema)), ("types", types(schema))):
        wanted = [getattr(gx.expectations, kind)(**arguments) for kind, arguments in asked]
        suite = context.suites.add(gx.ExpectationSuite(name, expectations=wanted))
        started = time.perf_counter()
        result = batch.validate(suite, result_format="BASIC")
        found[name] = time.perf_counter() - started
        found["expectations"] += len(wanted)
        found["success"] &= bool(result.success)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
