"""A port office that shares with other bureaus: one dataset 无条件共享, one 有条件共享, one 不予共享."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.workspace_factory import Answer, PortOffice

#: The rule of the sharing store by which an access is good at an instant.
GOOD_ACCESS = """
SELECT access.bureau, shared_table.dataset, access.table_id FROM access
JOIN bureau ON bureau.id = access.bureau JOIN shared_table ON shared_table.id = access.table_id
WHERE bureau.removed_at IS NULL AND access.valid_from <= :now
  AND (access.valid_to IS NULL OR access.valid_to > :now) AND (access.revoked_at IS NULL OR access.revoked_at > :now)
  AND shared_table.retired_at IS NULL AND shared_table.current_version IS NOT NULL
"""
NEED: Mapping[str, str] = {
    "需求部门": "water",
    "信息资源": "wrecks",
    "信息项": "name",
    "用途": "清理航道",
    "法律依据": "航道法",
    "共享方式": "文件下载",
    "更新频率": "每月",
    "行条件": "",
    "提出日期": "",
}


def make_conditional(office: PortOffice) -> PortOffice:
    """The same office, whose ports are 无条件共享, whose wrecks are 有条件共享, and whose crews are not shared."""
    office.entry("wrecks", sharing="有条件共享", sharing_condition="用于航道")
    return office


def query(home: Path, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """The answer of the state that the sharing server reads."""
    file = home / "sharing" / "state.sqlite"
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as reader:
        return reader.execute(statement, values).fetchall()


def write_needs(file: Path, *rows: Mapping[str, str]) -> Path:
    """A CSV of needs, each given as what differs from NEED."""
    merged = [{**NEED, **row} for row in rows]
    lines = [
        ",".join(NEED),
        *(",".join(json.dumps(cell, ensure_ascii=False) for cell in row.values()) for row in merged),
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def submitted(office: PortOffice, *rows: Mapping[str, str]) -> list[str]:
    """The ids of needs that were taken in from a file."""
    answer = office.run("need import", str(write_needs(office.home.parent / "needs.csv", *rows)))
    assert answer.code == 0, answer.out + answer.err
    needs: list[str] = answer.document["needs"]
    return needs


def granted(office: PortOffice, *options: str, **row: str) -> dict[str, Any]:
    """The grant of a need that was taken in and confirmed."""
    (need,) = submitted(office, row)
    answer = office.run("need decide", need, "--grant", "--by", "王", *options)
    assert answer.code == 0, answer.err
    grant: dict[str, Any] = answer.document["grant"]
    return grant


def add_bureaus(office: PortOffice, *bureaus: str) -> None:
    """Register bureaus."""
    for bureau in bureaus:
        assert office.run("bureau add", bureau, "--title", f"{bureau}局").code == 0


def token_of(home: Path, bureau: str) -> str:
    """The token of a bureau's profile file."""
    profile: dict[str, Any] = json.loads((home / "profiles" / f"{bureau}.share").read_text("utf-8"))
    token: str = profile["bearerToken"]
    return token


def texts(answers: Iterable[Answer]) -> str:
    """All that commands said."""
    return "".join(answer.out + answer.err for answer in answers)
