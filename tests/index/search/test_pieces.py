import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.encoders.encoder import unit_rows
from mundap.index.engines.engine import EngineError
from mundap.index.search.pieces import PIECES_FILES, Pieces, in_eight_bits


def drawn(sizes: list[int], seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [unit_rows(rng.normal(size=(size, 8))) for size in sizes]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8), st.integers(0, 5), st.data())
def test_late_interaction_is_the_mean_of_the_best_cosines(
    sizes: list[int], asked: int, data: st.DataObject
) -> None:
    texts, [query] = drawn(sizes), drawn([asked], seed=1)
    rows = data.draw(st.lists(st.integers(0, len(sizes) - 1), max_size=5))

    found = Pieces.of([in_eight_bits(text) for text in texts]).late(query, np.array(rows, np.int64))

    # One cosine after the other.
    expected = [
        float(np.mean([max(float(q @ p) for p in texts[row]) for q in query]))
        if len(query) and len(texts[row])
        else 0.0
        for row in rows
    ]
    assert found.tolist() == pytest.approx(expected, abs=0.02)


def test_a_text_meets_itself_wholly() -> None:
    texts = drawn([5, 3])

    late = Pieces.of([in_eight_bits(text) for text in texts]).late(texts[0], np.array([0, 1]))

    assert late[0] == pytest.approx(1.0, abs=0.01)
    assert late[1] < 0.95


def test_what_is_sealed_opens_again(tmp_path: Path) -> None:
    texts, [query] = drawn([4, 0, 2]), drawn([3], seed=2)
    pieces = Pieces.of([in_eight_bits(text) for text in texts])
    pieces.seal(tmp_path)

    opened = Pieces.open(tmp_path)

    rows = np.array([0, 1, 2])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(PIECES_FILES)
    assert (len(opened), opened.of_text(2).tolist()) == (3, pieces.of_text(2).tolist())
    assert opened.late(query, rows).tolist() == pieces.late(query, rows).tolist()


def test_some_texts_are_kept_with_their_pieces() -> None:
    texts = drawn([4, 1, 2])
    pieces = Pieces.of([in_eight_bits(text) for text in texts])

    kept = pieces.kept(np.array([2, 0]))

    assert [kept.of_text(row).tolist() for row in (0, 1)] == [
        pieces.of_text(row).tolist() for row in (2, 0)
    ]


def test_pieces_that_do_not_fit_their_texts_are_refused_with_both_numbers(tmp_path: Path) -> None:
    Pieces.of([in_eight_bits(text) for text in drawn([4, 2])]).seal(tmp_path)
    np.save(tmp_path / PIECES_FILES[1], np.array([0, 4, 7]))

    with pytest.raises(EngineError, match="6 pieces, but its texts have 7"):
        Pieces.open(tmp_path)


def test_a_file_that_is_cut_short_while_it_serves_is_an_error_and_ends_nobody(
    tmp_path: Path,
) -> None:
    texts, [query] = drawn([4, 2]), drawn([3], seed=2)
    Pieces.of([in_eight_bits(text) for text in texts]).seal(tmp_path)
    opened = Pieces.open(tmp_path)
    os.truncate(tmp_path / PIECES_FILES[0], 130)

    with pytest.raises(EngineError, match=r"less than 6 pieces.* cut short"):
        opened.late(query, np.array([1]))
    with pytest.raises(EngineError, match=r"less than 6 pieces.* cut short"):
        Pieces.open(tmp_path)


def test_pieces_of_a_generation_that_was_removed_are_still_read(tmp_path: Path) -> None:
    texts, [query] = drawn([4, 2]), drawn([3], seed=2)
    pieces = Pieces.of([in_eight_bits(text) for text in texts])
    pieces.seal(tmp_path)
    opened = Pieces.open(tmp_path)
    for name in PIECES_FILES:
        (tmp_path / name).unlink()

    rows = np.array([1, 0])
    assert opened.late(query, rows).tolist() == pieces.late(query, rows).tolist()
