"""The agency's real job: every stream that may be public is published, valid, on a page of its own, and of one city."""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import frictionless
import pytest

from resource_catalog.catalog import load_catalog
from resource_catalog.deadlines import deadline_facts
from resource_catalog.workspace import open_workspace
from tests.workspace_factory import TODAY, Answer, run_command

REPOSITORY = Path(__file__).parents[2]
CATALOG = load_catalog(open_workspace(REPOSITORY))
ENTRIES = {entry.id: entry for entry in CATALOG.entries}
WITHHELD = {"disclosure-requests", "openness-safeguards", "opinion-responses"}
ON_REQUEST = {"complaint-handling"}
OPEN = sorted(ENTRIES.keys() - WITHHELD - ON_REQUEST)
#: Where an enterprise's name stands beside its code.
NAMED_BESIDE_CODE = {
    "administrative-licences": ("XK_XDR", "XK_XDR_SHXYM"),
    "administrative-licences-2018": ("行政相对人名称", "代码_1"),
    "administrative-penalties": ("CF_XDR_MC", "CF_XDR_SHXYM"),
    "administrative-penalties-2018": ("行政相对人名称", "代码_1"),
    "dishonest-records": ("当事人名称", "uscc"),
    "revoked-shareholders": ("enterprise", "uscc"),
    "sampling-inspections": ("被抽检人", "被抽检人统一社会信用代码"),
    "trader-complaints": ("name", "uscc"),
}
#: Names the makers of goods, who sit in other cities.
FROM_ELSEWHERE = {("sampling-inspections", "标称生产企业")}
_EIGHTEEN = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")
_STATE_ORGAN = "11"
_FIRM = re.compile("示例[^，。；、：]{0,12}?有限公司")
_LONGEST_NAME = 40


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, Path]:
    """The answer of publishing the whole first workspace for the first time, and its home."""
    home = tmp_path_factory.mktemp("first") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENDATA_TODAY", TODAY)
        for name in ("OPENDATA_HOME", "OPENDATA_WORKSPACE", "OPENDATA_LEDGER_URL", "OFFICIAL_DOCUMENTS_URL"):
            patch.delenv(name, raising=False)
        return run_command("publish", "--workspace", str(REPOSITORY), "--home", str(home), "--json"), home


@pytest.fixture(scope="module")
def tables(published: tuple[Answer, Path]) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """The rows of every published CSV, by field."""
    return {dataset: list(_rows(published[1] / "releases" / dataset / "1", dataset)) for dataset in OPEN}


