from dataclasses import replace
from pathlib import Path

import pytest

from mundap.index.bundle import known_texts
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.known_texts import KnownTexts
from mundap.index.faq import passage_words
from mundap.index.korean.morphemes import analyse_and_place
from mundap.index.search.retriever import Retriever
from tests.index.rebuilds import NEW, OLD, build
from tests.tiny_encoder import TinyEncoder


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lists the passages that are analysed from now on."""
    texts: list[str] = []

    def noted(text: str) -> object:
        texts.append(text)
        return analyse_and_place(text)

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
