import threading
import unicodedata
from importlib.metadata import version

import numpy as np
import pytest

from mundap.index.korean.morphemes import (
    FIRST_MORPHEME_ID,
    MORPHEME_COUNT,
    Morpheme,
    analyse,
    content_forms,
    dictionary_version,
    join,
    place,
    similarities,
)


def test_a_sentence_is_its_morphemes_in_order() -> None:
    found = [(morpheme.form, morpheme.tag) for morpheme in analyse("환불은 언제 되나요?")]

    assert found == [
        ("환불", "NNG"),
        ("은", "JX"),
        ("언제", "MAG"),
        ("되", "VV"),
        ("나요", "EF"),
        ("?", "SF"),
    ]


def test_ids_are_those_of_the_dictionary() -> None:
    [refund] = analyse("환불")

    assert FIRST_MORPHEME_ID <= refund.id < MORPHEME_COUNT
    assert refund == Morpheme("환불", "NNG", refund.id)
    assert refund.is_content


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("배송비는 얼마예요?", ["배송비", "얼마"]),
        ("Guest로 주문이 되나요?", ["guest", "주문", "되"]),
        ("쿠폰 3장을 빨리 쓸래요", ["쿠폰", "3", "장", "빨리", "쓰"]),
        ("返品 교환", ["返品", "교환"]),
        ("?! 😀 …", []),
        ("", []),
    ],
)
def test_content_is_nouns_verbs_adverbs_numbers_and_foreign_words(
    text: str, forms: list[str]
) -> None:
    assert content_forms(text) == forms


def test_repeats_are_kept() -> None:
    assert content_forms("배송 배송 반품").count("배송") == 2


def test_forms_are_lower_case() -> None:
    assert content_forms("IPHONE 케이스") == content_forms("iPhone 케이스")


@pytest.mark.parametrize("text", ["교환하고 싶어요", "배송비 얼마예요?", "각각 값이 얼마"])
def test_decomposed_hangul_is_analysed_as_composed(text: str) -> None:
    assert analyse(unicodedata.normalize("NFD", text)) == analyse(text)


@pytest.mark.parametrize("text", ["\ud83d", "\x00\x07", "\u200b", "가\ud800나", "😀" * 100])
def test_odd_characters_do_no_harm(text: str) -> None:
    assert analyse(text) == analyse(text)


def test_a_very_long_text_is_analysed_whole() -> None:
    assert content_forms("배송 " * 5000).count("배송") == 5000


def test_the_dictionary_is_named_with_its_version() -> None:
    assert dictionary_version() == f"kiwipiepy_model {version('kiwipiepy_model')}"


def test_eight_threads_analyse_as_one() -> None:
    texts = ["환불은 언제 되나요?", "배송비 얼마예요?", "비밀번호를 잊어버렸어요"] * 20
    expected = [analyse(text) for text in texts]
    found: list[object] = [None] * 8

    def work(number: int) -> None:
        found[number] = [analyse(text) for text in texts]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [expected] * 8


def test_similarities_are_cosines_of_the_anchors_with_every_morpheme() -> None:
    anchors = [analyse(text)[0].id for text in ("환불", "반품", "강아지")]

    cosines = similarities(anchors)

    assert cosines.shape == (3, MORPHEME_COUNT)
    assert np.abs(cosines).max() <= 1 + 1e-5
    among = cosines[:, anchors]
    np.testing.assert_allclose(among, among.T, atol=1e-5)
    np.testing.assert_array_equal(np.diag(among), 1)
    assert among[0, 1] > among[0, 2]


def test_places_are_those_of_the_characters_and_words() -> None:
    placed = [(m.form, m.tag, m.start, m.end, m.word) for m in place("물 뜨거웠어요?")]
    assert placed == [
        ("물", "NNG", 0, 1, 0),
        ("뜨겁", "VA-I", 2, 5, 1),
        ("었", "EP", 4, 5, 1),
        ("어요", "EF", 5, 7, 1),
        ("?", "SF", 7, 8, 1),
    ]


def test_joined_morphemes_take_the_shape_that_their_neighbours_ask_for() -> None:
    parts = [("쿠폰", "NNG", False), ("가", "JKS", False), ("뜨겁", "VA-I", True)]
    assert join([*parts, ("었", "EP", False), ("어요", "EF", False)]) == "쿠폰이 뜨거웠어요"
    assert join([("닫", "VV-R", False), ("어요", "EF", False)]) == "닫아요"
    assert join([("묻", "VV-I", True), ("어요", "EF", False)]) == "물어요"
    assert join([]) == ""