def _rows(release: Path, dataset: str) -> Iterator[dict[str, str]]:
    with (release / "data" / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _cells(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> Iterator[tuple[tuple[str, str], str]]:
    for dataset, rows in tables.items():
        for row in rows:
            yield from (((dataset, name), cell) for name, cell in row.items())


# --- what is published -----------------------------------------------------------------------------------------------


def test_what_may_be_public_is_published_and_the_rest_held_with_its_reason(published: tuple[Answer, Path]) -> None:
    answer, _ = published
    verdicts = {dataset: one["verdict"] for dataset, one in answer.datasets.items()}
    assert verdicts == {**dict.fromkeys({*OPEN, *ON_REQUEST}, "published"), **dict.fromkeys(WITHHELD, "held")}
    assert answer.code == 0
    for dataset in WITHHELD:
        assert ENTRIES[dataset].openness_basis[:20] in answer.datasets[dataset]["reason"]


def test_no_table_has_a_finding_that_must_be_mended(published: tuple[Answer, Path]) -> None:
    found = {dataset: published[0].datasets[dataset]["findings"]["must"] for dataset in OPEN}
    assert found == dict.fromkeys(OPEN, 0)


@pytest.mark.parametrize("dataset", OPEN)
def test_every_package_is_valid_under_stock_frictionless(published: tuple[Answer, Path], dataset: str) -> None:
    file = published[1] / "releases" / dataset / "1" / "datapackage.json"
    report = frictionless.validate(str(file))
    assert report.flatten(["taskNumber", "rowNumber", "fieldName", "type"]) == []
    assert report.valid
    rows = {task.name: task.stats.get("rows") for task in report.tasks}
    assert rows[dataset] == published[0].datasets[dataset]["rows"] > 0
    assert all(rows[name] for name in _references(file.parent, dataset))


def _references(release: Path, dataset: str) -> set[str]:
    """The tables that the published schema's foreign keys lead to."""
    schema = json.loads((release / "datapackage.json").read_bytes())["resources"][0]["schema"]
    return {key["reference"].get("resource") or dataset for key in schema.get("foreignKeys", ())}


def test_references_cross_the_tables(published: tuple[Answer, Path]) -> None:
    leading = {dataset: _references(published[1] / "releases" / dataset / "1", dataset) for dataset in OPEN}
    enterprises = {"administrative-licences", "administrative-penalties", "enterprise-records", "inspection-results"}
    assert enterprises <= {dataset for dataset, tables in leading.items() if "enterprises" in tables}
    assert {"duty-list", "supervision-items"} <= {name for name, tables in leading.items() if "power-list" in tables}
    assert leading["inspection-tasks"] == {"inspection-items"}
    assert leading["inspection-results"] == {"inspection-tasks", "enterprises"}


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", [*OPEN, *ON_REQUEST])
def test_every_page_says_its_section_cycle_and_deadline(published: tuple[Answer, Path], dataset: str) -> None:
    page = html.unescape((published[1] / "portal" / "dataset" / dataset / "index.html").read_text("utf-8"))
    entry = ENTRIES[dataset]
    words = [entry.title, entry.owner, entry.update_cycle.written, entry.openness.written]
    words += [clock["title"] for clock in deadline_facts(entry, CATALOG.agency)]
    assert [word for word in words if word not in page] == []


def test_all_streams_have_a_deadline() -> None:
    """The real reference data are no stream."""
    assert {dataset for dataset, entry in ENTRIES.items() if not entry.deadline} == {"division-codes"}


# --- one city --------------------------------------------------------------------------------------------------------


def test_every_code_in_the_open_data_is_the_registers_or_an_authoritys(
    tables: Mapping[str, Sequence[Mapping[str, str]]],
) -> None:
    register = {row["uscc"] for row in tables["enterprises"]}
    authorities = {row["uscc"] for row in tables["agency-offices"] if row["uscc"]}
    found = {code for _, cell in _cells(tables) for code in _EIGHTEEN.findall(cell)}
    assert len(found & register) > 4000
    assert found - register <= authorities
    assert {code[:2] for code in authorities} == {_STATE_ORGAN}


@pytest.mark.parametrize("dataset", NAMED_BESIDE_CODE)
def test_a_name_beside_a_code_is_the_registers(tables: Mapping[str, Sequence[Mapping[str, str]]], dataset: str) -> None:
    register = {row["uscc"]: row["name"] for row in tables["enterprises"]}
    name, code = NAMED_BESIDE_CODE[dataset]
    named = {(row[code], row[name]) for row in tables[dataset] if row[code]}
    assert len(named) > 40
    assert {(code, name) for code, name in named if register.get(code) != name} == set()


def test_every_firm_that_a_text_names_is_in_the_register(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    known = {row["name"] for row in tables["enterprises"]}
    ends = [
        (place, cell[: match.end()])
        for place, cell in _cells(tables)
        if place not in FROM_ELSEWHERE
        for match in _FIRM.finditer(cell)
    ]
    assert {place[0] for place, _ in ends} >= {"typical-cases", "administrative-licences"}
    unknown = {
        (place, text) for place, text in ends if not any(text[-size:] in known for size in range(1, _LONGEST_NAME))
    }
    assert unknown == set()


def test_the_plan_of_2014_was_opened_then(published: tuple[Answer, Path]) -> None:
    opened = {dataset for dataset, entry in ENTRIES.items() if entry.opened and entry.opened.year == 2014}
    assert opened == {
        "agency-offices",
        "dishonest-records",
        "enterprises",
        "registration-statistics",
        "revoked-shareholders",
    }
    index: list[dict[str, Any]] = json.loads((published[1] / "portal" / "index.json").read_bytes())["datasets"]
    assert opened <= {line["id"] for line in index}
