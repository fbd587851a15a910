"""Another agency's workspace, in another language and country: published by the same code, which knows no agency."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import frictionless
import pytest

from tests.killed_runs import portal_faults
from tests.workspace_factory import TODAY, PortOffice, contents, files_with

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "tests/workspaces/library-board"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """The library board's workspace, published."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    shutil.copytree(LIBRARY, tmp_path / "workspace")
    board = PortOffice(tmp_path / "workspace", tmp_path / "home")
    assert board.run("publish").code == 0
    return board


def test_reasons_use_the_catalogue_s_own_words(library: PortOffice) -> None:
    datasets = library.run("plan").datasets
    assert {name: dataset["verdict"] for name, dataset in datasets.items()} == {
        "branches": "unchanged",
        "loans": "unchanged",
        "patron-register": "held",
        "reader-survey": "unchanged",
    }
    assert "= withheld" in datasets["patron-register"]["reason"]
    assert "Personopplysninger." in datasets["patron-register"]["reason"]
    assert "= on_request" in datasets["reader-survey"]["reason"]


def test_pages_are_in_the_agency_s_language(library: PortOffice) -> None:
    page = (library.portal / "dataset/branches/index.html").read_text(encoding="utf-8")
    assert "Bibliotekfilialer" in page
    assert 'lang="nb"' in page
    assert "NLOD-2.0" in page
    assert "Send en e-post" in (library.portal / "dataset/reader-survey/index.html").read_text(encoding="utf-8")
    assert not (library.portal / "dataset/patron-register").exists()
    assert portal_faults(library) == []


def test_package_has_canonical_values(library: PortOffice) -> None:
    folder = library.release("branches", 1)
    assert frictionless.validate(str(folder / "datapackage.json")).valid
    assert frictionless.validate(str(library.release("loans", 1) / "datapackage.json")).valid
    with (folder / "data/branches.csv").open(encoding="utf-8", newline="") as stream:
        first, *_ = csv.DictReader(stream)
    assert first == {
        "filial": "001",
        "navn": "Fjordvik hovedbibliotek",
        "areal": "1141.1",
        "bredde": "61.9479",
        "lengde": "5.3948",
        "aapnet": "2019-02-02",
        "ubetjent": "true",
    }
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    assert descriptor["id"] == "BIB-0001"
    assert descriptor["contributors"][0]["title"] == "Fjordvik bibliotekstyre"


def test_codes_have_their_meaning(library: PortOffice) -> None:
    folder = library.release("loans", 1)
    fields = json.loads((folder / "datapackage.json").read_bytes())["resources"][0]["schema"]["fields"]
    material = next(field for field in fields if field["name"] == "material")
    assert material["constraints"]["enum"] == ["bok", "lydbok", "film", "tidsskrift"]
    assert material["codes"][2] == {
        "code": "film",
        "label": "Film på plate",
        "label_en": "Film on disc",
        "valid_to": "2026-12-31",
    }
    assert "film Film på plate (– 2026-12-31)" in (folder / "dictionary.csv").read_text(encoding="utf-8")
    assert "Film på plate" in (library.portal / "dataset/loans/index.html").read_text(encoding="utf-8")


def test_survey_s_answers_are_nowhere(library: PortOffice) -> None:
    for canary in ("Flere tegneserier", "Hyggelige ansatte", "lanekort"):
        assert files_with(library.home, canary) == []
    # That there is such a column is told to bureaus, who may ask for it, and to nobody else.
    assert files_with(library.home, "kommentar") == ["sharing/state.sqlite"]


def words_of_the_first_agency() -> set[str]:
    """Its names and codes, from its own files."""
    import yaml

    agency = yaml.safe_load((ROOT / "resource_catalog/agency.yaml").read_text(encoding="utf-8"))
    names = [agency["name"], agency.get("name_en", ""), agency["code"], *agency.get("other_names", ())]
    words = {str(name) for name in names if name}
    words |= {str(path.stem) for path in (ROOT / "resource_catalog/entries").glob("*.yaml")}
    return words | {agency["name"][:2]}


def test_nothing_of_the_first_agency_is_in_the_portal(library: PortOffice) -> None:
    words = words_of_the_first_agency()
    assert len(words) > 5
    found = [
        (name, word) for name, content in contents(library.home).items() for word in words if word.encode() in content
    ]
    assert found == []
