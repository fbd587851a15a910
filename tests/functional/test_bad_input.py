"""One dataset broken in every way of the list: it is named with place and fix, and harms no other dataset."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.workspace_factory import BUOYS, OPEN, PORTS, PortOffice, contents

HEADING, ROW, OTHER, LAST = (",".join(row) for row in PORTS)


@dataclass(frozen=True)
class Fault:
    """How to break a dataset, and the finding that must say so; None of a place means that there is none such."""

    name: str
    dataset: str
    breaks: Callable[[PortOffice], object]
    rule: str
    row: int | None = None
    column: str = ""
    value: str | None = None
    sheet: str = ""


def csv(*lines: str) -> Callable[[PortOffice], object]:
    text = "".join(f"{line}\r\n" for line in lines if line)
    return lambda office: (office.samples / "ports.csv").write_bytes(text.encode("gb18030"))


def tides(*rows: dict[str, Any]) -> Callable[[PortOffice], object]:
    return lambda office: office.tides(rows)


def book(*rows: tuple[Any, ...], **more: Any) -> Callable[[PortOffice], object]:
    return lambda office: office.buoys(rows or BUOYS, **more)


def wrong_encoding(office: PortOffice) -> None:
    office.entry("ports", source={"path": "samples/ports.csv", "encoding": "utf-8"})


def not_a_workbook(office: PortOffice) -> None:
    (office.samples / "buoys.xlsx").write_bytes(b"PK\x05\x06" + bytes(18))


FAULTS = (
    Fault("empty file", "ports", csv(""), "empty-file"),
    Fault("header only", "ports", csv(HEADING), "no-rows"),
    Fault("wrong encoding", "ports", wrong_encoding, "encoding", row=2),
    Fault("ragged row", "ports", csv(HEADING, ROW, "002,西港,1955-10-12"), "ragged-row", row=3),
    Fault("unclosed quote", "ports", csv(HEADING, ROW, '002,"西港,1955-10-12,,'), "unclosed-quote", row=3),
    Fault("duplicate heading", "ports", csv(f"{HEADING},name", f"{ROW},x"), "duplicate-heading", 1, "name"),
    Fault("blank heading", "ports", csv(f"{HEADING},", f"{ROW},x"), "blank-heading", 1),
    Fault("missing column", "ports", csv("code,opened,keeper,keeper_id", "001,,,", "010,,,"), "missing-column",
          column="name"),
    Fault("extra column", "ports", csv(f"{HEADING},phone", f"{ROW},1", f"{LAST},1"), "extra-column", column="phone"),
    Fault("refused value", "ports", csv(HEADING, LAST, "001,东港,昨天,,"), "type", 3, "opened", "昨天"),
    Fault("duplicate key", "ports", csv(HEADING, ROW, LAST, ROW), "primary-key", row=4, column="code"),
    Fault("unknown parent", "tides", tides({"port": "999", "at": "2026-11-01T06:12:00+08:00", "height": 1}),
          "foreign-key", row=1, column="port", value="999"),
    Fault("a zip named .xlsx", "buoys", not_a_workbook, "not-this-format"),
    Fault("hidden sheet", "buoys", book(state="hidden"), "hidden-sheet", sheet="数据"),
    Fault("refused cell", "buoys", book(*BUOYS, ("3", "三号", "许多")), "type", 5, "检修次数", "许多", "数据"),
)  # fmt: skip


def assert_others_go_on(office: PortOffice, broken: str, before: dict[str, bytes]) -> None:
    """Every other dataset was published anew, and of the broken one readers have the release before."""
    answer = office.run("publish")
    assert answer.code == 1
    assert {name for name, verdict in answer.verdicts.items() if verdict == "published"} == set(OPEN) - {broken}
    assert contents(office.portal / "dataset" / broken) == before
    assert not office.release(broken, 2).exists()
    assert office.run("verify").code == 0


def describe_all_anew(office: PortOffice) -> None:
    """Every open dataset has something to publish."""
    for dataset in OPEN:
        office.entry(dataset, summary="新的摘要")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_in_a_source(published: PortOffice, fault: Fault) -> None:
    before = contents(published.portal / "dataset" / fault.dataset)
    describe_all_anew(published)
    fault.breaks(published)
    (checked,) = published.run("check", fault.dataset).document["datasets"]
    assert not checked["valid"]
    found = next(finding for finding in checked["findings"] if finding["rule"] == fault.rule)
    assert (found["row"], found["column"], found["sheet"]) == (fault.row, fault.column, fault.sheet)
    assert fault.value in (None, found["value"])
    assert found["file"] == published.entries[fault.dataset]["source"]["path"]
    assert (found["severity"], found["owner"], found["dataset"]) == ("must", "观测处", fault.dataset)
    assert found["message"]
    assert found["fix"]
    assert checked["counts"][fault.rule] >= 1
    planned = published.run("plan").datasets[fault.dataset]
    assert planned["verdict"] == "blocked"
    assert found["file"] in planned["reason"]
    assert " → " in planned["reason"]
    assert_others_go_on(published, fault.dataset, before)


def missing(office: PortOffice) -> None:
    (office.samples / "buoys.xlsx").unlink()


def outside(office: PortOffice) -> None:
    office.entry("buoys", source={"path": "../../secret.csv"})


def through_a_link(office: PortOffice) -> None:
    (office.samples / "buoys.xlsx").unlink()
    (office.samples / "buoys.xlsx").symlink_to(office.root.parent / "secret.csv")


def through_a_linked_folder(office: PortOffice) -> None:
    (office.samples / "elsewhere").symlink_to(office.root.parent)
    office.entry("buoys", source={"path": "samples/elsewhere/secret.csv"})


def unknown_key(office: PortOffice) -> None:
    office.entry("buoys", sumary="typo")


def duplicate_key(office: PortOffice) -> None:
    with office.entry_file("buoys").open("a", encoding="utf-8") as file:
        file.write("title: 另一个\n")


def no_yaml(office: PortOffice) -> None:
    office.entry_file("buoys").write_text("id: [buoys\n", encoding="utf-8")


def unreadable_schema(office: PortOffice) -> None:
    (office.root / "schemas" / "buoys.schema.json").write_text('{"fields": [', encoding="utf-8")


@pytest.mark.parametrize(
    ("breaks", "place"),
    [
        (missing, "samples/buoys.xlsx"),
        (outside, "../../secret.csv"),
        (through_a_link, "samples/buoys.xlsx"),
        (through_a_linked_folder, "samples/elsewhere/secret.csv"),
        (unknown_key, "buoys.yaml:"),
        (duplicate_key, "buoys.yaml:"),
        (no_yaml, "buoys.yaml:"),
        (unreadable_schema, "buoys.schema.json"),
    ],
)
def test_fault_around_a_source(published: PortOffice, breaks: Callable[[PortOffice], None], place: str) -> None:
    before = contents(published.portal / "dataset" / "buoys")
    (published.root.parent / "secret.csv").write_text("编号,名称,检修次数\ncanary-secret,x,1\n", encoding="utf-8")
    describe_all_anew(published)
    breaks(published)
    failed = published.run("plan").datasets["buoys"]
    assert failed["verdict"] == "failed"
    assert place in failed["reason"]
    assert " → " in failed["reason"]
    assert "Traceback" not in failed["reason"]
    assert "fault of the program" not in failed["reason"]
    assert_others_go_on(published, "buoys", before)
    assert not any(b"canary-secret" in content for content in contents(published.home).values())


def test_two_entries_with_one_id_are_both_refused(published: PortOffice) -> None:
    before = contents(published.portal / "dataset" / "buoys")
    describe_all_anew(published)
    copy = published.entry_file("buoys-again")
    copy.write_bytes(published.entry_file("buoys").read_bytes())
    answer = published.run("plan")
    assert (answer.verdicts["buoys"], answer.verdicts["buoys-again"]) == ("failed", "failed")
    assert "buoys-again.yaml" in answer.datasets["buoys"]["reason"]
    assert_others_go_on(published, "buoys", before)


def test_unreadable_file_is_no_traceback(published: PortOffice) -> None:
    (published.samples / "buoys.xlsx").unlink()
    (published.samples / "buoys.xlsx").mkdir()
    answer = published.run("plan", "buoys")
    assert answer.verdicts == {"buoys": "failed"}
    assert "fault of the program" not in answer.datasets["buoys"]["reason"]


def test_a_pipe_as_source_is_refused_and_not_waited_for(published: PortOffice) -> None:
    (published.samples / "buoys.xlsx").unlink()
    os.mkfifo(published.samples / "buoys.xlsx")
    assert published.run("plan", "buoys").verdicts == {"buoys": "failed"}


def test_first_publication_with_a_broken_dataset(office: PortOffice) -> None:
    office.ports([PORTS[0], ("1", "", "", "", "")])
    answer = office.run("publish")
    assert answer.code == 1
    assert answer.verdicts["ports"] == "blocked"
    assert [name for name in OPEN if answer.verdicts[name] == "published"] == ["buoys", "stations"]
    assert not (office.portal / "dataset" / "ports").exists()
