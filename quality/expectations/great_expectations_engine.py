"""Great Expectations itself: the one module that imports it, which takes ten seconds, so import this one lazily.

It answers what the compiler can't, and in tests it is the oracle. It is told to send nothing anywhere.
"""

from __future__ import annotations

import functools
import itertools
import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from quality.aggregates import sql_of
from quality.expectations.standards import FAILS, expectation_type
from quality.expectations.suite import Expectation

if TYPE_CHECKING:
    import pandas

os.environ["GX_ANALYTICS_ENABLED"] = "false"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations of its own dependencies
    import great_expectations
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import ColumnMapExpectation
    from great_expectations.expectations.expectation import Expectation as GreatExpectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
        column_condition_partial,
    )
    from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
        ColumnMapMetricProvider,
    )

#: GX's registry and Python's warnings are a process's own.
_ONE_AT_A_TIME = threading.Lock()
_NUMBERS = itertools.count()
_POSITION = "position"


@functools.cache
def _context() -> EphemeralDataContext:
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    return context


def _configured(position: int, expectation: Expectation) -> GreatExpectation:
    return ExpectationConfiguration(
        type=expectation.type,
        kwargs=dict(expectation.kwargs),
        meta={_POSITION: position},  # GX answers in an order of its own
        severity=expectation.severity,  # type: ignore[arg-type]
    ).to_domain_obj()


def _said(error: Exception) -> dict[str, Any]:
    """What GX says of an expectation that it refuses, in the form of one that raised while it ran."""
    return {
        "success": False,
        "result": {},
        "exception_info": {"raised_exception": True, "exception_message": str(error)},
    }


def validate(frame: pandas.DataFrame, expectations: Sequence[Expectation]) -> list[Mapping[str, Any]]:
    """GX's validation results of expectations on a frame, in their order, as JSON with COMPLETE results."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers: dict[int, Mapping[str, Any]] = {}
        configured = []
        for position, expectation in enumerate(expectations):
            try:
                configured.append(_configured(position, expectation))
            except (GreatExpectationsError, ValidationError, LookupError, TypeError, ValueError) as error:
                answers[position] = _said(error)
        name = f"table {next(_NUMBERS)}"
        asset = _context().data_sources.add_pandas(name).add_dataframe_asset("rows")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        suite = ExpectationSuite(name=name, expectations=configured)
        found = batch.validate(suite, result_format={"result_format": "COMPLETE"})
        _context().data_sources.delete(name)
        for result in found.results:
            document: dict[str, Any] = result.to_json_dict()
            answers[document["expectation_config"]["meta"][_POSITION]] = document
        return [answers[position] for position in range(len(expectations))]


def load_validation(document: Mapping[str, Any]) -> Any:
    """A validation result as GX's own class reads it; raises what GX raises where it isn't one."""
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema

    return ExpectationSuiteValidationResultSchema().load(dict(document))


def _meet(standard: str, column: pandas.Series[str]) -> pandas.Series[bool]:
    """Whether each value meets a standard, by the very expression that the scan has."""
    import duckdb
    import pandas
    import pyarrow

    fails = FAILS[standard](exp.column("text"))
    asked = exp.select(exp.Coalesce(this=fails, expressions=[exp.false()])).from_("texts")
    with duckdb.connect(":memory:", config={"enable_external_access": False}) as connection:
        connection.register("texts", pyarrow.table({"text": pyarrow.array(column, pyarrow.string())}))
        failed = connection.execute(sql_of(asked)).fetchall()
    return pandas.Series([not broken for (broken,) in failed], index=column.index, dtype=bool)


def _custom(standard: str) -> type[ColumnMapExpectation]:
    """The metric and the expectation of a standard; making them registers them with GX."""
    metric, kind = f"column_values.{standard}", expectation_type(standard)

    def condition(_cls: type, column: pandas.Series[str], **_: Any) -> pandas.Series[bool]:
        return _meet(standard, column)

    name = "".join(part.capitalize() for part in kind.split("_"))
    judged = column_condition_partial(engine=PandasExecutionEngine)(condition)
    type(f"{name}Metric", (ColumnMapMetricProvider,), {"condition_metric_name": metric, "_pandas": judged})
    said = f"Expect the column's values to be a valid {standard}."
    return type(name, (ColumnMapExpectation,), {"map_metric": metric, "__doc__": said, "__module__": __name__})


#: Type → GX's class for it, for suites that are run by GX itself.
CUSTOM_EXPECTATIONS = {expectation_type(standard): _custom(standard) for standard in FAILS}
