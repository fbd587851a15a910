"""Data Packages that nobody here wrote, published through a generated workspace, and opened again by stock tools."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from tests.catalogue_factory import make_workspace, write_schema
from tests.outside_inputs import EXPECTED, INPUTS, written_differences

PACKAGES = sorted(
    Path(name).parent.name for name in EXPECTED if re.fullmatch(r"packages/[^/]+/datapackage\.json", name)
)


@dataclass(frozen=True)
class Original:
    """One table of a package as its publisher describes it."""

    package: str
    descriptor: dict[str, Any]

    @property
    def dataset(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", f"{self.package}-{self.descriptor['name']}".lower())

    @property
    def file(self) -> Path:
        return INPUTS / "packages" / self.package / self.descriptor["path"]

    @property
    def rows(self) -> int:
        rows: int = EXPECTED[f"packages/{self.package}/datapackage.json"]["rows"][self.descriptor["name"]]
        return rows


def _originals() -> dict[str, Original]:
    found = []
    for package in PACKAGES:
        descriptor = json.loads((INPUTS / "packages" / package / "datapackage.json").read_text(encoding="utf-8"))
        found += [Original(package, resource) for resource in descriptor["resources"]]
    return {original.dataset: original for original in found}


ORIGINALS = _originals()
#: What of the faulty packages is blocked: the rule, how often, the first row and column; OUTSIDE_INPUTS.md says why.
BLOCKED = {
    "cpi-cpi": ("missing-column", 1, None, "Country Name"),
    "employment-us-aat1": ("ragged-row", 14, 73, ""),
    "sea-level-rise-csiro-alt-seas-inc": ("type", 331 + 2, 2, "GMSL (smoothed)"),
    "sea-level-rise-csiro-alt-yearly": ("type", 27, 2, "Time"),
    "sea-level-rise-csiro-recons-gmsl-mo-2015": ("type", 1608, 2, "Time"),
    "sea-level-rise-csiro-recons-gmsl-yr-2019": ("type", 140, 2, "Time"),
    "sea-level-rise-epa-sea-level": ("type", 144, 2, "Year"),
}
PUBLISHED = sorted(set(ORIGINALS) - set(BLOCKED))


@dataclass(frozen=True)
class Published:
    """A workspace after its first run: what `publish --json` said of each dataset."""

    workspace: Path
    datasets: dict[str, dict[str, Any]]

    @property
    def home(self) -> Path:
        return self.workspace / "var"

    def folder(self, dataset: str) -> Path:
        return self.home / "releases" / dataset / "1"


def _run(workspace: Path, *arguments: str) -> dict[str, Any]:
    """The JSON document of a command that leaves some dataset blocked."""
    result = CliRunner().invoke(cli, [*arguments, "--workspace", str(workspace), "--json"])
    assert result.exit_code == 1, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    root = tmp_path_factory.mktemp("outside")
    entries = [
        {
            "id": dataset,
            "code": f"307002/{number:06d}",
            "title": dataset,
            "issued": "2017-06-01",
            "opened": "2017-06-01",
            "source": {"path": str(original.file)},
        }
        for number, (dataset, original) in enumerate(ORIGINALS.items(), start=1)
    ]
    workspace = make_workspace(root / "workspace", *entries, data_roots=[str(INPUTS)])
    for dataset, original in ORIGINALS.items():
        write_schema(workspace, dataset, original.descriptor["schema"])
    said = _run(workspace.root, "publish")["datasets"]
    return Published(workspace.root, {dataset["id"]: dataset for dataset in said})


def test_the_packages_are_there() -> None:
    valid = [package for package in PACKAGES if EXPECTED[f"packages/{package}/datapackage.json"]["valid"]]

    assert (len(PACKAGES), len(valid)) == (15, 11)
    assert {ORIGINALS[dataset].package for dataset in BLOCKED} | {"euribor"} == set(PACKAGES) - set(valid)


def test_the_reason_for_each_blocked_table_is_written_down() -> None:
    found = {dataset: f"{rule} × {count}" for dataset, (rule, count, _row, _column) in BLOCKED.items()}

    assert found == written_differences("Tables of packages that are blocked")


def test_all_is_published_but_the_tables_with_faults(published: Published) -> None:
    verdicts = {dataset: said["verdict"] for dataset, said in published.datasets.items()}

    assert verdicts == dict.fromkeys(PUBLISHED, "published") | dict.fromkeys(BLOCKED, "blocked")


@pytest.mark.parametrize("dataset", BLOCKED)
def test_a_fault_blocks_with_its_rule_count_and_place(published: Published, dataset: str) -> None:
    (said,) = _run(published.workspace, "check", dataset)["datasets"]
    rule, count, row, column = BLOCKED[dataset]

    first = next(found for found in said["findings"] if found["rule"] == rule)
    assert (said["counts"][rule], first["row"], first["column"]) == (count, row, column)
    assert not (published.home / "releases" / dataset).exists()


@pytest.mark.parametrize("dataset", PUBLISHED)
def test_stock_frictionless_finds_a_release_valid(published: Published, dataset: str) -> None:
    report = frictionless.validate(str(published.folder(dataset) / "datapackage.json"))

    assert report.valid, report.flatten(["type", "message"])
    assert report.tasks[0].stats["rows"] == ORIGINALS[dataset].rows


def _rows(package: Path, name: str) -> list[dict[str, Any]]:
    with frictionless.Package(str(package)).get_resource(name).open() as resource:
        return [row.to_dict() for row in resource.row_stream]


@pytest.mark.parametrize("dataset", PUBLISHED)
def test_stock_frictionless_reads_the_rows_of_the_original(published: Published, dataset: str) -> None:
    original = ORIGINALS[dataset]
    before = _rows(INPUTS / "packages" / original.package / "datapackage.json", original.descriptor["name"])

    assert _rows(published.folder(dataset) / "datapackage.json", dataset) == before
    assert len(before) == original.rows


def _as_json(value: Any) -> Any:
    """A cell of frictionless as JSON Lines and Parquet have it: numbers as doubles, dates by their text."""
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, bool | int | float | str) else _text(value)


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else "-".join(f"{part:02d}" for part in value)


@pytest.mark.parametrize("dataset", PUBLISHED)
def test_json_lines_and_parquet_have_the_same_rows(published: Published, dataset: str) -> None:
    folder = published.folder(dataset)
    rows = [
        {name: _as_json(value) for name, value in row.items()} for row in _rows(folder / "datapackage.json", dataset)
    ]
    lines = (folder / "data" / f"{dataset}.jsonl").read_text(encoding="utf-8").splitlines()
    table = parquet.read_table(folder / "data" / f"{dataset}.parquet").to_pylist()
    numbers = [{name: _as_json(value) for name, value in row.items()} for row in table]

    assert [json.loads(line) for line in lines] == rows
    assert numbers == rows


def _state(home: Path) -> dict[str, tuple[int, int, str]]:
    return {
        path.relative_to(home).as_posix(): (
            path.stat().st_size,
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in home.rglob("*")
        if path.is_file()
    }


def test_a_second_run_writes_nothing(published: Published) -> None:
    """But for the report, which names again what is blocked."""
    before = _state(published.home)
    said = _run(published.workspace, "publish")
    after = _state(published.home)

    verdicts = {dataset["id"]: dataset["verdict"] for dataset in said["datasets"]}
    assert verdicts == dict.fromkeys(PUBLISHED, "unchanged") | dict.fromkeys(BLOCKED, "blocked")
    report = Path(said["report"]).relative_to(published.home).as_posix()
    assert {path: state for path, state in after.items() if path != report} == before
