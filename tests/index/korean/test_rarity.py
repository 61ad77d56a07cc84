import pytest

from mundap.index.korean.morphemes import FIRST_MORPHEME_ID, MORPHEME_COUNT, content_morphemes
from mundap.index.korean.rarity import SMOOTHING, rarities, rarity


def weights(text: str) -> list[float]:
    return [rarity(morpheme.id) for morpheme in content_morphemes(text)]


def test_words_of_grammar_weigh_a_third_of_a_word_of_the_subject_at_most() -> None:
    *grammar, foreigner = weights("할 수 있는 것 되나요 외국인")

    assert len(grammar) == 5
    assert 3 * max(grammar) < foreigner < 1


def test_names_that_no_dictionary_has_weigh_most() -> None:
    assert weights("이어팟 환불") == [1.0, pytest.approx(0.96, abs=0.01)]


def test_the_more_usual_of_two_morphemes_weighs_less() -> None:
    known = [rarity(number) for number in range(FIRST_MORPHEME_ID, MORPHEME_COUNT)]

    assert known == sorted(known)
    assert 0 < known[0] < known[-1] < 1
    assert {rarity(number) for number in (-1, 0, FIRST_MORPHEME_ID - 1, MORPHEME_COUNT)} == {1.0}


def test_a_word_as_usual_as_the_smoothing_weighs_half() -> None:
    weight = rarities(MORPHEME_COUNT)
    rank = round(1 / (SMOOTHING * 11.163))  # log(70,488)

    assert weight[rank - 1] == pytest.approx(0.5, abs=0.001)
