"""The command that checks: datasets of the catalogue or any file, and the reports and workbooks of what it found."""

from __future__ import annotations

import datetime
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.options import common, end, ids_argument, opened, print_json
from resource_catalog import errors

if TYPE_CHECKING:
    from pipelines.commands.wanted_files import Wanted
    from pipelines.reporting.inspected import InspectedDataset
    from pipelines.reporting.section_workbooks.section_files import SectionResult
    from pipelines.scores import Scores

_FILE = click.Path(path_type=Path)


@click.command()
@ids_argument
@click.option("--data", type=_FILE, help="Check this file instead, against --schema.")
@click.option("--schema", type=_FILE, help="A Table Schema, for --data.")
@click.option("--suite", type=_FILE, help="A Great Expectations suite, for --data.")
@click.option("--explain", is_flag=True, help="Say of what each score is made, and what to mend first.")
@click.option("--report", metavar="FILE", type=_FILE, help="Write a page of what was found (HTML, one file).")
@click.option(
    "--workbook",
    "workbooks",
    metavar="DIR",
    type=_FILE,
    help="Write one XLSX per owning section, with every bad row; answers in those that lie there are read first.",
)
@click.option("--due", metavar="DATE", help="The day that the workbooks say to return them by, YYYY-MM-DD.")
@click.option(
    "--validation-results",
    "results",
    metavar="DIR",
    type=_FILE,
    help="Save what became of each suite as a GX validation result in this folder.",
)
@click.option("--repairs", metavar="DIR", type=_FILE, help="List every repaired cell there, a CSV per dataset.")
@click.option(
    "--junit",
    metavar="FILE",
    type=_FILE,
    help="Write JUnit XML, for build servers: a broken must rule is a failure, a should rule passes with a note.",
)
@common
def check(
    ids: Sequence[str],
    data: Path | None,
    schema: Path | None,
    suite: Path | None,
    explain: bool,
    report: Path | None,
    workbooks: Path | None,
    due: str | None,
    results: Path | None,
    repairs: Path | None,
    junit: Path | None,
    workspace: Path,
    home: Path | None,
    as_json: bool,
) -> None:
    """The quality self-check, without publishing; it writes the files that are named, and nothing else."""
    from pipelines.commands.wanted_files import Wanted

    if (data is None) != (schema is None):
        raise errors.UsageError("--data and --schema go together", fix="name both, or neither")
    if suite and not data:
        raise errors.UsageError("--suite goes with --data", fix="name a catalogued dataset's suite in its entry")
    wanted = Wanted(report, junit, workbooks, _day(due), results, repairs)
    if data and schema:
        checked = _check_file(data, schema, suite, wanted)
    else:
        checked = _check_catalogued(ids, wanted, workspace, home, as_json)
    _say(*checked, wanted, as_json=as_json, explain=explain)


def _day(due: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(due) if due else None
    except ValueError as error:
        raise errors.UsageError(f"{due!r} is no date", where="--due", fix="write YYYY-MM-DD") from error


#: datasets, what became of the sections' workbooks, scores beside those of each dataset
_Checked = tuple[list["InspectedDataset"], list["SectionResult"], "Scores"]


def _check_file(data: Path, schema: Path, suite: Path | None, wanted: Wanted) -> _Checked:
    from pipelines.commands.file_check import check_file
    from pipelines.scores import Scores

    options: dict[str, Any] = {"mark": bool(wanted.workbooks), "repairs": wanted.repairs}
    with tempfile.TemporaryDirectory(prefix="opendata-") as folder:
        if wanted.any:
            return _report_file(data, schema, wanted, partial(check_file, data, schema, Path(folder), suite, **options))
        return [check_file(data, schema, Path(folder), suite, **options)], [], Scores()


def _report_file(data: Path, schema: Path, wanted: Wanted, check_it: Callable[[], InspectedDataset]) -> _Checked:
    from pipelines.commands import check_reports
    from pipelines.commands.file_check import FILE, NO_AGENCY
    from pipelines.commands.run import now
    from pipelines.scores import Scores

    returned = check_reports.read_answers(wanted, (FILE,))
    inspected = [check_it()]
    command = f"opendata check --data {data.name} --schema {schema.name}"
    facts: dict[str, Any] = {"agency": NO_AGENCY, "at": now(), "command": command}
    return inspected, check_reports.write_reports(wanted, returned, inspected, **facts), Scores()


def _check_catalogued(
    ids: Sequence[str], wanted: Wanted, workspace: Path, home: Path | None, as_json: bool
) -> _Checked:
    from pipelines.commands import check_reports, checking, scoring

    with opened(workspace, home, as_json, leave_home=True) as run:
        returned = check_reports.read_answers(wanted, (entry.id for entry in checking.to_be_checked(run, ids)))
        inspected = checking.check_catalogued(run, ids, mark=bool(wanted.workbooks), repairs=wanted.repairs)
        scores = scoring.scores_beside(run, [one.decision for one in inspected])
        inspected = checking.with_history(inspected, scores)
        command = " ".join(("opendata check", *ids))
        facts: dict[str, Any] = {"agency": run.agency, "at": run.at, "command": command}
        results = check_reports.write_reports(wanted, returned, inspected, **facts)
        return inspected, results, scores


def _say(
    inspected: Sequence[InspectedDataset],
    results: Sequence[SectionResult],
    scores: Scores,
    wanted: Wanted,
    *,
    as_json: bool,
    explain: bool,
) -> None:
    from pipelines.plan import TROUBLE
    from pipelines.reporting.check_document import check_document
    from pipelines.reporting.check_lines import print_check
    from pipelines.reporting.score_lines import print_scores

    decisions = [one.decision for one in inspected]
    if as_json:
        print_json({**check_document(decisions, scores), **_answers(results, wanted)})
    else:
        print_check(decisions, sys.stdout)
        print_scores(decisions, scores, sys.stdout, explain=explain)
        if results:
            _print_sections(results)
    end(any(decision.verdict in TROUBLE for decision in decisions))


def _answers(results: Sequence[SectionResult], wanted: Wanted) -> dict[str, Any]:
    if not wanted.workbooks:
        return {}
    from pipelines.commands.check_reports import answers_document

    return {"answers": answers_document(results)}


def _print_sections(results: Sequence[SectionResult]) -> None:
    from pipelines.reporting.section_lines import print_sections

    print_sections(results, sys.stdout)


COMMANDS = (check,)
