"""Withdrawing takes every byte from readers for good; rolling back puts just that release back; harm is healed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.killed_runs import portal_faults, release_faults
from tests.workspace_factory import PORTS, PortOffice, contents, files_with, snapshot

REASON = "误含个人信息"
LISTS = ("index.json", "catalog.jsonld", "feed.atom", "index.html")


@pytest.fixture
def twice(published: PortOffice) -> PortOffice:
    """Ports of two releases; the second lacks the canary of the first, "东港"."""
    published.ports([PORTS[0], ("001", "新东港", *PORTS[1][2:]), *PORTS[2:]])
    assert published.run("publish").datasets["ports"]["release"] == 2
    return published


def hashes_of(folder: Path) -> set[str]:
    return {hashlib.sha256(content).hexdigest() for content in contents(folder).values()}


def assert_gone(office: PortOffice, dataset: str) -> None:
    """No byte of any release is left in the portal, by hash, by name and by what the rows say."""
    recalled = hashes_of(office.home / "releases" / dataset)
    shown = contents(office.portal)
    assert recalled.isdisjoint(hashlib.sha256(content).hexdigest() for content in shown.values())
    assert files_with(office.portal, "东港") == []
    page = office.portal / "dataset" / dataset
    assert {path.name for path in page.iterdir()} == {"about.json", "feed.atom", "index.html"}
    assert f"dataset/{dataset}" not in shown["catalog.jsonld"].decode()
    assert dataset not in {line["id"] for line in json.loads(shown["index.json"])["datasets"]}


def stay_only(office: PortOffice, dataset: str, *numbers: int) -> None:
    """Readers find these releases and no other, the newest of the list being `latest` where it says so."""
    page = office.portal / "dataset" / dataset
    assert {int(path.name) for path in page.iterdir() if path.name.isdigit()} == set(numbers)
    for number in numbers:
        assert contents(page / str(number)) == contents(office.release(dataset, number))


def latest(office: PortOffice, dataset: str) -> int:
    descriptor = json.loads((office.portal / "dataset" / dataset / "latest/datapackage.json").read_bytes())
    return int(descriptor["version"])


def test_withdrawal_leaves_a_tombstone_and_no_byte(twice: PortOffice) -> None:
    store = snapshot(twice.home / "releases")
    twice.entry("tides", openness="不公开", openness_basis="随港口撤回")  # its foreign keys name the ports
    twice.run("publish")
    answer = twice.run("withdraw", "ports", "--reason", REASON)
    assert (answer.code, answer.verdicts) == (0, {"ports": "withdrawn"})
    assert_gone(twice, "ports")
    page = (twice.portal / "dataset/ports/index.html").read_text(encoding="utf-8")
    assert REASON in page
    assert "2026-11-24" in page
    assert snapshot(twice.home / "releases") == store
    assert portal_faults(twice) == []
    assert twice.run("verify").code == 0


def test_withdrawn_twice_is_said_and_changes_nothing(twice: PortOffice) -> None:
    twice.run("withdraw", "ports", "--reason", REASON)
    before = snapshot(twice.home)
    answer = twice.run("withdraw", "ports", "--reason", "再次")
    assert answer.code == 2
    assert REASON in answer.err
    assert snapshot(twice.home) == before


def test_withdrawn_stays_withdrawn_whatever_changes(twice: PortOffice) -> None:
    twice.run("withdraw", "ports", "--reason", REASON)
    twice.ports(PORTS[:2])
    twice.entry("ports", summary="新的摘要")
    for _ in range(2):
        answer = twice.run("publish")
        assert answer.verdicts["ports"] in ("held", "withdrawn")
        assert REASON in answer.datasets["ports"]["reason"]
        assert not (twice.portal / "dataset/ports/latest").exists()
    assert twice.run("publish").verdicts["ports"] == "held"
    assert not twice.release("ports", 3).exists()


@pytest.mark.parametrize(("words", "number"), [([], 2), (["--to", "1"], 1)])
def test_rollback_after_a_withdrawal_shows_that_release_alone(twice: PortOffice, words: list[str], number: int) -> None:
    twice.run("withdraw", "ports", "--reason", REASON)
    answer = twice.run("rollback", "ports", *words)
    assert (answer.code, answer.datasets["ports"]["release"]) == (0, number)
    stay_only(twice, "ports", number)
    assert latest(twice, "ports") == number
    assert twice.run("verify").code == 0
    assert twice.run("publish").verdicts["ports"] == "unchanged"
    stay_only(twice, "ports", number)


def test_rollback_goes_one_back_and_stays_there(twice: PortOffice) -> None:
    assert twice.run("rollback", "ports").datasets["ports"]["release"] == 1
    assert latest(twice, "ports") == 1
    stay_only(twice, "ports", 1, 2)
    before = snapshot(twice.home)
    assert twice.run("publish").verdicts["ports"] == "unchanged"
    assert snapshot(twice.home) == before
    twice.ports([*PORTS, ("099", "新港", "", "", "")])
    dataset = twice.run("publish").datasets["ports"]
    assert (dataset["verdict"], dataset["release"]) == ("published", 3)
    assert latest(twice, "ports") == 3
    previous = json.loads((twice.release("ports", 3) / "datapackage.json").read_bytes())["opendata"]["previous"]
    sums = (twice.release("ports", 2) / "SHA256SUMS").read_bytes()
    assert previous == f"sha256:{hashlib.sha256(sums).hexdigest()}"


def test_rolled_back_and_again_to_the_newest(twice: PortOffice) -> None:
    twice.run("rollback", "ports", "--to", "1")
    assert twice.run("rollback", "ports", "--to", "2").code == 0
    assert latest(twice, "ports") == 2
    assert twice.run("publish").verdicts["ports"] == "unchanged"


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["rollback", "ports", "--to", "7"], 2, "1, 2"),
        (["rollback", "ports", "--to", "2"], 2, "2"),
        (["rollback", "buoys"], 2, "earlier"),
        (["rollback", "crews"], 2, "ever published"),
        (["rollback", "port"], 2, "ports"),
        (["withdraw", "port", "--reason", "x"], 2, "ports"),
        (["withdraw", "crews", "--reason", "x"], 2, "ever published"),
        (["withdraw", "ports"], 2, "--reason"),
        (["withdraw", "ports", "--reason", "  "], 2, "reason"),
    ],
)
def test_refused_recalls_change_nothing(twice: PortOffice, words: list[str], code: int, named: str) -> None:
    before = snapshot(twice.home)
    answer = twice.run(words[0], *words[1:])
    assert (answer.code, answer.out) == (code, "")
    assert named in answer.err
    assert snapshot(twice.home) == before


@pytest.mark.parametrize("openness", ["不公开", "依申请公开"])
def test_rollback_never_opens_what_the_catalogue_closed(twice: PortOffice, openness: str) -> None:
    twice.entry("ports", openness=openness, openness_basis="个人信息")
    twice.run("publish")
    before = snapshot(twice.portal)
    answer = twice.run("rollback", "ports")
    assert answer.code in (2, 4)
    assert snapshot(twice.portal) == before
    assert files_with(twice.portal, "新东港") == []


def test_rollback_never_opens_a_column_that_was_closed(twice: PortOffice) -> None:
    fields = [{**field, "disclosure": "never"} if field["name"] == "name" else field for field in SCHEMA_FIELDS]
    twice.schema("ports", fields=fields)
    assert twice.run("publish").datasets["ports"]["release"] == 3
    assert files_with(twice.portal, "东港") == []  # the releases before have it, so their addresses are gone
    stay_only(twice, "ports", 3)
    answer = twice.run("rollback", "ports", "--to", "1")
    assert answer.code == 4
    assert "name" in answer.err
    assert files_with(twice.portal, "东港") == []


SCHEMA_FIELDS = (
    {"name": "code", "type": "string", "constraints": {"required": True}},
    {"name": "name", "type": "string"},
    {"name": "opened", "type": "date"},
    {"name": "keeper", "type": "string", "disclosure": "share"},
    {"name": "keeper_id", "type": "string", "disclosure": "never"},
)


def test_blocked_dataset_says_that_a_closed_column_is_still_shown(twice: PortOffice) -> None:
    fields = [{**field, "disclosure": "never"} if field["name"] == "name" else field for field in SCHEMA_FIELDS]
    twice.schema("ports", fields=fields)
    (twice.samples / "ports.csv").write_bytes(b"")
    answer = twice.run("publish")
    assert answer.verdicts["ports"] == "blocked"
    assert "opendata withdraw ports" in answer.datasets["ports"]["reason"]


def test_withdrawn_notice_stays_and_comes_back_without_data(published: PortOffice) -> None:
    assert published.run("withdraw", "wrecks", "--reason", REASON).code == 0
    assert published.run("publish").verdicts["wrecks"] == "held"
    assert published.run("verify").code == 0
    assert published.run("rollback", "wrecks").code == 0
    assert (published.portal / "dataset/wrecks/dictionary.csv").is_file()
    assert published.run("verify").code == 0
    assert published.run("publish").verdicts["wrecks"] == "unchanged"


@pytest.mark.parametrize("dataset", ["ports", "wrecks"])
def test_lost_entry_can_still_be_withdrawn(published: PortOffice, dataset: str) -> None:
    published.entry_file(dataset).unlink()
    assert published.run("withdraw", dataset, "--reason", REASON).code == 0
    assert REASON in (published.portal / "dataset" / dataset / "index.html").read_text(encoding="utf-8")
    assert not (published.portal / "dataset" / dataset / "latest").exists()
    assert dataset not in published.run("publish", "buoys").verdicts


def flip_a_byte(file: Path) -> None:
    """As a failing disk or a careless hand would: the file keeps its name and size."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)


