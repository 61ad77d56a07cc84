from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.chatbot.similarity.similarity import (
    CHUNK,
    STS_FOLDER,
    Best,
    RankedText,
    Similarity,
    StsScore,
    similarity_source,
)
from mundap.index.encoders import pretrained
from mundap.index.encoders.encoder import EncoderError, directory_fingerprint
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.shipped import SHIPPED, SHIPPED_DIRECTORY
from mundap.index.similarity.pair_encoder import CosineEncoder
from mundap.index.similarity.scale import LINEAR, StsScale, scale_path
from tests.index.small_cross_encoder import write_cross_encoder
from tests.tiny_encoder import TinyEncoder, TinyReader


def similarity(encoder: TinyEncoder | None = None) -> Similarity:
    return Similarity(CosineEncoder(encoder or TinyEncoder()), LINEAR)


def ranked(*scores: float) -> list[RankedText]:
    return [RankedText(row, str(row), StsScore(0.0, score)) for row, score in enumerate(scores)]


def test_a_pair_has_a_cosine_and_a_score_of_it() -> None:
    same, other = similarity().score([("환불 되나요?", "환불  되나요?"), ("가나", "나다")])
    assert (same, other) == (StsScore(1.0, 5.0), StsScore(0.0, 0.0))


def test_a_fitted_calibration_is_applied() -> None:
    calibration = StsScale((-1.0, 0.0, 1.0), (0.0, 2.0, 5.0))
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


def test_without_a_setting_the_encoder_that_ships_compares(tmp_path: Path) -> None:
    assert similarity_source(None, tmp_path) == SHIPPED
    retrieval, other = TinyEncoder(), TinyReader()
    pair = ("환불 되나요?", "환불 돼요?")
    [score] = Similarity.configured(None, tmp_path, retrieval, other).score([pair])
    vectors = load_encoder(SHIPPED).encode(pair)
    assert score.cosine == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-4)
    assert retrieval.encoded == other.encoded == []


def test_the_encoder_that_ships_is_loaded_once(tmp_path: Path) -> None:
    reader = TinyReader(fingerprint=directory_fingerprint(SHIPPED_DIRECTORY))
    loaded = Similarity.configured(None, tmp_path, TinyEncoder(), reader)
    assert loaded.score([("환불", "환불")]) == [StsScore(1.0, 5.0)]
    assert reader.encoded == ["환불"]


def test_without_the_encoder_that_ships_that_of_retrieval_compares_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pretrained, "find_spec", lambda name: None)
    retrieval = TinyEncoder()
    loaded = Similarity.configured(None, tmp_path, retrieval, None)
    assert loaded.score([("환불", "환불")]) == [StsScore(1.0, 5.0)]
    assert retrieval.encoded == ["환불"]
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith("Similarity is judged by the encoder of the index: ")
    assert "needs onnxruntime and tokenizers" in told
    with pytest.raises(EncoderError, match="needs onnxruntime and tokenizers"):
        Similarity.configured(SHIPPED, tmp_path, retrieval, None)


def test_an_encoder_trained_for_similarity_comes_before_that_of_retrieval(tmp_path: Path) -> None:
    write_cross_encoder(tmp_path / STS_FOLDER)
    assert similarity_source(None, tmp_path) == tmp_path / STS_FOLDER
    [score] = Similarity.configured(None, tmp_path, TinyEncoder(), None).score([("환불", "배송")])
    assert score.cosine is None


def test_the_setting_comes_before_both(tmp_path: Path) -> None:
    (tmp_path / STS_FOLDER).mkdir()
    assert similarity_source("default", tmp_path) == "default"
    with pytest.raises(EncoderError, match="nowhere: no such encoder directory"):
        Similarity.configured("./nowhere", tmp_path, TinyEncoder(), None)


def test_a_damaged_encoder_of_similarity_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / STS_FOLDER).mkdir()
    with pytest.raises(EncoderError, match=STS_FOLDER):
        Similarity.configured(None, tmp_path, TinyEncoder(), None)


def test_the_calibration_of_the_encoder_is_found_in_the_home(tmp_path: Path) -> None:
    fitted = StsScale((0.0, 1.0), (1.0, 2.0), "tiny-1")
    fitted.write(scale_path(tmp_path, "tiny-1"))
    assert Similarity.of(CosineEncoder(TinyEncoder()), tmp_path).calibration == fitted


def test_a_cross_encoder_has_scores_and_no_cosines(tmp_path: Path) -> None:
    loaded = Similarity.load(write_cross_encoder(tmp_path / "cross"), tmp_path)
    one, blank = loaded.score([("환불 되나요", "환불 돼요?"), ("환불", "")])
    assert one.cosine is None
    assert 0 < one.score < 5
    assert blank == StsScore(None, 0.0)
    assert [item.score for item in loaded.rank("환불 되나요", ["환불 돼요?"])] == [one]
