"""The catalogue goes out to a workbook and back in without losing anything, and a faulty workbook writes nothing."""

import datetime
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from resource_catalog.catalog import Catalog, load_catalog
from resource_catalog.entry import PLACES, Entry, Period, Source
from resource_catalog.entry_file import SCHEMA_COMMENT, entry_yaml
from resource_catalog.errors import OutsideError, WorkspaceError
from resource_catalog.national_template import export_catalog, import_catalog
from resource_catalog.quality_settings import QualitySettings, Quarantine
from resource_catalog.table_schema import FieldType
from resource_catalog.template_columns import (
    CATALOGUE_SHEET,
    COLUMNS,
    ITEM_HEADINGS,
    ITEMS_SHEET,
    OWN_COLUMNS,
    OWN_SHEET,
)
from resource_catalog.vocabulary import OPENNESS, SHARING, UPDATE_CYCLE
from resource_catalog.workspace import Workspace
from resource_catalog.yaml_file import load_yaml, validate
from tests.catalogue_factory import make_entry, make_workspace, write_schema

TRICKY = [
    "",
    "007",
    "=1+1",
    "+1",
    "@SUM(A1)",
    "2017-05-18",
    "1e5",
    "true",
    "是",
    "null",
    "~",
    '""',
    '"',
    "\\",
    "\\；",
    "；",
    "a；b",
    "1；2",
    "-3",
    "12",
    " 两端 ",
    "一\n二\r\n三\r四\t",
    "_x000D_",
    "_x005F_",
    "_x_x0041_x0042_",
    "\x00\x0b\x1f",
    "\ufffe\uffff",
    "\x7f\x85\u2028\u2029",
    "\x85",
    "a\u2028b\n",
    "\ufeff",
    "𠮷",
    "#N/A",
    "# comment",
    "a: b",
    "- a",
    "<<",
    "=",
    "'",
    "&a",
    "*a",
    "!!str",
    "%",
    "\n",
    " \n a\n",
    "a\n\n",
]
texts = st.sampled_from(TRICKY) | st.text(max_size=30)
whole_texts = texts.filter(bool)
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
lists = st.lists(texts, max_size=4).map(tuple)
dates = st.none() | st.dates()


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    place = draw(st.sampled_from(PLACES))
    source: dict[str, Any] = {place: draw(st.sampled_from(["open", "all"]) if place == "catalogue" else texts)}
    if place == "database":
        source[draw(st.sampled_from(["table", "query"]))] = draw(texts)
    rows = st.integers(0, 99)
    source |= {
        "format": draw(st.sampled_from([None, "csv", "xlsx"])),
        "encoding": draw(optional(texts)),
        "delimiter": draw(optional(st.sampled_from([";", "\t", "；", "\\", '"']))),
        "quote": draw(st.sampled_from([None, "", '"', "'", "\\"])),
        "escape": draw(st.sampled_from([None, "", '"', "\\"])),
        "sheet": draw(optional(texts | st.integers())),
        "header_row": draw(optional(rows | st.tuples(rows, rows))),
        "footer_rows": draw(rows),
        "hidden": draw(st.booleans()),
        "records": draw(optional(texts)),
        "columns": draw(st.dictionaries(whole_texts, whole_texts, max_size=3)),
        "null_values": draw(optional(lists)),
        "allow_empty": draw(st.booleans()),
    }
    return source


@st.composite
def periods(draw: st.DrawFn) -> dict[str, Any]:
    first, last = sorted(draw(st.tuples(st.dates(), st.dates())))
    return {"start": first, "end": draw(st.sampled_from([None, last]))}