def lose(file: Path) -> None:
    file.unlink()


def add_beside(file: Path) -> None:
    (file.parent / "stranger.txt").write_text("x", encoding="utf-8")


@pytest.mark.parametrize("harm", [flip_a_byte, lose, add_beside])
@pytest.mark.parametrize("file", ["index.html", "about.json", "latest/data/ports.csv", "1/data/ports.parquet"])
def test_harmed_portal_is_found_and_healed(published: PortOffice, harm: Callable[[Path], None], file: str) -> None:
    harm(published.portal / "dataset" / "ports" / file)
    proofs = published.run("verify").document["proofs"]
    found = {(proof["dataset"], proof["target"]): proof["faults"] for proof in proofs}
    assert found.pop(("ports", "static"))
    assert not any(found.values())
    healed = published.run("publish", "ports")
    assert (healed.code, healed.verdicts) == (0, {"ports": "published"})
    assert published.run("verify").code == 0
    assert release_faults(published.release("ports", 1)) == []
    assert not published.release("ports", 2).exists()


@pytest.mark.parametrize("name", LISTS)
def test_harmed_list_is_renewed_by_any_run(published: PortOffice, name: str) -> None:
    whole = (published.portal / name).read_bytes()
    flip_a_byte(published.portal / name)
    assert published.run("publish").code == 0
    assert (published.portal / name).read_bytes() == whole


