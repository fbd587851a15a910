"""The constraints of a schema that Great Expectations has, too, on its pandas engine. Arguments: Parquet, schema.

Prints as JSON the seconds of the validation alone, from the data frame in memory on, and how many expectations ran.
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


def expectations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
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
            frame[field["name"]] = frame[field["name"]].astype(kind)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    wanted = [getattr(gx.expectations, kind)(**arguments) for kind, arguments in expectations(schema)]
    suite = context.suites.add(gx.ExpectationSuite("constraints", expectations=wanted))
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("table")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    started = time.perf_counter()
    found = batch.validate(suite, result_format="BASIC")
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "expectations": len(wanted), "success": bool(found.success)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
