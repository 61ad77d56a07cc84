"""Vectors of queries that stay for the next time."""

from pathlib import Path

import numpy as np
import pytest

from mundap.feedback.unanswered import query_vectors as module
from mundap.feedback.unanswered.query_vectors import query_vectors
from tests.tiny_encoder import TinyEncoder


def test_only_what_is_new_is_encoded(tmp_path: Path) -> None:
    encoder, place = TinyEncoder(), tmp_path / "vectors.npz"

    first = query_vectors(place, encoder, ["환불 되나요", "주차"])
    again = query_vectors(place, encoder, ["주차", "환불 되나요", "새 질문"])

    assert encoder.encoded == ["환불 되나요", "주차", "새 질문"]
    assert np.array_equal(again[:2], first[::-1])
    wanted = TinyEncoder().encode(["주차", "환불 되나요", "새 질문"])
    assert again == pytest.approx(wanted, abs=1e-3)


def test_what_is_no_longer_asked_for_is_gone_from_the_disk(tmp_path: Path) -> None:
    encoder, place = TinyEncoder(), tmp_path / "vectors.npz"
    query_vectors(place, encoder, ["하나", "둘"])
    query_vectors(place, encoder, ["하나"])

    query_vectors(place, encoder, ["둘"])

    assert encoder.encoded == ["하나", "둘", "둘"]


def test_vectors_of_another_encoder_are_made_anew(tmp_path: Path) -> None:
    place = tmp_path / "vectors.npz"
    query_vectors(place, TinyEncoder("one"), ["하나"])
    other = TinyEncoder("other")

    query_vectors(place, other, ["하나"])

    assert other.encoded == ["하나"]


@pytest.mark.parametrize("damage", [b"", b"no vectors", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    place = tmp_path / "vectors.npz"
    place.write_bytes(damage)

    assert len(query_vectors(place, TinyEncoder(), ["하나", "둘"])) == 2


def test_what_was_encoded_before_a_failure_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 2)
    encoder, place = TinyEncoder(), tmp_path / "vectors.npz"

    def stop(done: int, total: int) -> None:
        if done == 4:
            raise InterruptedError("ended")

    with pytest.raises(InterruptedError, match="ended"):
        query_vectors(place, encoder, ["1번", "2번", "3번", "4번", "5번"], stop)
    query_vectors(place, encoder, ["1번", "2번", "3번", "4번", "5번"])

    assert encoder.encoded == ["1번", "2번", "3번", "4번", "5번"]


def test_there_may_be_no_queries(tmp_path: Path) -> None:
    assert query_vectors(tmp_path / "vectors.npz", TinyEncoder(), []).shape == (0, 32)
