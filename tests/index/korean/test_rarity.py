import pytest

from mundap.index.korean.morphemes import (
    FIRST_MORPHEME_ID,
    MORPHEME_COUNT,
    Morpheme,
    content_morphemes,
)
from mundap.index.korean.rarity import SMOOTHING, rarities, rarity


def weights(text: str) -> list[float]:
    return [rarity(morpheme) for morpheme in content_morphemes(text)]


def test_words_of_grammar_weigh_a_quarter_of_a_word_of_the_subject_whatever_their_form() -> None:
    *grammar, foreigner = weights("할 수 있는 거 것 되나요 외국인")

    assert grammar == [0.2] * 6
    assert foreigner == pytest.approx(0.88, abs=0.01)


def test_names_that_no_dictionary_has_weigh_most() -> None:
    assert weights("이어팟 환불") == [1.0, pytest.approx(0.98, abs=0.01)]


def test_the_more_usual_of_two_morphemes_weighs_less() -> None:
    numbers = range(FIRST_MORPHEME_ID, MORPHEME_COUNT)
    known = [rarity(Morpheme("환불", "NNG", number)) for number in numbers]
    beyond = (-1, 0, FIRST_MORPHEME_ID - 1, MORPHEME_COUNT)

    assert known == sorted(known)
    assert 0 < known[0] < known[-1] < 1
    assert {rarity(Morpheme("환불", "NNG", number)) for number in beyond} == {1.0}


def test_a_word_as_usual_as_the_smoothing_weighs_half() -> None:
    weight = rarities(MORPHEME_COUNT)
    rank = round(1 / (SMOOTHING * 11.163))  # log(70,488)

    assert weight[rank - 1] == pytest.approx(0.5, abs=0.001)
