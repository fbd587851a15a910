"""The self-check names every fault of the catalogue with its rule, entry and line."""

from pathlib import Path
from typing import Any

import pytest

from resource_catalog.catalog import CatalogFault, check_catalog, load_catalog
from resource_catalog.workspace import Workspace
from tests.catalogue_factory import ENTRY, make_workspace, write_schema

SOURCE = {"path": "samples/tides.csv"}
#: The code of another provider than the agency.
WEATHER = "113100000000000191"
DATABASE = {"resource_format": "数据库", "sharing_mode": "数据库"}


def check(workspace: Workspace) -> tuple[CatalogFault, ...]:
    return check_catalog(load_catalog(workspace))


def found(workspace: Workspace) -> list[tuple[str, str, int | None]]:
    return [(fault.rule, fault.entry, fault.line) for fault in check(workspace)]


def line_of(key: str) -> int:
    """The line of a key in an entry whose lists take a line per item."""
    before = list(ENTRY)[: list(ENTRY).index(key)] if key in ENTRY else list(ENTRY)
    return 1 + sum(1 + (len(ENTRY[name]) if isinstance(ENTRY[name], list) else 0) for name in before)


def test_a_sound_catalogue_has_no_fault(tmp_path: Path) -> None:
    related = {"id": "winds", "code": "307002/000011", "title": "风", "related": ["307002/000010"]}
    workspace = make_workspace(tmp_path, {"source": SOURCE, "suite": "tides"}, related)
    write_schema(workspace, "tides")
    workspace.suites_dir.mkdir(parents=True)
    (workspace.suites_dir / "tides.json").write_text("{}")
    assert found(workspace) == []


@pytest.mark.parametrize(
    ("changes", "rule", "key"),
    [
        ({"code": "X1"}, "code-malformed", "code"),
        ({"code": "307002/000010\n"}, "code-malformed", "code"),
        ({"theme": "星空"}, "theme-unknown", "theme"),
        ({"suite": "none"}, "suite-missing", "suite"),
        ({"source": {"path": "none.csv"}}, "source-unreachable", "source.path"),
        ({"source": {"path": "../../x.csv"}}, "source-unreachable", "source.path"),
        ({"source": {"path": "samples"}}, "source-unreachable", "source.path"),
        ({"source": {"database": "none", "table": "t"}}, "database-unknown", "source.path"),
        ({"source": {"database": "main", "table": "t"}, **DATABASE}, "source-unreachable", "source.path"),
        ({"source": {"url": "https://elsewhere.example/x.csv"}}, "host-refused", "source.path"),
        ({"source": {"url": "file:///etc/passwd"}}, "host-refused", "source.path"),
    ],
)
def test_a_fault_of_one_entry(tmp_path: Path, changes: dict[str, Any], rule: str, key: str) -> None:
    databases = {"main": {"kind": "sqlite", "path": "samples/none.sqlite"}}
    workspace = make_workspace(tmp_path, changes, web_hosts=["data.example"], databases=databases)
    write_schema(workspace, "tides")
    line = line_of(key) + 1 if key == "source.path" else line_of(key)
    assert found(workspace) == [(rule, "tides", line)]


@pytest.mark.parametrize(
    "changes",
    [
        {"source": SOURCE},
        {"source": {"url": "https://data.example/x.csv"}},
        {"source": {"database": "server", "table": "t"}, **DATABASE},
    ],
)
def test_sources_that_are_well_named_are_no_fault(tmp_path: Path, changes: dict[str, Any]) -> None:
    databases = {"server": {"kind": "postgres", "host": "192.0.2.1"}}
    workspace = make_workspace(tmp_path, changes, web_hosts=["data.example"], databases=databases)
    write_schema(workspace, "tides")
    assert found(workspace) == []


def test_a_source_needs_a_readable_schema(tmp_path: Path) -> None:
    workspace = make_workspace(
        tmp_path, {"source": SOURCE}, {"id": "bad", "code": "307002/1", "title": "坏", "source": SOURCE}
    )
    (workspace.schemas_dir / "bad.schema.json").write_text("{")
    assert [(rule, entry) for rule, entry, _ in found(workspace)] == [
        ("schema-unreadable", "bad"),
        ("schema-missing", "tides"),
    ]


def test_codes_titles_and_related_are_compared_over_the_catalogue(tmp_path: Path) -> None:
    workspace = make_workspace(
        tmp_path,
        {"id": "a", "related": ["307002/000010", "307002/000099"]},
        {"id": "b"},
        {"id": "c", "code": "307002/000012", "title": "潮 汐表"},
        {"id": "d", "code": "307002/000013", "provider": "气象局", "provider_code": WEATHER},
    )
    expected = [
        ("code-duplicate", "a", line_of("code")),
        ("title-duplicate", "a", line_of("title")),
        ("title-lookalike", "a", line_of("title")),
        ("related-self", "a", line_of("related") + 1),
        ("related-unknown", "a", line_of("related") + 2),
        ("code-duplicate", "b", line_of("code")),
        ("title-duplicate", "b", line_of("title")),
        ("title-lookalike", "b", line_of("title")),
        ("title-lookalike", "c", line_of("title")),
        ("title-lookalike", "d", line_of("title")),
    ]
    assert found(workspace) == expected


def test_full_and_half_width_titles_look_alike(tmp_path: Path) -> None:
    workspace = make_workspace(
        tmp_path, {"id": "a", "title": "GPS表"}, {"id": "b", "code": "307002/2", "title": "ＧＰＳ表"}
    )
    assert [(fault.rule, fault.entry, fault.severity) for fault in check(workspace)] == [
        ("title-lookalike", "a", "should"),
        ("title-lookalike", "b", "should"),
    ]


def test_what_a_reader_would_miss_is_a_should(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"summary": "", "keywords": [], "issued": None}, licence="")
    assert [(fault.rule, fault.severity) for fault in check(workspace)] == [
        ("issued-missing", "should"),
        ("keywords-missing", "should"),
        ("licence-missing", "should"),
        ("summary-missing", "should"),
    ]


def test_each_fault_of_a_broken_entry_is_there_with_its_owner(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"unknown": 1, "openness": "x"})
    faults = check(workspace)
    assert [(fault.rule, fault.entry, fault.line, fault.severity) for fault in faults] == [
        ("entry-broken", "tides", line_of("openness"), "must"),
        ("entry-broken", "tides", line_of("unknown"), "must"),
    ]
    assert {(fault.owner, fault.file) for fault in faults} == {("观测处", workspace.entry_file("tides"))}


def test_an_empty_catalogue_says_so(tmp_path: Path) -> None:
    assert found(make_workspace(tmp_path)) == [("catalogue-empty", "", None)]


def test_the_code_grammar_is_the_agencys(tmp_path: Path) -> None:
    assert found(make_workspace(tmp_path, {"code": "BIB-1"}, code_pattern="^BIB-[0-9]$")) == []
