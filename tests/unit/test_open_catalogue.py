"""The catalogue as a table says what the public may see of each resource, and nothing of what stays inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.catalogue_rows import catalogue_digest, read_catalogue
from pipelines.sources.reading import UnreadableError
from quality.table import EXTRACT, ROW
from resource_catalog.catalog import Catalog, load_catalog
from resource_catalog.open_catalogue import HEADINGS, catalogue_rows
from resource_catalog.table_schema import parse_table_schema, read_table_schema
from resource_catalog.workspace import Workspace
from tests.catalogue_factory import AGENCY, make_entry, make_workspace, write_schema

SCHEMAS = Path(__file__).parents[2] / "schemas"
WITHHELD = {
    "id": "crews",
    "code": "307002/000001",
    "title": "船员",
    "openness": "不公开",
    "openness_basis": "个人信息",
    "sharing": "不予共享",
    "sharing_basis": "个人信息",
}
ON_REQUEST = {
    "id": "wrecks",
    "code": "307002/000012",
    "title": "沉船",
    "openness": "依申请公开",
    "openness_basis": "条例第十三条",
    "openness_condition": "说明用途",
    "provider": "航道局",
    "provider_code": "11310000000000002X",
    "keywords": ["沉船；残骸"],
    "related": ["307002/000010", "307002/000001"],
}
FIELDS = {
    "fields": [
        {"name": "port", "type": "string", "title": "港口"},
        {"name": "height", "type": "number"},
        {"name": "keeper", "type": "string", "title": "值守人", "disclosure": "share"},
        {"name": "keeper_id", "type": "string", "title": "值守人证件号", "disclosure": "never"},
        {"name": "at", "type": "datetime", "title": "时间"},
    ]
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "workspace", WITHHELD, {}, ON_REQUEST)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(tmp_path / "work.duckdb") as opened:
        yield opened


def rows_of(catalog: Catalog, scope: Any = "open", **schemas: Any) -> dict[str, dict[str, str | None]]:
    parsed = {name: parse_table_schema(schema, name) for name, schema in schemas.items()}
    rows = [dict(zip(HEADINGS, cells, strict=True)) for _, cells in catalogue_rows(catalog, parsed, scope)]
    return {str(row["数据集标识"]): row for row in rows}


def test_each_column_says_what_the_entry_says(workspace: Workspace) -> None:
    catalog = load_catalog(workspace)
    entry = make_entry(
        classification="307002 海洋",
        resource_format="电子表格 csv",
        sharing="有条件共享",
        sharing_condition="限海事部门",
        sharing_mode="文件下载",
        opened="2016-03-01",
        related=("307002/000012",),
    )
    whole = Catalog(workspace, catalog.agency, (entry, make_entry(**ON_REQUEST)))
    assert rows_of(whole, tides=FIELDS)["tides"] == {
        "信息资源代码": "307002/000010",
        "信息资源名称": "潮汐表",
        "信息资源分类": "307002 海洋",
        "信息资源提供方": AGENCY["name"],
        "信息资源提供方代码": AGENCY["code"],
        "责任处室": "观测处",
        "信息资源摘要": "每个港口每日的潮汐：港口和潮高",
        "信息资源格式": "电子表格 csv",
        "信息项": "港口:字符型、height:数值型、时间:日期时间型",
        "公开方式": "公开",
        "是否向社会开放": "1",
        "开放条件": None,
        "数据领域": "海洋",
        "关键字": "潮汐；港口",
        "共享类型": "有条件共享",
        "共享条件": "限海事部门",
        "不予共享依据": None,
        "共享方式": "文件下载",
        "更新周期": "每日",
        "首次开放日期": "2016-03-01",
        "发布日期": "2017-06-01",
        "关联资源代码": "307002/000012",
        "数据集标识": "tides",
    }


def test_the_open_catalogue_has_no_trace_of_what_is_withheld(workspace: Workspace) -> None:
    catalog = load_catalog(workspace)
    rows = rows_of(catalog)
    assert list(rows) == ["tides", "wrecks"]
    assert rows["wrecks"]["关联资源代码"] == "307002/000010"
    assert "船员" not in str(rows)
    assert "307002/000001" not in str(rows)


def test_all_has_every_resource_and_says_which_are_open(workspace: Workspace) -> None:
    rows = rows_of(load_catalog(workspace), "all", crews=FIELDS)
    assert {name: row["是否向社会开放"] for name, row in rows.items()} == {"crews": "0", "tides": "1", "wrecks": "1"}
    assert rows["crews"]["不予共享依据"] == "个人信息"
    assert rows["wrecks"]["关联资源代码"] == "307002/000010；307002/000001"
    assert "值守人" not in str(rows)


def test_a_resources_own_provider_and_signs_inside_a_list_are_kept(workspace: Workspace) -> None:
    row = rows_of(load_catalog(workspace))["wrecks"]
    assert (row["信息资源提供方"], row["信息资源提供方代码"]) == ("航道局", "11310000000000002X")
    assert row["关键字"] == "沉船\\；残骸"
    assert row["信息项"] is None


def test_rows_are_numbered_as_in_the_officers_workbook(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection
) -> None:
    reading, digest = read_catalogue(connection, load_catalog(workspace), "open")
    assert (reading.headings, reading.rows) == (HEADINGS, 2)
    found = connection.execute(f'SELECT {ROW}, "数据集标识" FROM {EXTRACT} ORDER BY 1').fetchall()
    assert found == [(2, "tides"), (3, "wrecks")]
    assert digest == catalogue_digest(load_catalog(workspace), "open")


def test_the_digest_moves_with_the_rows_alone(workspace: Workspace) -> None:
    def digest() -> str:
        return catalogue_digest(load_catalog(workspace), "open")

    def edit(name: str, old: str, new: str) -> None:
        file = workspace.entry_file(name)
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")

    before = digest()
    edit("crews", "船员", "海员")
    write_schema(workspace, "crews", FIELDS)
    assert digest() == before
    edit("tides", "观测处", "预报处")
    moved = digest()
    write_schema(workspace, "tides", FIELDS)
    assert len({before, moved, digest()}) == 3
    workspace.entry_file("crews").unlink()
    assert digest() == catalogue_digest(load_catalog(workspace), "all")


def test_a_catalogue_that_would_miss_a_row_is_none(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> None:
    workspace.entry_file("crews").write_text("id: crews\n", "utf-8")
    (workspace.schemas_dir / "tides.schema.json").write_text(json.dumps({"fields": []}), "utf-8")
    catalog = load_catalog(workspace)
    with pytest.raises(UnreadableError) as caught:
        read_catalogue(connection, catalog, "open")
    assert [finding.rule for finding in caught.value.findings] == ["catalogue-incomplete"] * 2
    assert "crews.yaml" in caught.value.findings[0].message
    assert "tides" in caught.value.findings[1].message
    assert catalogue_digest(catalog, "open") == ""


def test_data_without_a_schema_is_no_row_to_publish(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    workspace = make_workspace(tmp_path / "other", {"source": {"path": "samples/tides.csv"}})
    with pytest.raises(UnreadableError):
        read_catalogue(connection, load_catalog(workspace), "open")


def test_the_first_workspaces_schema_has_a_field_for_each_column() -> None:
    schema = read_table_schema(SCHEMAS / "resource-catalogue.schema.json")
    assert tuple(field.title for field in schema.fields) == HEADINGS