@st.composite
def gates(draw: st.DrawFn) -> dict[str, Any]:
    said = texts.filter(str.strip)
    waiver = st.fixed_dictionaries({"rule": said, "column": texts, "reason": said, "person": said, "until": st.dates()})
    share = st.floats(0, 1, exclude_min=True)
    quarantine = st.fixed_dictionaries({"share": share, "rows": optional(st.integers(1, 99))})
    return {
        "minimum_score": draw(optional(st.floats(0, 100))),
        "rows_change": draw(optional(share)),
        "rows_change_floor": draw(optional(st.integers(0, 99))),
        "quarantine": draw(optional(quarantine)),
        "waivers": draw(st.lists(waiver, max_size=3)),
    }


@st.composite
def entries(draw: st.DrawFn, entry_id: str) -> Entry:
    data = {name: draw(texts) for name, field in Entry.model_fields.items() if field.annotation is str}
    data |= {name: draw(whole_texts) for name in ("code", "owner", "openness_basis", "sharing_condition")}
    data |= {
        "id": entry_id,
        "title": draw(whole_texts),
        "sharing_basis": draw(whole_texts),
        "openness": draw(st.sampled_from(list(OPENNESS))),
        "sharing": draw(st.sampled_from(list(SHARING))),
        "update_cycle": draw(st.sampled_from(list(UPDATE_CYCLE))),
        "opened": draw(dates),
        "issued": draw(dates),
        "period": draw(optional(periods())),
        "keywords": draw(lists),
        "related": draw(lists),
        "source": draw(optional(sources())),
        "schema": draw(optional(slugs)),
        "suite": draw(optional(slugs)),
        "quality": draw(gates()),
        "deadline": draw(st.lists(st.builds(dict, rule=texts), max_size=3, unique_by=lambda clock: clock["rule"])),
        "channels": draw(optional(lists)),
    }
    return Entry.model_validate(data)


@st.composite
def catalogues(draw: st.DrawFn) -> tuple[Entry, ...]:
    ids = draw(st.lists(slugs, min_size=1, max_size=3, unique=True))
    return tuple(draw(entries(entry_id)) for entry_id in sorted(ids))


