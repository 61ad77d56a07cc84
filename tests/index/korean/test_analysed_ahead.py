"""Texts that threads analyse ahead of whoever asks for them."""

import multiprocessing

import pytest

from mundap.index.korean import morphemes
from mundap.index.korean.morphemes import analyse, analyse_and_place, analysed_ahead

TEXTS = [f"{n}번 환불은 며칠 걸려요?" for n in range(300)] + [
    "ㅋㅋㅋ 배송비 얼마야 😀",
    "반품할래",
] * 2


def test_texts_come_in_their_order_and_are_read_as_when_they_are_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = [(analyse(text), analyse_and_place(text)) for text in TEXTS]
    morphemes._tokens.cache_clear()
    morphemes._analyse.cache_clear()
    found, texts = [], []
    for text in analysed_ahead(TEXTS):
        assert morphemes._tokens(text, ()) is morphemes._tokens(text, ())
        texts.append(text)
        found.append((analyse(text), analyse_and_place(text)))

    assert texts == TEXTS
    assert found == wanted
    assert morphemes._AHEAD == {}


def test_a_text_that_was_read_ahead_is_not_analysed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = analysed_ahead(["쿠폰은 어디에 등록하나요", "전화번호가 뭐예요"])
    first = next(asked)
    monkeypatch.setattr(morphemes, "_kiwi", None)
    assert [morpheme.form for morpheme in analyse(first)][:2] == ["쿠폰", "은"]


def test_whoever_stops_in_the_middle_leaves_nothing_behind() -> None:
    asked = analysed_ahead(TEXTS)
    next(asked)
    asked.close()
    assert morphemes._AHEAD == {}
    assert analyse("환불")[0].form == "환불"


def _read(texts: list[str]) -> list[str]:
    return [text for text in analysed_ahead(texts) if analyse(text)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_reads_without_the_threads_that_it_does_not_have() -> None:
    analyse("환불")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(_read, (TEXTS,)).get(timeout=60) == TEXTS
