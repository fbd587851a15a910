"""The selection gives each entry its form and the catalogue's own word for it."""

from pathlib import Path
from typing import Any

import pytest

from resource_catalog.catalog import load_catalog
from resource_catalog.selection import channels_of, select
from tests.catalogue_factory import make_entry, make_workspace

SOURCE = {"path": "samples/tides.csv"}
BASIS = {"openness_basis": "条例第十四条"}


@pytest.mark.parametrize(
    ("changes", "form", "cited"),
    [
        ({"source": SOURCE}, "release", "公开方式 = 公开"),
        ({"openness": "普遍公开", "source": SOURCE}, "release", "公开方式 = 普遍公开"),
        ({}, None, "no source yet"),
        ({"openness": "依申请公开", **BASIS}, "notice", "公开方式 = 依申请公开"),
        ({"openness": "按需公开", "source": SOURCE, **BASIS}, "notice", "公开方式 = 按需公开"),
        ({"openness": "不公开", "source": SOURCE, **BASIS}, None, "条例第十四条"),
        ({"openness": "不公开", "source": SOURCE, "channels": ["portal"], **BASIS}, None, "条例第十四条"),
        ({"source": SOURCE, "channels": ["portal", "sharing"]}, "release", "公开方式 = 公开"),
        ({"source": SOURCE, "channels": ["sharing"]}, None, "leave out portal"),
        ({"source": SOURCE, "channels": []}, None, "leave out portal"),
        ({"openness": "依申请公开", "channels": ["sharing"], **BASIS}, None, "leave out portal"),
    ],
)
def test_form_and_reason(tmp_path: Path, changes: dict[str, Any], form: str | None, cited: str) -> None:
    (selection,) = select(load_catalog(make_workspace(tmp_path, changes)))
    assert selection.form == form
    assert cited in selection.reason


def test_every_entry_has_its_selection_in_order(tmp_path: Path) -> None:
    catalog = load_catalog(make_workspace(tmp_path, {"id": "b"}, {"id": "c", "x": 1}, {"id": "a", "source": SOURCE}))
    assert [(selection.entry.id, selection.form) for selection in select(catalog)] == [("a", "release"), ("b", None)]


@pytest.mark.parametrize(
    ("changes", "channels"),
    [
        ({}, ("portal", "sharing")),
        ({"openness": "依申请公开", **BASIS}, ("portal", "sharing")),
        ({"openness": "不公开", **BASIS}, ("sharing",)),
        ({"sharing": "不予共享", "sharing_basis": "法"}, ("portal",)),
        ({"sharing": "有条件共享", "sharing_condition": "用途"}, ("portal", "sharing")),
        ({"channels": []}, ()),
        ({"openness": "不公开", "channels": ["credit"], **BASIS}, ("credit",)),
    ],
)
def test_channels(changes: dict[str, Any], channels: tuple[str, ...]) -> None:
    assert channels_of(make_entry(**changes)) == channels