def tricky_entry(text: str) -> Entry:
    words = {name: text for name, field in Entry.model_fields.items() if field.annotation is str and name != "id"}
    required = {name: text or "x" for name in ("code", "title", "owner", "openness_basis", "sharing_basis")}
    source = {"path": text, "sheet": text, "encoding": text, "records": text, "null_values": (text,)}
    source |= {"columns": {text or "x": text or "x", f"{text}；": "y"}}
    return make_entry(
        **{**words, **required},
        keywords=(text, text),
        related=(text,),
        channels=(text, "x", text),
        source=source,
        deadline=[{"rule": text}, {"rule": f"{text}；"}],
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(catalogues())
def test_entries_come_back_as_they_were(written: tuple[Entry, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert through_workbook(Path(folder), written) == written


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_texts_come_back_in_every_column(tmp_path: Path, text: str) -> None:
    entry = tricky_entry(text)
    assert through_workbook(tmp_path, (entry,)) == (entry,)


@pytest.mark.parametrize(
    "parts", [(), ("",), ("", ""), ("a", ""), ("", "a"), ("\\",), ("；",), ('""',), ("\\；", "；\\")]
)
def test_absent_and_empty_lists_differ(tmp_path: Path, parts: tuple[str, ...]) -> None:
    entry = make_entry(keywords=parts, channels=parts, source={"path": "x", "null_values": parts})
    absent = make_entry(id="absent", keywords=(), source={"path": "x"})
    assert through_workbook(tmp_path, (absent, entry)) == (absent, entry)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(entries("tides"))
@example(tricky_entry(" \n"))
def test_entry_files_come_back_as_they_were(entry: Entry) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tides.yaml"
        file.write_text(entry_yaml(entry), encoding="utf-8", newline="\n")
        assert validate(Entry, load_yaml(file)) == entry


def through_workbook(folder: Path, written: tuple[Entry, ...]) -> tuple[Entry, ...]:
    workspace = make_workspace(folder / "workspace")
    export_catalog(Catalog(workspace, load_catalog(workspace).agency, written), folder / "catalogue.xlsx")
    summary = import_catalog(folder / "catalogue.xlsx", workspace)
    assert summary.faults == ()
    assert summary.written == tuple(entry.id for entry in written)
    return load_catalog(workspace).entries


def test_every_key_of_an_entry_has_a_column() -> None:
    keys = {info.alias or name for name, info in Entry.model_fields.items()} - {"source", "period", "quality"}
    below = {("source", name) for name in Source.model_fields} | {("period", name) for name in Period.model_fields}
    below |= {("quality", name) for name in QualitySettings.model_fields if name != "quarantine"}
    below |= {("quality", "quarantine", name) for name in Quarantine.model_fields}
    assert {column.key for column in COLUMNS} == {(key,) for key in keys} | below


def test_the_same_catalogue_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog(make_workspace(tmp_path / "workspace", {}))
    export_catalog(catalog, tmp_path / "one.xlsx")

    class Tomorrow(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return datetime.datetime(2030, 1, 1, tzinfo=tz)

    monkeypatch.setattr(datetime, "datetime", Tomorrow)
    export_catalog(catalog, tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = make_workspace(
        tmp_path / "workspace",
        {"id": "tides", "source": {"path": "samples/tides.csv"}},
        {"id": "winds", "code": "307002/000011", "title": "风"},
    )
    write_schema(made, "tides")
    return made


@pytest.fixture
def exported(workspace: Workspace, tmp_path: Path) -> Path:
    export_catalog(load_catalog(workspace), tmp_path / "catalogue.xlsx")
    return tmp_path / "catalogue.xlsx"


def edit(file: Path, *cells: tuple[str, str, Any]) -> None:
    book = openpyxl.load_workbook(file)
    for sheet, coordinate, value in cells:
        book[sheet][coordinate] = value
    book.save(file)


def column_of(file: Path, sheet: str, heading: str) -> str:
    for cell in openpyxl.load_workbook(file)[sheet][1]:
        if cell.value == heading:
            return str(cell.column_letter)
    raise KeyError(heading)


def refused(file: Path, workspace: Workspace) -> list[tuple[str, int, str]]:
    before = {path.name: path.read_bytes() for path in workspace.entries_dir.iterdir()}
    summary = import_catalog(file, workspace)
    assert (summary.written, summary.unchanged) == ((), ())
    assert {path.name: path.read_bytes() for path in workspace.entries_dir.iterdir()} == before
    return [(fault.sheet, fault.row, fault.column) for fault in summary.faults]


def test_every_cell_is_text(exported: Path) -> None:
    for sheet in openpyxl.load_workbook(exported):
        cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
        assert cells
        assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}


def test_items_come_from_the_table_schemas(exported: Path) -> None:
    rows = list(openpyxl.load_workbook(exported)[ITEMS_SHEET].iter_rows(values_only=True))
    assert rows == [
        ITEM_HEADINGS,
        ("1", "港口", "port", "C 字符型", "20", "是", "是"),
        ("1", "潮高", "height", "N 数值型", None, "否", "否"),
    ]


def test_every_field_type_has_an_item_type(workspace: Workspace, tmp_path: Path) -> None:
    types = FieldType.__args__
    write_schema(workspace, "tides", {"fields": [{"name": name, "type": name} for name in types]})
    export_catalog(load_catalog(workspace), tmp_path / "catalogue.xlsx")
    items = openpyxl.load_workbook(tmp_path / "catalogue.xlsx")[ITEMS_SHEET]
    letters = {row[2]: row[3][0] for row in items.iter_rows(min_row=2, values_only=True)}
    assert letters == {
        **dict.fromkeys(types, "G"),
        **dict.fromkeys(["string", "time", "year", "yearmonth", "duration"], "C"),
        **{"number": "N", "integer": "I", "boolean": "L", "date": "D", "datetime": "T"},
    }


def test_an_unchanged_workbook_writes_nothing(exported: Path, workspace: Workspace) -> None:
    before = {path: path.read_bytes() for path in workspace.entries_dir.iterdir()}
    summary = import_catalog(exported, workspace)
    assert (summary.written, summary.unchanged, summary.faults) == ((), ("tides", "winds"), ())
    assert {path: path.read_bytes() for path in workspace.entries_dir.iterdir()} == before


def test_a_changed_cell_writes_its_entry_alone(exported: Path, workspace: Workspace) -> None:
    edit(exported, (CATALOGUE_SHEET, "C3", "大风"))
    summary = import_catalog(exported, workspace)
    assert (summary.written, summary.unchanged) == (("winds",), ("tides",))
    assert load_catalog(workspace).entry("winds").title == "大风"
    text = workspace.entry_file("winds").read_text(encoding="utf-8")
    assert text.startswith(SCHEMA_COMMENT + "id: winds\ncode: 307002/000011\ntitle: 大风\n")


def test_dates_and_counts_of_a_workbook_are_taken(exported: Path, workspace: Workspace) -> None:
    opened = column_of(exported, OWN_SHEET, "opened")
    header_row = column_of(exported, OWN_SHEET, "source.header_row")
    edit(exported, (OWN_SHEET, f"{opened}2", datetime.date(2017, 5, 18)), (OWN_SHEET, f"{header_row}2", 3))
    assert import_catalog(exported, workspace).written == ("tides",)
    entry = load_catalog(workspace).entry("tides")
    assert entry.opened == datetime.date(2017, 5, 18)
    assert entry.source is not None
    assert entry.source.header_row == 3


@pytest.mark.parametrize(
    ("sheet", "coordinate", "value", "column"),
    [
        (CATALOGUE_SHEET, "D3", 307002, "信息资源代码"),
        (CATALOGUE_SHEET, "C3", "=1+1", "信息资源名称"),
        (CATALOGUE_SHEET, "C3", True, "信息资源名称"),
        (CATALOGUE_SHEET, "C3", None, "信息资源名称"),
        (CATALOGUE_SHEET, "A3", None, "序号"),
        (CATALOGUE_SHEET, "A3", "1", "序号"),
        (CATALOGUE_SHEET, "Z3", "x", "Z"),
        (OWN_SHEET, "A3", "9", "序号"),
        (OWN_SHEET, "B3", "Winds", "id"),
        (OWN_SHEET, "B3", None, "id"),
        (OWN_SHEET, "B3", "tides", "id"),
        (OWN_SHEET, "C3", None, "owner"),
        (OWN_SHEET, "D3", "开放", "openness"),
        (OWN_SHEET, "D3", "依申请公开", "openness_basis"),
        (OWN_SHEET, "F3", "2017/05/18", "opened"),
        (OWN_SHEET, "F3", "2017-02-30", "opened"),
        (OWN_SHEET, "F3", datetime.datetime(2017, 5, 18, 10), "opened"),
        (OWN_SHEET, "H3", "a\\", "keywords"),
        (OWN_SHEET, "M3", "t", "source.path"),
        (OWN_SHEET, "X3", "x", "source.header_row"),
        (OWN_SHEET, "Y3", "01", "source.footer_rows"),
        (OWN_SHEET, "Z3", "yes", "source.hidden"),
        (OWN_SHEET, "AB3", "高；height；港", "source.columns"),
        (OWN_SHEET, "AB3", "高；height；高；port", "source.columns"),
        (ITEMS_SHEET, "B3", "高度", "信息项名称"),
        (ITEMS_SHEET, "A3", "9", "序号"),
        (ITEMS_SHEET, "A3", "2", "信息项名称"),
    ],
)
def test_a_faulty_cell_refuses_the_whole_workbook(
    exported: Path, workspace: Workspace, sheet: str, coordinate: str, value: Any, column: str
) -> None:
    edit(exported, (CATALOGUE_SHEET, "C2", "别的"), (sheet, coordinate, value))
    assert (sheet, 3, column) in refused(exported, workspace)


def test_all_faults_are_named_in_their_order(exported: Path, workspace: Workspace) -> None:
    edit(exported, (CATALOGUE_SHEET, "C2", None), (OWN_SHEET, "C3", None), (OWN_SHEET, "D3", "x"))
    expected = [(CATALOGUE_SHEET, 2, "信息资源名称"), (OWN_SHEET, 3, "openness"), (OWN_SHEET, 3, "owner")]
    assert refused(exported, workspace) == sorted(expected)


@pytest.mark.parametrize(("value", "faults"), [("否", 1), ("0", 1), ("是", 0), ("1", 0), (None, 0), ("也许", 1)])
def test_openness_is_said_once(exported: Path, workspace: Workspace, value: str | None, faults: int) -> None:
    letter = column_of(exported, CATALOGUE_SHEET, "是否向社会开放")
    edit(exported, (CATALOGUE_SHEET, f"{letter}2", value))
    assert refused_or_not(exported, workspace) == [(CATALOGUE_SHEET, 2, "是否向社会开放")] * faults


def refused_or_not(file: Path, workspace: Workspace) -> list[tuple[str, int, str]]:
    return [(fault.sheet, fault.row, fault.column) for fault in import_catalog(file, workspace).faults]


def test_headings_must_be_known_and_there_once(exported: Path, workspace: Workspace) -> None:
    edit(exported, (CATALOGUE_SHEET, "B1", "分类"), (OWN_SHEET, "C1", "id"))
    places = refused(exported, workspace)
    assert (CATALOGUE_SHEET, 1, "分类") in places
    assert (OWN_SHEET, 1, "id") in places


def test_merged_cells_are_refused(exported: Path, workspace: Workspace) -> None:
    book = openpyxl.load_workbook(exported)
    book[CATALOGUE_SHEET].merge_cells("E2:E3")
    book.save(exported)
    assert refused(exported, workspace) == [(CATALOGUE_SHEET, 2, "")]


def test_a_broken_entry_is_not_overwritten(exported: Path, workspace: Workspace) -> None:
    workspace.entry_file("winds").write_text("id: winds\nunknown: 1\n")
    assert refused(exported, workspace) == [(OWN_SHEET, 3, "id")]


def test_sheets_may_be_sorted_apart(exported: Path, workspace: Workspace) -> None:
    book = openpyxl.load_workbook(exported)
    book[OWN_SHEET].move_range("A2:AH2", rows=2)
    book.save(exported)
    assert import_catalog(exported, workspace).unchanged == ("tides", "winds")


def national_only(file: Path, *rows: dict[str, str], above: int = 0) -> None:
    """A workbook as another office would fill it in: one sheet of its own name, a title above the headings."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number in range(above):
        sheet.cell(number + 1, 1, "部门政务信息资源目录")
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    for position, heading in enumerate(headings, 1):
        sheet.cell(above + 1, position, heading)
        for number, row in enumerate(rows, above + 2):
            sheet.cell(number, position, row.get(heading))
    book.save(file)


def test_national_columns_alone_renew_entries_of_the_same_code(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "national.xlsx"
    national_only(file, {"信息资源代码": "307002/000010", "信息资源名称": "新潮汐表", "更新周期": "每周"}, above=2)
    before = load_catalog(workspace)
    assert import_catalog(file, workspace).written == ("tides",)
    renewed = {"title": "新潮汐表", "update_cycle": before.entry("tides").update_cycle}
    after = load_catalog(workspace)
    assert (after.entry("tides").title, after.entry("tides").update_cycle.written) == ("新潮汐表", "每周")
    assert after.entry("tides").model_copy(update=renewed) == before.entry("tides").model_copy(update=renewed)
    assert after.entry("winds") == before.entry("winds")


def test_national_columns_alone_name_what_a_new_entry_lacks(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "national.xlsx"
    national_only(
        file,
        {
            "信息资源代码": "307002/000099",
            "信息资源名称": "浪高",
            "共享类型": "无条件共享",
            "是否向社会开放": "是",
            "更新周期": "每日",
        },
        above=1,
    )
    assert refused(file, workspace) == [("Sheet", 3, "id"), ("Sheet", 3, "openness"), ("Sheet", 3, "owner")]


def test_a_column_that_is_absent_leaves_what_the_entry_says(exported: Path, workspace: Workspace) -> None:
    book = openpyxl.load_workbook(exported)
    own = book[OWN_SHEET]
    for position, column in reversed(list(enumerate(OWN_COLUMNS, 2))):
        if column.key[0] in ("source", "keywords"):
            own.delete_cols(position)
    book.save(exported)
    assert import_catalog(exported, workspace).unchanged == ("tides", "winds")


def test_an_empty_cell_makes_the_value_absent(exported: Path, workspace: Workspace) -> None:
    edit(exported, (OWN_SHEET, f"{column_of(exported, OWN_SHEET, 'source.path')}2", None))
    assert import_catalog(exported, workspace).written == ("tides",)
    assert load_catalog(workspace).entry("tides").source is None


def test_what_is_no_workbook_of_the_catalogue_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("no workbook")
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    for name in ("none.xlsx", "text.xlsx", "other.xlsx"):
        with pytest.raises(WorkspaceError):
            import_catalog(tmp_path / name, workspace)


def test_a_disk_that_refuses_one_file_leaves_all_as_they_were(exported: Path, workspace: Workspace) -> None:
    edit(exported, (CATALOGUE_SHEET, "C2", "新潮汐表"), (CATALOGUE_SHEET, "C3", "大风"))
    (workspace.entries_dir / ".winds.yaml.new").mkdir()
    before = {path: path.read_bytes() for path in workspace.entries_dir.iterdir() if path.is_file()}
    with pytest.raises(OutsideError):
        import_catalog(exported, workspace)
    assert {path: path.read_bytes() for path in workspace.entries_dir.iterdir() if path.is_file()} == before


def test_a_workbook_that_can_not_be_written_says_so(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(OutsideError) as caught:
        export_catalog(load_catalog(workspace), tmp_path / "none" / "catalogue.xlsx")
    assert caught.value.where == str(tmp_path / "none" / "catalogue.xlsx")


def test_two_catalogue_sheets_are_refused(exported: Path, workspace: Workspace) -> None:
    book = openpyxl.load_workbook(exported)
    book.copy_worksheet(book[CATALOGUE_SHEET])
    book.save(exported)
    with pytest.raises(WorkspaceError) as caught:
        import_catalog(exported, workspace)
    assert CATALOGUE_SHEET in caught.value.what


def test_a_broken_entry_is_never_left_out_of_an_export(workspace: Workspace, tmp_path: Path) -> None:
    workspace.entry_file("winds").write_text("id: winds\n")
    with pytest.raises(WorkspaceError) as caught:
        export_catalog(load_catalog(workspace), tmp_path / "catalogue.xlsx")
    assert "winds.yaml" in caught.value.what
    assert not (tmp_path / "catalogue.xlsx").exists()


@pytest.mark.parametrize(("text", "fits"), [("x" * 32_767, True), ("x" * 32_768, False), ("𠮷" * 16_384, False)])
def test_a_text_longer_than_a_cell_is_never_cut(tmp_path: Path, text: str, fits: bool) -> None:
    entry = make_entry(summary=text)
    if fits:
        assert through_workbook(tmp_path, (entry,)) == (entry,)
    else:
        with pytest.raises(WorkspaceError) as caught:
            through_workbook(tmp_path, (entry,))
        assert caught.value.where == f"{CATALOGUE_SHEET} › row 2 › 信息资源摘要"
