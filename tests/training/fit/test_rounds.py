import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from mundap.index.encoders.registry import load_encoder
from mundap.training.data.pairs import Pair
from mundap.training.data.split import Split
from mundap.training.fit.rounds import encoder_miner, train_in_rounds, with_negatives
from mundap.training.fit.trainer import train
from mundap.training.mining.config import MiningConfig
from mundap.training.mining.mined import Mined
from mundap.training.mining.mining import mine
from tests.training.small_base import FAQ, configured, record
from tests.training.small_pairs import LetterScorer

pytestmark = pytest.mark.slow

MINING = MiningConfig(count=2)


def letters(pairs: Sequence[Pair]) -> Mined:
    return mine(pairs, LetterScorer, MINING)


def bare(pairs: Sequence[Pair]) -> list[Pair]:
    return [dataclasses.replace(pair, negatives=()) for pair in pairs]


def test_pairs_to_train_on_get_no_held_out_text(base: Path) -> None:
    split = Split.of_faq(FAQ, configured(base, development=0.3))
    mined, whole = with_negatives(split, letters)
    assert (bare(mined.pairs), bare(mined.held_out)) == (split.pairs, split.held_out)
    assert mined.development == split.development
    judged = {text for pair in split.held_out for text in (pair.anchor, pair.positive)}
    assert judged
    assert not judged & {text for pair in mined.pairs for text in pair.negatives}
    everything = [*split.pairs, *split.held_out]
    assert whole == letters(everything)
    assert mined.held_out == whole.pairs[len(split.pairs) :]


def test_with_nothing_held_out_all_is_mined_at_once(base: Path) -> None:
    split = Split.of_faq(FAQ, configured(base, development=0))
    mined, whole = with_negatives(split, letters)
    assert mined == Split(whole.pairs, None, [])
    assert whole == letters(split.pairs)


def test_two_rounds_are_train_mine_train(base: Path, tmp_path: Path) -> None:
    config = configured(base, development=0, epochs=1)
    split = Split.of_faq(FAQ, config)
    mined = train_in_rounds(split, config, MINING, 2, tmp_path / "encoder")

    first = load_encoder(train(split, config, tmp_path / "first"))
    by_hand, expected = with_negatives(split, encoder_miner(first, MINING))
    second = train(by_hand, config, tmp_path / "second")
    assert mined == expected
    assert load_encoder(tmp_path / "encoder").fingerprint == load_encoder(second).fingerprint
    assert record(tmp_path / "encoder")["pairs_sha256"] == record(second)["pairs_sha256"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoder", "first", "second"]


def test_one_round_has_nothing_to_mine_for(base: Path, tmp_path: Path) -> None:
    config = configured(base)
    with pytest.raises(ValueError, match="rounds is 1; wanted at least 2: train, mine, train"):
        train_in_rounds(Split.of_faq(FAQ, config), config, MINING, 1, tmp_path / "encoder")
    assert list(tmp_path.iterdir()) == []
