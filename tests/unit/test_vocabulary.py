"""Words are kept as written beside one code, whichever vocabulary they come from."""

import pytest
from pydantic import ValidationError

from resource_catalog.vocabulary import (
    OPENNESS,
    SHARING,
    UPDATE_CYCLE,
    Openness,
    Sharing,
    Term,
    UpdateCycle,
    read_term,
)
from tests.catalogue_factory import make_entry

# 沪府发〔2016〕14号, the seed's own words, and 政府令第21号 (standards.md 1.3).
THREE_EDITIONS = {
    Openness.OPEN: ["普遍公开", "公开", "无条件开放"],
    Openness.ON_REQUEST: ["按需公开", "依申请公开", "有条件开放"],
    Openness.WITHHELD: ["不公开", "非开放"],
}
SHARING_EDITIONS = {
    Sharing.UNCONDITIONAL: ["无条件共享", "普遍共享"],
    Sharing.CONDITIONAL: ["有条件共享", "按需共享"],
    Sharing.WITHHELD: ["不予共享", "不共享"],
}


@pytest.mark.parametrize(("code", "word"), [(code, word) for code, words in THREE_EDITIONS.items() for word in words])
def test_openness_of_every_edition(code: Openness, word: str) -> None:
    assert read_term(OPENNESS, word) == Term(word, code)


@pytest.mark.parametrize(("code", "word"), [(code, word) for code, words in SHARING_EDITIONS.items() for word in words])
def test_sharing_of_every_edition(code: Sharing, word: str) -> None:
    assert read_term(SHARING, word) == Term(word, code)


def test_the_update_cycles_of_the_national_template() -> None:
    labels = ["实时", "每日", "每周", "每月", "每季度", "每半年", "每年", "不定期", "不更新"]
    assert [read_term(UPDATE_CYCLE, label).code for label in labels] == list(UpdateCycle)


@pytest.mark.parametrize("word", ["6", "每2日", "", "公开 公开"])
def test_digits_and_strange_words_mean_nothing(word: str) -> None:
    for words in (OPENNESS, SHARING, UPDATE_CYCLE):
        with pytest.raises(ValueError, match="is not one of"):
            read_term(words, word)


def test_an_entry_keeps_the_word_and_its_dump_gives_it_back() -> None:
    entry = make_entry(openness="普遍公开", sharing="普遍共享", update_cycle="每天")
    assert (entry.openness.written, entry.openness.code) == ("普遍公开", Openness.OPEN)
    dumped = entry.model_dump()
    assert (dumped["openness"], dumped["sharing"], dumped["update_cycle"]) == ("普遍公开", "普遍共享", "每天")


@pytest.mark.parametrize("changes", [{"openness": " 公开"}, {"openness": 1}, {"sharing": "共享"}, {"update_cycle": 6}])
def test_an_entry_takes_only_known_words(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        make_entry(**changes)
