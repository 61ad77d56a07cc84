from dataclasses import replace
from pathlib import Path

import pytest

from mundap.index.bundle import known_texts
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.contents import Contents
from mundap.index.bundle.known_texts import KnownTexts
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages import name_learning, passage_words
from mundap.index.korean.morphemes import analyse_and_place
from mundap.index.korean.names import Names
from mundap.index.search.retriever import Retriever
from tests.index.rebuilds import NEW, OLD, build
from tests.tiny_encoder import TinyEncoder


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lists the passages that are analysed from now on."""
    texts: list[str] = []

    def noted(text: str, names: Names) -> object:
        texts.append(text)
        return analyse_and_place(text, names)

    monkeypatch.setattr(passage_words, "analyse_and_place", noted)
    return texts


def test_a_rebuild_analyses_only_texts_that_are_new(tmp_path: Path, analysed: list[str]) -> None:
    build(tmp_path, OLD, TinyEncoder())
    analysed.clear()

    build(tmp_path, NEW, TinyEncoder())

    assert analysed == ["교환 방법", "포인트는 언제 쌓이나요?"]
    rebuilt, fresh = Bundle.open(tmp_path, TinyEncoder()).retriever, TinyEncoder()
    queries = ["교환 방법", "환불 되나요", "포인드는 언제"]
    assert rebuilt.rank(queries, 2) == Retriever.build(fresh, NEW).rank(queries, 2)


def test_what_another_encoder_or_analyser_found_is_found_anew(
    tmp_path: Path, analysed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, OLD, TinyEncoder())
    build(tmp_path, OLD, TinyEncoder("tiny-2"))
    assert len(analysed) == 12

    monkeypatch.setattr(known_texts, "version", lambda name: "0.0.1")
    build(tmp_path, OLD, TinyEncoder("tiny-2"))
    assert len(analysed) == 18


def test_a_generation_that_kept_no_words_is_read_without_them(tmp_path: Path) -> None:
    build(tmp_path, OLD, TinyEncoder())
    bundle = Bundle.open(tmp_path, TinyEncoder())
    files = {k: v for k, v in bundle.manifest.files.items() if k != known_texts.WORDS_FILE}
    older = replace(bundle.manifest, files=files)

    known = KnownTexts.of(bundle.path, older, bundle.retriever)

    assert (len(known.vectors), dict(known.words)) == (5, {})


MUSINSA = FaqEntry("musinsa", "무신사에서 산 옷도 되나요?", "무신사는 됩니다.")


def test_a_generation_knows_the_names_that_it_was_built_with(tmp_path: Path) -> None:
    build(tmp_path, [*OLD, MUSINSA], TinyEncoder())

    retriever = Bundle.open(tmp_path, TinyEncoder()).retriever

    assert "무신사" in retriever.lexical_index.names.pieces
    for query in ("무신사 환불", "무신사는요?", "무신사ㅠㅠ"):
        assert retriever.lexical_index.search([query], 1)[0][0].entry_id == "musinsa"
    queries = ["무신사는요?", "온라인무신사 배송비"]
    fresh = Retriever.build(TinyEncoder(), [*OLD, MUSINSA])
    assert retriever.rank(queries, 3) == fresh.rank(queries, 3)


def test_a_text_is_analysed_again_where_a_name_of_it_is_new_or_gone(
    tmp_path: Path, analysed: list[str]
) -> None:
    brand = FaqEntry("brand", "옷 브랜드 무신사", "무신사입니다.")
    build(tmp_path, [*OLD, brand], TinyEncoder())
    before = Bundle.open(tmp_path, TinyEncoder()).retriever.lexical_index.names
    assert "무신사" in before.pieces
    analysed.clear()

    build(tmp_path, [*OLD, brand, MUSINSA], TinyEncoder())

    assert analysed == [MUSINSA.question]


def test_a_generation_of_before_names_were_learned_is_open_to_all(tmp_path: Path) -> None:
    build(tmp_path, [*OLD, MUSINSA], TinyEncoder())
    bundle = Bundle.open(tmp_path, TinyEncoder())
    files = {k: v for k, v in bundle.manifest.files.items() if k != known_texts.NAMES_FILE}
    older = replace(bundle.manifest, files=files)

    opened = Contents.read(bundle.path, older, TinyEncoder()).retriever

    assert opened.lexical_index.names.pieces == {}
    assert opened.rank(["배송비 얼마예요"], 1)[0].hits[0].entry_id == "shipping"


def test_words_that_were_tried_are_not_tried_again_in_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, [*OLD, MUSINSA], TinyEncoder())
    before = Bundle.open(tmp_path, TinyEncoder()).retriever.lexical_index.names.pieces
    tried: list[str] = []
    monkeypatch.setattr(name_learning.Verdict, "of", tried.append)

    build(tmp_path, [*OLD, MUSINSA, FaqEntry("c", "환불 되나요", "네.")], TinyEncoder())

    assert tried == []
    after = Bundle.open(tmp_path, TinyEncoder()).retriever.lexical_index.names.pieces
    assert after == before
