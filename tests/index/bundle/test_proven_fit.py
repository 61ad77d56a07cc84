import json
from dataclasses import replace
from pathlib import Path

import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.contents import read_confidence
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.proven_fit import IMPROVEMENT, ProvenFit, proven_fit
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import Fusion
from tests.tiny_encoder import TinyEncoder, TinyReader

FAQ = [FaqEntry("fee", "배송비 얼마예요?", "3,000원"), FaqEntry("refund", "환불 돼요?", "네")]
USUAL = Confidence.usual(content=False)
PROVEN = replace(USUAL, suggest=0.123, fit={"seed": 0, IMPROVEMENT: "a" * 64})
WEIGHTS = Fusion(dense=0.7, bm25=0.3)


def build(index: Path, confidence: Confidence, fusion: Fusion = WEIGHTS) -> None:
    Bundle.build(index, FAQ, TinyEncoder(), fuse=lambda _: fusion, calibrate=lambda _: confidence)


def found(index: Path, encoder: TinyEncoder | None = None) -> ProvenFit | None:
    return proven_fit(Generations(index), encoder or TinyEncoder(), None)


def test_what_was_improved_is_taken_over_from_generation_to_generation(tmp_path: Path) -> None:
    build(tmp_path, PROVEN)
    kept = found(tmp_path)
    assert kept == ProvenFit(WEIGHTS, replace(PROVEN, fit={"seed": 0, "improved_in": 1}))
    Bundle.build(tmp_path, FAQ, TinyEncoder(), fuse=kept.fuse, calibrate=kept.calibrate)
    again = found(tmp_path)
    assert again == kept
    # `improve` knows its own generation by its mark, which no other bears.
    path = Generations(tmp_path).current()
    assert (path.name, IMPROVEMENT in read_confidence(path).fit) == ("000002", False)


def test_what_was_not_improved_is_not_taken_over(tmp_path: Path) -> None:
    assert found(tmp_path) is None
    build(tmp_path, USUAL)
    assert found(tmp_path) is None


@pytest.mark.parametrize(
    ("encoder", "reader"), [(TinyEncoder("other"), None), (TinyEncoder(), TinyReader())]
)
def test_other_encoders_want_another_fit(
    encoder: TinyEncoder, reader: TinyReader | None, tmp_path: Path
) -> None:
    build(tmp_path, PROVEN)
    assert proven_fit(Generations(tmp_path), encoder, reader) is None


def test_a_damaged_generation_hands_on_nothing(tmp_path: Path) -> None:
    build(tmp_path, PROVEN)
    path = Generations(tmp_path).current() / "fusion.json"
    path.write_text(json.dumps({"dense": -1}), encoding="utf-8")
    assert found(tmp_path) is None
