"""Names beside a code (standards.md 8 no. 20): variants are found, by the code, and no spelling is changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from quality.scan import Scan, scan
from resource_catalog.table_schema import parse_table_schema

SCHEMA = parse_table_schema(
    {
        "fields": [
            {"name": "code", "type": "string"},
            {"name": "name", "type": "string", "nameOf": "code"},
            {"name": "person", "type": "string", "nameOf": "code", "disclosure": "never"},
        ]
    },
    "test",
)


def checked(folder: Path, rows: Sequence[Sequence[str | None]]) -> Scan:
    with open_work(folder / "work.duckdb") as connection:
        write_rows(connection, SCHEMA.names, enumerate(rows, start=2))
        return scan(connection, SCHEMA, SCHEMA.names)


def found(folder: Path, *names: tuple[str | None, str | None]) -> set[int]:
    """The numbers of the rows whose name is a variant."""
    rows = [(code, name, None) for code, name in names]
    return {one.row or 0 for one in checked(folder, rows).findings if one.rule == "name-variant"}


def test_variants_beside_one_code_are_found_and_other_names_are_not(tmp_path: Path) -> None:
    rows = (
        ("A", "示例（上海）有限公司"),
        ("A", "示例(上海)有限责任公司"),
        ("A", "示例（上海）　有限公司"),
        ("A", "老名字有限公司"),  # another name of the same code may be an old one
        ("B", "示例(上海)有限公司"),  # the same of another code is another firm
        ("C", "abc贸易行"),
        ("C", "ABC贸易行"),
        ("D", "同一写法"),
        ("D", "同一写法"),
        (None, "无代码（甲）"),
        (None, "无代码(甲)"),
        ("E", None),
    )
    assert found(tmp_path, *rows) == {2, 3, 4, 7, 8}


def test_of_names_that_may_not_be_shown_the_message_shows_none(tmp_path: Path) -> None:
    messages = [one.message for one in checked(tmp_path, [("A", None, "张（三）"), ("A", None, "张(三)")]).findings]
    assert len(messages) == 2
    assert not any("三" in message for message in messages)


def test_it_is_no_reason_to_hold_back(tmp_path: Path) -> None:
    severities = checked(tmp_path, [("A", "甲（乙）", None), ("A", "甲(乙)", None)]).severities()
    assert severities == {"name-variant": "should"}
