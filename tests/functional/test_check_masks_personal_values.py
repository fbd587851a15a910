"""What may be personal is in no byte of what a check writes, wherever in the source it stands."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.workspace_factory import PortOffice, files_with, text_field

#: Where each stands is in its name.
CANARIES = {
    place: f"canary-{place}-7391"
    for place in (
        "shared", "never", "masked", "mobile", "email", "pattern", "length", "enum", "key", "unique", "reference",
        "date", "unknown-column", "conditional", "share-text",
    )
}  # fmt: skip
ID_NUMBER = "310000199001011234"
#: In an open column of free text.
MOBILE_IN_TEXT = "13800000000"
#: A person's number where the headings should be: the table has none.
HEADING_NUMBER = "13912345678"


def field(name: str, canary: str, **more: object) -> tuple[dict[str, object], str]:
    return text_field(name, **more), CANARIES[canary]


FIELDS: list[tuple[dict[str, object], str]] = [
    field("共享", "shared", disclosure="share"),
    field("不公开", "never", disclosure="never"),
    field("姓名", "masked", mask="person-name", constraints={"maxLength": 3}),
    field("手机", "mobile", standard="mobile", constraints={"pattern": "[0-9]{11}"}),
    field("邮箱", "email", standard="email", format="email"),
    field("格式", "pattern", disclosure="never", constraints={"pattern": "[0-9]+"}),
    field("长度", "length", disclosure="share", constraints={"maxLength": 2}),
    field("枚举", "enum", disclosure="share", constraints={"enum": ["甲"]}),
    field("唯一", "unique", disclosure="never", constraints={"unique": True}),
    field("主键", "key", disclosure="share"),
    field("指向", "reference", disclosure="never"),
    ({"name": "日期", "type": "date", "disclosure": "share"}, CANARIES["date"]),
    field("条件", "conditional", mask={"as": "person-name", "where": {"类": ["个人"]}}),
    field("备注", "share-text", disclosure="share"),
    (text_field("说明", constraints={"maxLength": 2}), f"联系人手机{MOBILE_IN_TEXT}"),
    (text_field("类", constraints={"enum": ["个人"]}), "企业"),
    (text_field("证件", standard="resident-id", disclosure="never"), ID_NUMBER),
]
SCHEMA = {
    "fields": [schema for schema, _ in FIELDS],
    "primaryKey": "主键",
    "foreignKeys": [{"fields": ["指向"], "reference": {"resource": "ports", "fields": ["code"]}}],
}


@pytest.fixture
def people(office: PortOffice) -> PortOffice:
    """A dataset whose two rows break every rule with personal values, one of a workbook, and one without headings."""
    office.add("people", "307002/000098", SCHEMA, title="人员", source={"path": "samples/people.csv"})
    headings = [*(str(schema["name"]) for schema, _ in FIELDS), "来历不明"]
    row = [*(value for _, value in FIELDS), CANARIES["unknown-column"]]
    text = "\n".join(",".join(cells) for cells in (headings, row, row, [""] * len(row)))
    (office.samples / "people.csv").write_text(text + "\n", "utf-8")
    schema = {"fields": [text_field("证件", disclosure="never"), {"name": "数", "type": "integer"}]}
    office.add("cards", "307002/000097", schema, title="证件", source={"path": "samples/cards.xlsx"})
    book = openpyxl.Workbook()
    for cells in (("证件", "数"), (310000199001011234, "x"), (ID_NUMBER, "y"), ("=1/0", "z")):
        book.worksheets[0].append(cells)
    book.save(office.samples / "cards.xlsx")
    office.add("bare", "307002/000096", schema, title="无表头", source={"path": "samples/bare.csv"})
    (office.samples / "bare.csv").write_text(f"{ID_NUMBER},{HEADING_NUMBER}\n1,2\n", "utf-8")
    return office


def test_no_personal_value_is_in_any_report(people: PortOffice, tmp_path: Path) -> None:
    folder = tmp_path / "written"
    words = ["--report", folder / "page.html", "--junit", folder / "junit.xml", "--workbook", folder / "workbooks"]
    answer = people.run("check", *map(str, words))
    assert answer.code == 1
    (folder / "check.json").write_text(answer.out, "utf-8")
    (folder / "check.txt").write_text(people.run("check", json=False).out + answer.err, "utf-8")
    rules = set(answer.datasets["people"]["counts"])
    wanted = {"length", "pattern", "type", "enum", "unique", "primary-key", "foreign-key", "extra-column"}
    assert wanted <= rules  # each canary stands in a cell that is spoken of, or beside one
    assert answer.datasets["cards"]["counts"].keys() >= {"type", "precision-lost"}
    for canary in (*CANARIES.values(), ID_NUMBER, HEADING_NUMBER, MOBILE_IN_TEXT):
        assert files_with(folder, canary) == [], canary
    assert len(files_with(folder / "workbooks", "企业")) == 1  # a public cell beside them is as in the source
