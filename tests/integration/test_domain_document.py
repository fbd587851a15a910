"""The first workspace has every stream, field, value and key that the domain document's sections 4 and 5 list.

What differs on purpose stands here, with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from resource_catalog.catalog import load_catalog
from resource_catalog.entry import Entry
from resource_catalog.selection import channels_of
from resource_catalog.table_schema import TableSchema
from resource_catalog.vocabulary import Openness, Sharing
from resource_catalog.workspace import open_workspace, table_schema
from tests.domain_document import EditionField, StreamRow, edition_fields, fields_of, stream_rows

REPOSITORY = Path(__file__).parents[2]
WORKSPACE = open_workspace(REPOSITORY)
CATALOG = load_catalog(WORKSPACE)
PROVENANCE = ("source_row_id", "record_version", "valid_from", "valid_to", "published_at")

#: Table of the document → dataset.
TABLES = {
    ("D01", ""): "power-list",
    ("D02", ""): "duty-list",
    ("D03", ""): "service-items",
    ("D04", "items"): "inspection-items",
    ("D04", "tasks"): "inspection-tasks",
    ("D04", "results"): "inspection-results",
    ("D05", ""): "fiscal-information",
    ("D06", ""): "complaint-statistics",
    ("D07", ""): "trader-complaints",
    ("D08", ""): "sampling-inspections",
    ("D09", ""): "typical-cases",
    ("D12", ""): "enterprise-records",
    ("D13", "needs list"): "sharing-needs",
    ("D13", "issue ledger"): "quality-issues",
    ("D14", ""): "official-documents",
    ("D16", ""): "consultations",
    ("D18", ""): "proposals",
    ("D19", ""): "disclosure-requests",
}
EDITIONS = {
    ("A", "Permit"): "administrative-licences",
    ("A", "Penalty"): "administrative-penalties",
    ("B", "Permit"): "administrative-licences-2018",
    ("B", "Penalty"): "administrative-penalties-2018",
}
SHARING = {"U": Sharing.UNCONDITIONAL, "C": Sharing.CONDITIONAL, "N": Sharing.WITHHELD}
#: The channels of the document in an entry's words; P and O are the portal, and one word.
CHANNELS = {
    "P": "portal",
    "O": "portal",
    "S": "sharing",
    "X": "credit-china",
    "G": "credit-publicity",
    "M": "media",
}


def _streams() -> dict[str, list[str]]:
    """Stream → its datasets, by the table of `resource_catalog/STREAMS.md`."""
    found: dict[str, list[str]] = {}
    for line in (REPOSITORY / "resource_catalog" / "STREAMS.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"D\d\d|2014", cells[0]):
            found.setdefault(cells[0], []).append(cells[1].strip("`"))
    return found


STREAMS = _streams()


def _schema(dataset: str) -> TableSchema:
    return table_schema(WORKSPACE, CATALOG.entry(dataset))


def _entries(stream: str) -> Iterator[Entry]:
    return (CATALOG.entry(dataset) for dataset in STREAMS[stream])


def test_every_entry_stands_in_the_table_of_streams() -> None:
    listed = [dataset for datasets in STREAMS.values() for dataset in datasets]
    assert sorted(listed) == sorted(entry.id for entry in CATALOG.entries if entry.id != "division-codes")


@pytest.mark.parametrize("row", stream_rows(), ids=lambda row: row.stream)
def test_each_stream_has_its_owner_channels_openness_and_sharing(row: StreamRow) -> None:
    entries = list(_entries(row.stream))
    assert entries
    if row.owners != ("各处室",):
        assert {entry.owner for entry in entries} <= set(row.owners)
    channels = {channel for entry in entries for channel in channels_of(entry)}
    assert {CHANNELS[letter] for letter in row.channels} <= channels
    openness = {entry.openness.code for entry in entries}
    assert (Openness.OPEN in openness) == ("公开" in row.openness.replace("不公开", ""))
    assert (Openness.WITHHELD in openness) >= row.openness.startswith("不公开")
    assert {SHARING[letter] for letter in re.findall(r"\b[UCN]\b", row.openness)} <= {
        entry.sharing.code for entry in entries
    }


@pytest.mark.parametrize("row", stream_rows(), ids=lambda row: row.stream)
def test_each_stream_names_its_deadline_rule(row: StreamRow) -> None:
    for entry in _entries(row.stream):
        assert entry.deadline, entry.id


@pytest.mark.parametrize(("table", "dataset"), TABLES.items(), ids=lambda value: str(value))
def test_fields_values_and_keys_of_section_5(table: tuple[str, str], dataset: str) -> None:
    schema = _schema(dataset)
    listed = fields_of(*table)
    assert len(listed) > 3
    assert {field.name for field in listed} <= set(schema.names)
    for field in listed:
        own = schema.field(field.name)
        assert not field.type or own.type == field.type, field.name
        assert not field.required or own.constraints.required or field.name in schema.primary_key, field.name
        listed_values = {value for value in field.enum if value != "…"}
        assert listed_values <= set(own.constraints.enum or ()), field.name
        if "…" not in field.enum and field.enum:
            assert listed_values == set(own.constraints.enum or ()), field.name
    assert set(schema.primary_key) == {field.name for field in listed if field.key}


def _label_of(field: EditionField, head: str) -> str:
    """The name in edition B: `_2` continues `代码_1` of the party."""
    return f"代码{field.name}" if field.name.startswith("_") else field.name


@pytest.mark.parametrize(("edition", "dataset"), EDITIONS.items(), ids=lambda value: str(value))
def test_fields_and_values_of_section_4(edition: tuple[str, str], dataset: str) -> None:
    letter, line = edition
    schema = _schema(dataset)
    listed = edition_fields(letter, line)
    if letter == "B":
        listed = edition_fields("B", "Common head") + listed
    assert len(listed) == {"A": {"Permit": 18, "Penalty": 20}, "B": {"Permit": 27, "Penalty": 29}}[letter][line]
    for field in listed:
        own = _found(schema, field, letter)
        assert not field.required or own.constraints.required, field.name
        codes = {value.split()[0].split("-")[0] for value in field.enum}
        assert codes <= {str(code).split("-")[0] for code in own.constraints.enum or ()}, field.name
    assert schema.names[-5:] == PROVENANCE


def _found(schema: TableSchema, field: EditionField, letter: str):  # type: ignore[no-untyped-def]
    if letter == "A":
        name = f"CF_XDR{field.name}" if field.name.startswith("_") else field.name
        return schema.field(name)
    wanted = _label_of(field, "")
    found = [own for own in schema.fields if own.name.endswith(wanted) or own.name.startswith(wanted)]
    exact = [own for own in found if own.name == wanted]
    assert exact or len(found) == 1, (wanted, [own.name for own in found])
    return (exact or found)[0]


@pytest.mark.parametrize("dataset", EDITIONS.values())
def test_the_key_of_a_decision_is_authority_number_and_party(dataset: str) -> None:
    authority, number, party = _schema(dataset).primary_key
    assert authority in ("authority_code", "许可机关统一代码", "处罚机关统一代码", "机关统一代码")
    assert number in ("XK_WSH", "CF_WSH", "决定文书号", "决定书文号", "行政许可决定文书号", "行政处罚决定书文号")
    assert party == "party_code"


def test_every_table_of_a_stream_carries_where_its_rows_come_from() -> None:
    """All but the catalogue itself, whose rows are its entries: they have no source row and no version of their own."""
    for stream, datasets in STREAMS.items():
        for dataset in datasets:
            if dataset != "resource-catalogue":
                assert _schema(dataset).names[-5:] == PROVENANCE, (stream, dataset)


def test_the_plan_of_2014_is_there_and_marked_as_opened_then() -> None:
    assert len(STREAMS["2014"]) == 5
    assert {entry.opened.year for entry in _entries("2014") if entry.opened} == {2014}


#: What identifies or reaches a private person, as labels say it (sections 4 and 7).
_PRIVATE = re.compile(r"身份证号|证件号码|住址|家庭地址|银行账号|投诉人|举报人|申请人姓名|手机")


def test_nothing_that_reaches_a_private_person_is_open() -> None:
    for entry in CATALOG.entries:
        for field in _schema(entry.id).fields:
            label = field.title or field.name
            if _PRIVATE.search(label) and not label.endswith(("撤回", "类型")):
                assert field.disclosure != "open", (entry.id, field.name)
