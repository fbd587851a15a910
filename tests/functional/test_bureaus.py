"""Bureaus: a profile that alone has the token, rotation with overlap, removal at once, and what is refused."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.home import Home, locked
from tests.sharing_office import (
    GOOD_ACCESS,
    add_bureaus,
    granted,
    make_conditional,
    query,
    submitted,
    texts,
    token_of,
)
from tests.workspace_factory import TODAY, PortOffice, contents, snapshot

NOW = f"{TODAY}T00:00:00Z"
USABLE = """
SELECT token.bureau FROM token JOIN bureau ON bureau.id = token.bureau
WHERE token.hash = :hash AND bureau.removed_at IS NULL
  AND expires_at > :now AND (revoked_at IS NULL OR revoked_at > :now)
"""


def is_good(office: PortOffice, token: str, now: str = NOW) -> bool:
    """Whether the server would let a token in, by the rule of the sharing store."""
    return bool(query(office.home, USABLE, hash=hashlib.sha256(token.encode()).hexdigest(), now=now))


def test_a_profile_is_the_protocols_and_for_its_owner_alone(office: PortOffice) -> None:
    answer = office.run("bureau add", "water", "--title", "水务局")

    place = office.home / "profiles" / "water.share"
    profile = json.loads(place.read_text("utf-8"))
    assert answer.code == 0
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert set(profile) == {"shareCredentialsVersion", "endpoint", "bearerToken", "expirationTime"}
    assert profile["shareCredentialsVersion"] == 1
    assert profile["endpoint"] == "http://127.0.0.1:8001/delta-sharing"
    assert profile["expirationTime"] == "2027-02-22T00:00:00Z"  # 90 days
    assert len(profile["bearerToken"]) >= 43  # 256 bits
    assert is_good(office, profile["bearerToken"])
    assert query(office.home, "SELECT expires_at FROM token") == [(profile["expirationTime"],)]


def test_agency_yaml_sets_address_and_term(office: PortOffice) -> None:
    office.agency(targets={"sharing": {"endpoint": "https://share.example/d/", "token_days": 30}})

    office.run("bureau add", "water", "--title", "水务局")

    profile = json.loads((office.home / "profiles" / "water.share").read_text("utf-8"))
    assert profile["endpoint"] == "https://share.example/d"
    assert profile["expirationTime"] == "2026-12-24T00:00:00Z"


def test_tokens_are_in_no_file_but_the_profile_and_in_no_output(office: PortOffice) -> None:
    """Neither as they are nor within what any other file or any output has."""
    answers = [
        office.run("bureau add", "water", "--title", "水务局"),
        office.run("bureau add", "fire", "--title", "消防局"),
    ]
    tokens = [token_of(office.home, "water"), token_of(office.home, "fire")]
    answers += [office.run("bureau rotate", "water"), office.run("bureau rotate", "fire", "--now", json=False)]
    tokens += [token_of(office.home, "water"), token_of(office.home, "fire")]
    answers += [office.run("bureau list"), office.run("bureau list", json=False), office.run("publish")]
    answers += [office.run("bureau remove", "fire"), office.run("bureau add", "water", "--title", "水务局")]

    assert len(set(tokens)) == 4
    said = texts(answers)
    assert [token for token in tokens if token in said] == []
    places = [name for name, content in contents(office.home).items() if any(one.encode() in content for one in tokens)]
    assert sorted(places) == ["profiles/fire.share", "profiles/water.share"]


def test_a_bureau_is_added_once(office: PortOffice) -> None:
    add_bureaus(office, "water")
    before = snapshot(office.home)

    again = office.run("bureau add", "water", "--title", "水务局")

    assert again.code == 2
    assert "rotate" in again.err
    assert snapshot(office.home) == before


@pytest.mark.parametrize(
    ("bureau", "title"), [("Water", "水务局"), ("a b", "水务局"), ("../x", "水务局"), ("water", " ")]
)
def test_a_bureau_has_an_id_and_a_name(office: PortOffice, bureau: str, title: str) -> None:
    assert office.run("bureau add", bureau, "--title", title).code == 2
    assert not (office.home / "profiles").exists()
    assert not (office.home / "ledger.sqlite").exists()


def test_another_file_is_not_overwritten(office: PortOffice, tmp_path: Path) -> None:
    mine = tmp_path / "notes.share"
    mine.write_text("mine", "utf-8")
    add_bureaus(office, "fire")
    theirs = office.home / "profiles" / "fire.share"
    token = token_of(office.home, "fire")

    assert office.run("bureau add", "water", "--title", "水务局", "--profile", str(mine)).code == 2
    assert office.run("bureau add", "water", "--title", "水务局", "--profile", str(theirs)).code == 2

    assert mine.read_text("utf-8") == "mine"
    assert token_of(office.home, "fire") == token
    assert [bureau["id"] for bureau in office.run("bureau list").document["bureaus"]] == ["fire"]


def test_after_a_rotation_both_tokens_are_good_for_the_overlap(office: PortOffice) -> None:
    add_bureaus(office, "water")
    old = token_of(office.home, "water")

    answer = office.run("bureau rotate", "water")

    new = token_of(office.home, "water")
    assert answer.document["overlap_until"] == "2026-12-01T00:00:00Z"
    assert is_good(office, old)
    assert is_good(office, new)
    assert not is_good(office, old, "2026-12-01T00:00:00Z")
    assert is_good(office, new, "2026-12-01T00:00:00Z")


def test_of_three_tokens_the_oldest_ends_at_once(office: PortOffice) -> None:
    add_bureaus(office, "water")
    tokens = [token_of(office.home, "water")]
    for _ in range(2):
        office.run("bureau rotate", "water")
        tokens.append(token_of(office.home, "water"))

    assert [is_good(office, token) for token in tokens] == [False, True, True]


def test_a_rotation_now_ends_the_old_token_at_once(office: PortOffice) -> None:
    add_bureaus(office, "water")
    old = token_of(office.home, "water")

    office.run("bureau rotate", "water", "--now")

    assert not is_good(office, old)
    assert is_good(office, token_of(office.home, "water"))


def test_a_removed_bureau_has_no_good_token_and_no_access(office: PortOffice) -> None:
    make_conditional(office)
    add_bureaus(office, "water", "fire")
    granted(office)
    token = token_of(office.home, "water")

    assert office.run("bureau remove", "water", "--reason", "机构改革").code == 0

    assert not is_good(office, token)
    assert query(office.home, "SELECT 1 FROM access WHERE bureau = 'water' AND revoked_at IS NULL") == []
    assert query(office.home, "SELECT 1 FROM token WHERE bureau = 'water' AND revoked_at IS NULL") == []
    assert query(office.home, GOOD_ACCESS, now=NOW) == []
    assert [bureau["id"] for bureau in office.run("bureau list").document["bureaus"]] == ["fire"]


def test_who_is_registered_again_begins_with_nothing(office: PortOffice) -> None:
    make_conditional(office)
    add_bureaus(office, "water")
    granted(office)
    old = token_of(office.home, "water")
    office.run("bureau remove", "water")

    add_bureaus(office, "water")

    assert not is_good(office, old)
    assert is_good(office, token_of(office.home, "water"))
    assert [grant["holds"] for grant in office.run("grant list").document["grants"]] == [False]


@pytest.mark.parametrize("command", ["bureau rotate", "bureau remove"])
def test_an_unknown_bureau_is_refused(office: PortOffice, command: str) -> None:
    add_bureaus(office, "water")
    before = snapshot(office.home)

    answer = office.run(command, "fire")

    assert answer.code == 2
    assert "water" in answer.err  # who is registered
    assert snapshot(office.home) == before


def test_what_ends_soon_is_warned_of(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    make_conditional(office)
    add_bureaus(office, "water")
    granted(office, "--until", "2027-02-20")
    assert office.run("bureau list").document["bureaus"][0]["warnings"] == []

    monkeypatch.setenv("OPENDATA_TODAY", "2027-02-08")
    token, grant = office.run("bureau list").document["bureaus"][0]["warnings"]
    assert "opendata bureau rotate water" in token
    assert "2027-02-22" in token
    assert "opendata need renew grant-1" in grant

    monkeypatch.setenv("OPENDATA_TODAY", "2027-02-22")
    (over,) = office.run("bureau list").document["bureaus"][0]["warnings"]
    assert "no token is good" in over


def test_looking_writes_nothing(office: PortOffice) -> None:
    for command in ("bureau list", "need list", "grant list", "contract list"):
        assert office.run(command).code == 0
        assert office.run(command, json=False).code == 0
    assert not office.home.exists()


@pytest.fixture
def busy(office: PortOffice) -> Iterator[PortOffice]:
    """An office where another run is at work."""
    make_conditional(office)
    add_bureaus(office, "water")
    submitted(office, {})
    with locked(Home(office.home)):
        yield office


@pytest.mark.parametrize(
    "words",
    [
        ("bureau add", "fire", "--title", "消防局"),
        ("bureau rotate", "water"),
        ("bureau remove", "water"),
        ("need decide", "need-1", "--grant", "--by", "王"),
        ("grant revoke", "grant-1", "--reason", "过期"),
        ("contract register", "water", "ports", "--columns", "code"),
        ("announce", "ports", "--what", "改", "--on", "2026-12-31"),
    ],
)
def test_two_commands_at_once_are_one_after_the_other(busy: PortOffice, words: tuple[str, ...]) -> None:
    before = snapshot(busy.home)

    assert busy.run(*words).code == 75
    assert snapshot(busy.home) == before