def test_lost_portal_is_made_again(published: PortOffice) -> None:
    before = {name: content for name, content in contents(published.portal).items()}
    shutil.rmtree(published.portal)
    assert published.run("publish").code == 0
    assert contents(published.portal) == before


def older_copy(office: PortOffice, file: Path) -> None:
    shutil.copyfile(office.home / "ledger.sqlite", file)


def test_older_ledger_is_refused_where_the_portal_shows_more(published: PortOffice, tmp_path: Path) -> None:
    older_copy(published, tmp_path / "older")
    published.ports([*PORTS, ("099", "新港", "", "", "")])
    published.run("publish")
    shutil.copyfile(tmp_path / "older", published.home / "ledger.sqlite")
    before = snapshot(published.portal)
    answer = published.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert "ledger" in answer.datasets["ports"]["reason"]
    assert snapshot(published.portal) == before
    assert not published.release("ports", 3).exists()


@pytest.mark.parametrize("lost", ["older", "wholly"])
def test_older_ledger_never_shows_again_what_was_withdrawn(published: PortOffice, tmp_path: Path, lost: str) -> None:
    older_copy(published, tmp_path / "older")
    published.run("withdraw", "ports", "--reason", REASON)
    if lost == "older":
        shutil.copyfile(tmp_path / "older", published.home / "ledger.sqlite")
    else:
        (published.home / "ledger.sqlite").unlink()
    before = snapshot(published.portal / "dataset")
    assert published.run("publish").verdicts["ports"] == "failed"
    assert snapshot(published.portal / "dataset") == before


def test_ledger_and_portal_lost_is_refused_by_the_store(twice: PortOffice) -> None:
    (twice.home / "ledger.sqlite").unlink()
    shutil.rmtree(twice.portal)
    answer = twice.run("publish")
    assert answer.verdicts["ports"] == "failed"
    assert not (twice.portal / "dataset" / "ports").exists()


def test_lost_release_is_said_and_nothing_made(published: PortOffice) -> None:
    shutil.rmtree(published.release("ports", 1))
    before = snapshot(published.portal)
    answer = published.run("publish")
    assert answer.verdicts["ports"] == "failed"
    assert "backup" in answer.datasets["ports"]["reason"]
    assert snapshot(published.portal) == before
    assert published.run("verify").code == 1
