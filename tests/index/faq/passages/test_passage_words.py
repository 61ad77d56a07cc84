import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.passages.passage_words import PassageWords, dump_words, load_words
from mundap.index.korean.morphemes import analyse, analyse_and_place, content_forms, spans
from mundap.index.korean.text import clean

words = st.builds(
    PassageWords,
    st.lists(st.text()).map(tuple),
    st.lists(st.tuples(st.text(), st.text())).map(tuple),
)


def test_a_hangul_word_is_parted_before_its_first_particle_ending_or_verb() -> None:
    found = PassageWords.of("환불은 VIP만 환불되나요 ㅎㅇ 배송비")
    assert found.parts == (("환불", "은"), ("만", ""), ("환불", "되나요"), ("배송비", ""))
    assert found.forms == tuple(content_forms("환불은 VIP만 환불되나요 ㅎㅇ 배송비"))


@pytest.mark.parametrize("text", ["배송비는 얼마예요?", "누가 와요 VIP 10,000원 ㅋㅋ", "", "😀?!"])
def test_one_analysis_finds_what_two_find(text: str) -> None:
    assert analyse_and_place(clean(text)) == (analyse(text), spans(clean(text)))


@given(st.lists(words))
def test_loading_undoes_dumping_a_line_for_each_passage(found: list[PassageWords]) -> None:
    lines = dump_words(found).split("\n")[:-1]
    assert len(lines) == len(found)
    assert all(isinstance(json.loads(line), list) for line in lines)
    assert load_words(lines) == found
