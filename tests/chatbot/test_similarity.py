from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.similarity import CHUNK, Best, RankedText, Similarity, StsScore
from index.encoder import EncoderError
from index.pair_encoder import CosineEncoder
from index.sts_calibration import LINEAR, StsCalibration, calibration_path
from tests.index.small_cross_encoder import write_cross_encoder
from tests.tiny_encoder import TinyEncoder


def similarity(encoder: TinyEncoder | None = None) -> Similarity:
    return Similarity(CosineEncoder(encoder or TinyEncoder()), LINEAR)


def ranked(*scores: float) -> list[RankedText]:
    return [RankedText(row, str(row), StsScore(0.0, score)) for row, score in enumerate(scores)]


def test_a_pair_has_a_cosine_and_a_score_of_it() -> None:
    same, other = similarity().score([("환불 되나요?", "환불  되나요?"), ("가나", "나다")])
    assert (same, other) == (StsScore(1.0, 5.0), StsScore(0.0, 0.0))


def test_a_fitted_calibration_is_applied() -> None:
    calibration = StsCalibration((-1.0, 0.0, 1.0), (0.0, 2.0, 5.0))
    scored = Similarity(CosineEncoder(TinyEncoder()), calibration).score([("가나", "나다")])
    assert scored == [StsScore(0.0, 2.0)]


@pytest.mark.parametrize("blank", ["", "  ", "\u200b", "\x00"])
def test_a_blank_sentence_has_nothing_in_common_with_any(blank: str) -> None:
    encoder = TinyEncoder()
    pairs = [(blank, "환불"), ("환불", blank), (blank, blank), ("환불", "환불")]
    assert similarity(encoder).score(pairs) == [StsScore(0.0, 0.0)] * 3 + [StsScore(1.0, 5.0)]
    assert encoder.encoded == ["환불"]


def test_texts_are_ranked_in_the_order_given_and_a_few_at_a_time() -> None:
    encoder, taken = TinyEncoder(), []

    def texts():  # type: ignore[no-untyped-def]
        for row in range(3 * CHUNK):
            taken.append(row)
            yield f"문장 {row}"

    stream = similarity(encoder).rank("문장 3", texts())
    first = [next(stream) for _ in range(4)]

    assert [(item.row, item.text) for item in first] == [(row, f"문장 {row}") for row in range(4)]
    assert first[3].score == StsScore(1.0, 5.0)
    assert len(taken) == CHUNK
    assert len(list(stream)) == 3 * CHUNK - 4


def test_the_best_are_kept_and_of_equal_ones_the_first() -> None:
    items = ranked(1, 3, 2, 3, 0)
    best = Best(3)
    assert list(best.watch(items)) == items
    assert [item.row for item in best.items()] == [1, 3, 2]


@given(st.lists(st.floats(0, 5)), st.integers(0, 5))
def test_the_best_are_the_first_of_a_stable_sort(scores: list[float], count: int) -> None:
    items = ranked(*scores)
    best = Best(count)
    assert len(list(best.watch(items))) == len(items)
    assert best.items() == sorted(items, key=lambda item: -item.score.score)[:count]


def test_without_a_source_the_encoder_of_retrieval_compares(tmp_path: Path) -> None:
    encoder = TinyEncoder()
    loaded = Similarity.load(None, tmp_path, retrieval=encoder)
    assert loaded.score([("환불", "환불")]) == [StsScore(1.0, 5.0)]
    assert encoder.encoded == ["환불"]


def test_the_setting_names_another_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Similarity.configured(TinyEncoder(), tmp_path).calibration == LINEAR
    monkeypatch.setenv("MUNDAP_API_STS_ENCODER", "./nowhere")
    with pytest.raises(EncoderError, match="nowhere: no such encoder directory"):
        Similarity.configured(TinyEncoder(), tmp_path)


def test_the_calibration_of_the_home_is_found(tmp_path: Path) -> None:
    fitted = StsCalibration((0.0, 1.0), (1.0, 2.0), "tiny-1")
    fitted.write(calibration_path(tmp_path, "tiny-1"))
    assert Similarity.load(None, tmp_path, retrieval=TinyEncoder()).calibration == fitted


def test_a_cross_encoder_has_scores_and_no_cosines(tmp_path: Path) -> None:
    loaded = Similarity.load(write_cross_encoder(tmp_path / "cross"), tmp_path)
    one, blank = loaded.score([("환불 되나요", "환불 돼요?"), ("환불", "")])
    assert one.cosine is None
    assert 0 < one.score < 5
    assert blank == StsScore(None, 0.0)
    assert [item.score for item in loaded.rank("환불 되나요", ["환불 돼요?"])] == [one]
