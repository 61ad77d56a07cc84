from collections.abc import Sequence
from pathlib import Path

import pytest

from mundap.evaluation import findings as module
from mundap.evaluation.findings import findings
from mundap.evaluation.lint import lint
from mundap.index.encoders.encoder import Vectors
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import find_problems
from mundap.index.search.retriever import Retriever
from tests.tiny_encoder import TinyEncoder

FAQ = [
    FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.", ("택배비 얼만데",)),
    FaqEntry("fee-again", "배송비가 얼마인가요", "무료예요."),
    FaqEntry("hours", "몇 시까지 하나요?", "6시까지예요."),
]


@pytest.fixture
def retriever(default_encoder: MorphemeEncoder) -> Retriever:
    return Retriever.build(default_encoder, FAQ)


def test_what_is_found_is_what_lint_finds_without_encoding_a_phrasing_again(
    retriever: Retriever, default_encoder: MorphemeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = lint(FAQ, default_encoder)
    assert "confusable" in {problem.kind for problem in expected}
    encoded: list[str] = []
    encode = MorphemeEncoder.encode

    def counted(self: MorphemeEncoder, texts: Sequence[str]) -> Vectors:
        encoded.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(MorphemeEncoder, "encode", counted)
    assert findings(retriever) == expected
    assert set(encoded) <= {entry.answer for entry in FAQ}


def test_cosines_of_other_encoders_and_of_very_many_passages_are_left_to_lint(
    retriever: Retriever, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings(Retriever.build(TinyEncoder(), FAQ)) == find_problems(FAQ)
    monkeypatch.setattr(module, "_MOST", 3)
    assert findings(retriever) == find_problems(FAQ)
