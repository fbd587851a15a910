"""From plan to proof: what is published, updated, held back or withdrawn, and the reason that each dataset is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tests.workspace_factory import (
    ON_REQUEST_CANARY,
    OPEN,
    PORTS,
    WITHHELD_CANARY,
    PortOffice,
    contents,
    files_with,
    public_files_with,
    snapshot,
)

#: The keys that INTERFACE.md promises of each dataset, and the types of their values.
PROMISED: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "verdict": (str,),
    "reason": (str,),
    "release": (int, type(None)),
    "digest": (str,),
    "rows": (int, type(None)),
    "changes": (dict,),
    "score": (int, float, type(None)),
    "findings": (dict,),
    "targets": (dict,),
}
FINDING_KEYS = {
    "rule", "severity", "dataset", "file", "sheet", "row", "column", "value", "message", "fix", "owner", "waived",
}  # fmt: skip
CHECK_KEYS = {
    "id", "valid", "rows", "score", "dimensions", "findings", "counts", "held_back", "waived",
    "profile", "profiles", "indicators", "gate", "history", "timeliness", "repairs",
}  # fmt: skip


def changes_of(office: PortOffice, dataset: str, number: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(
        office.release(dataset, number) / "changes.parquet"
    ).to_pylist()
    return rows


def listed(office: PortOffice) -> set[str]:
    return {dataset["id"] for dataset in json.loads((office.portal / "index.json").read_bytes())["datasets"]}


@pytest.mark.parametrize("command", ["plan", "publish"])
def test_document_has_the_promised_form(office: PortOffice, command: str) -> None:
    document = office.run(command).document
    assert set(document) == {"run", "datasets", "report"}
    assert [dataset["id"] for dataset in document["datasets"]] == sorted(office.entries)
    for dataset in document["datasets"]:
        assert all(isinstance(dataset[key], kinds) for key, kinds in PROMISED.items())
        assert set(dataset) - set(PROMISED) <= {
            "schema_changes",
            "inputs",
            "held_back",
            "waived",
            "confirmation",
            "breaks",
        }
        assert set(dataset["changes"]) == {"added", "removed", "changed"}
        assert set(dataset["findings"]) == {"must", "should"}
    assert (document["report"] is None) == (command == "plan")


def test_plan_then_publish_then_unchanged(office: PortOffice) -> None:
    planned = office.run("plan")
    assert planned.code == 0
    assert planned.verdicts == {**dict.fromkeys((*OPEN, "wrecks"), "new"), "crews": "held"}
    done = office.run("publish")
    assert done.code == 0
    assert done.verdicts == {**dict.fromkeys((*OPEN, "wrecks"), "published"), "crews": "held"}
    for dataset in OPEN:
        assert done.datasets[dataset]["release"] == planned.datasets[dataset]["release"] == 1
        assert done.datasets[dataset]["targets"]["static"]["proof"]["faults"] == []
    again = office.run("publish")
    assert again.code == 0
    assert again.verdicts == {**dict.fromkeys((*OPEN, "wrecks"), "unchanged"), "crews": "held"}
    for dataset in OPEN:
        before, now = done.datasets[dataset], again.datasets[dataset]
        assert {key: before[key] for key in ("release", "digest", "rows", "score")} == {
            key: now[key] for key in ("release", "digest", "rows", "score")
        }
    assert again.document["report"] is None


def test_every_dataset_has_its_reason(office: PortOffice) -> None:
    reasons = {name: dataset["reason"] for name, dataset in office.run("plan").datasets.items()}
    assert all(reasons.values())
    assert "公开方式 = 不公开" in reasons["crews"]
    assert "个人信息" in reasons["crews"]
    assert "公开方式 = 依申请公开" in reasons["wrecks"]


def test_changed_rows_make_the_next_release(published: PortOffice) -> None:
    first = snapshot(published.release("ports", 1))
    rows = [*PORTS[:2], ("002", "西新港", *PORTS[2][2:]), ("011", "北港", "2026-01-01", "", "")]
    published.ports(rows)
    for command in ("plan", "publish"):
        dataset = published.run(command).datasets["ports"]
        assert dataset["release"] == 2
        assert dataset["changes"] == {"added": 1, "removed": 1, "changed": 1}
    found = {(row["_change_type"], row["code"], row["name"]) for row in changes_of(published, "ports", 2)}
    assert found == {
        ("insert", "011", "北港"),
        ("delete", "010", "南港"),
        ("update_preimage", "002", "西港"),
        ("update_postimage", "002", "西新港"),
    }
    assert snapshot(published.release("ports", 1)) == first
    shown = published.portal / "dataset" / "ports"
    assert contents(shown / "latest") == contents(published.release("ports", 2))
    assert contents(shown / "1") == contents(published.release("ports", 1))


def test_releases_are_a_chain_from_nothing(published: PortOffice) -> None:
    assert {row["_change_type"] for row in changes_of(published, "ports", 1)} == {"insert"}
    published.ports(PORTS[:3])
    published.run("publish")
    descriptors = [
        json.loads((published.release("ports", number) / "datapackage.json").read_bytes())["opendata"]
        for number in (1, 2)
    ]
    digest = published.run("plan").datasets["ports"]["digest"]
    assert descriptors[0]["previous"] is None
    assert descriptors[1]["previous"] not in (None, digest)


def test_new_description_makes_a_release_without_row_changes(published: PortOffice) -> None:
    published.entry("ports", summary="全部港口及其开港日期")
    dataset = published.run("publish").datasets["ports"]
    assert (dataset["verdict"], dataset["release"]) == ("published", 2)
    assert dataset["changes"] == {"added": 0, "removed": 0, "changed": 0}
    assert changes_of(published, "ports", 2) == []
    assert "全部港口及其开港日期" in (published.portal / "dataset/ports/index.html").read_text(encoding="utf-8")


def test_what_no_reader_sees_makes_no_release(published: PortOffice) -> None:
    published.entry("ports", channels=["portal", "sharing"])
    published.entry("buoys", source={"path": "samples/buoys.xlsx", "sheet": "数据"})
    after = published.run("publish")
    assert (after.verdicts["buoys"], after.verdicts["ports"]) == ("unchanged", "unchanged")
    assert after.code == 0


def test_changed_schema_is_said_and_makes_a_release(published: PortOffice) -> None:
    fields = [{"name": "id", "type": "integer"}, {"name": "port", "type": "string"}, {"name": "name", "type": "any"}]
    published.schema("stations", fields=fields)
    published.schema("ports", primaryKey=["code", "name"])
    after = published.run("publish", *published.confirmations()).datasets
    assert after["stations"]["schema_changes"] == ["type changed: name string → any"]
    assert after["ports"]["schema_changes"] == ["primary key: code → code, name"]
    assert after["ports"]["changes"] == {"added": 0, "removed": 0, "changed": 0}
    assert [after[name]["release"] for name in ("stations", "ports")] == [2, 2]


def test_column_added_to_source_and_schema(published: PortOffice) -> None:
    fields = [*published.schemas["ports"]["fields"], {"name": "depth", "type": "number"}]
    published.ports([[*row, "depth" if number == 0 else "12.5"] for number, row in enumerate(PORTS)])
    published.schema("ports", fields=fields)
    dataset = published.run("publish").datasets["ports"]
    assert dataset["schema_changes"] == ["column added: depth"]
    assert dataset["changes"] == {"added": 0, "removed": 0, "changed": 3}


def test_on_request_has_its_page_and_no_data(published: PortOffice) -> None:
    page = (published.portal / "dataset/wrecks/index.html").read_text(encoding="utf-8")
    assert "沉船" in page
    assert "finder" not in page
    assert files_with(published.portal, ON_REQUEST_CANARY) == []
    assert public_files_with(published.home, ON_REQUEST_CANARY) == []
    assert {"wrecks", *OPEN} == listed(published)


def test_withheld_is_nowhere(published: PortOffice) -> None:
    assert files_with(published.portal, WITHHELD_CANARY) == []
    assert not (published.portal / "dataset" / "crews").exists()
    assert files_with(published.portal, "船员") == []
    assert not (published.home / "releases" / "crews").exists()


def test_no_longer_open_is_withdrawn_with_its_data(published: PortOffice) -> None:
    published.entry("stations", openness="不公开", openness_basis="涉及国家秘密")
    assert published.run("plan").verdicts["stations"] == "withdraw"
    done = published.run("publish")
    assert (done.code, done.verdicts["stations"]) == (0, "withdrawn")
    assert "涉及国家秘密" in done.datasets["stations"]["reason"]
    assert files_with(published.portal, "验潮站甲") == []
    assert "stations" not in listed(published)
    assert published.run("verify").code == 0
    assert published.run("publish").verdicts["stations"] == "held"


def test_from_open_to_on_request_the_page_stays_and_the_data_goes(published: PortOffice) -> None:
    published.entry("stations", openness="依申请公开", openness_basis="条例第十三条")
    assert published.run("plan").verdicts["stations"] == "withdraw"
    assert published.run("publish").verdicts["stations"] == "withdrawn"
    assert files_with(published.portal, "验潮站甲") == []
    assert (published.portal / "dataset/stations/dictionary.csv").is_file()
    assert not (published.portal / "dataset/stations/1").exists()
    assert published.run("verify").code == 0
    assert published.run("publish").verdicts["stations"] == "unchanged"
    published.entry("stations", openness="公开")
    done = published.run("publish")
    assert (done.verdicts["stations"], done.datasets["stations"]["release"]) == ("published", 2)
    assert not (published.portal / "dataset/stations/1").exists()


def test_lost_entry_blocks_and_nothing_moves(published: PortOffice) -> None:
    before = snapshot(published.portal)
    for dataset in ("stations", "wrecks"):
        published.entry_file(dataset).unlink()
    answer = published.run("publish")
    assert answer.code == 1
    for dataset in ("stations", "wrecks"):
        assert answer.verdicts[dataset] == "blocked"
        assert f"opendata withdraw {dataset}" in answer.datasets[dataset]["reason"]
    assert snapshot(published.portal) == before
    assert {proof["dataset"] for proof in published.run("verify").document["proofs"]} == {"wrecks", *OPEN}


def test_lost_source_key_blocks_and_nothing_moves(published: PortOffice) -> None:
    before = snapshot(published.portal)
    published.entry("stations", source=None)
    answer = published.run("publish")
    assert (answer.code, answer.verdicts["stations"]) == (1, "blocked")
    assert "names no source" in answer.datasets["stations"]["reason"]
    assert snapshot(published.portal) == before


def test_only_the_named_datasets_are_touched(office: PortOffice) -> None:
    answer = office.run("publish", "buoys", "ports")
    assert answer.verdicts == {"buoys": "published", "ports": "published"}
    assert listed(office) == {"buoys", "ports"}


def test_check_has_the_promised_form(office: PortOffice) -> None:
    office.ports([*PORTS, ("1", "", "昨天", "", "")])
    answer = office.run("check")
    assert answer.code == 1
    for dataset in answer.document["datasets"]:
        assert set(dataset) == CHECK_KEYS
        assert dataset["valid"] == (dataset["id"] != "ports")
        assert all(set(finding) == FINDING_KEYS for finding in dataset["findings"])
    found = {(finding["rule"], finding["row"], finding["column"]) for finding in answer.datasets["ports"]["findings"]}
    assert found >= {("pattern", 5, "code"), ("required", 5, "name"), ("type", 5, "opened")}


def test_status_tells_age_and_what_readers_see(published: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-24")
    found = {dataset["dataset"]: dataset for dataset in published.run("status").document["datasets"]}
    assert set(found) == set(published.entries)
    assert (found["ports"]["release"], found["ports"]["age_days"], found["ports"]["late"]) == (1, 30, True)
    assert found["ports"]["targets"]["static"] == {"form": "release", "release": 1}
    assert found["ports"]["targets"]["sharing"]["release"] == 1
    assert found["wrecks"]["targets"]["static"] == {"form": "notice", "release": None}
    assert found["wrecks"]["targets"]["sharing"]["release"] == 1
    assert found["crews"]["targets"] == {}


def test_verify_proves_every_dataset(published: PortOffice) -> None:
    answer = published.run("verify")
    assert answer.code == 0
    proofs = answer.document["proofs"]
    assert {proof["dataset"] for proof in proofs} == {"wrecks", *OPEN}
    assert all(proof["files"] and proof["bytes"] and not proof["faults"] for proof in proofs)


def test_report_is_one_page_that_needs_no_other(published: PortOffice) -> None:
    published.ports(PORTS[:3])
    report = Path(published.run("publish").document["report"])
    text = report.read_text(encoding="utf-8")
    assert "ports" in text
    assert 'src="http' not in text
