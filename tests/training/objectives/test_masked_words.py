from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional

from mundap.index.encoders.registry import load_encoder
from mundap.index.tables.table import TableError
from mundap.index.tables.table_writer import write_table
from mundap.training.data.pairs import PairError
from mundap.training.data.sentence_pairs import SentenceSplit
from mundap.training.data.sources import Sources
from mundap.training.data.texts import Text
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base
from mundap.training.objectives.hidden_words import HiddenWords
from mundap.training.objectives.masked_words import MaskedWords, MaskedWordsLoss
from tests.training.small_base import configured, record

# What is hidden follows from what is left.
_PHRASES = (
    "배송 요금 얼마 택배",
    "환불 기간 며칠 반품",
    "쿠폰 등록 할인 코드",
    "전화 번호 상담 연락",
)
EASY = [Text(f"{phrase} {number}") for phrase in _PHRASES for number in "가나다라마"]
SPLIT = SentenceSplit(EASY, {"texts": EASY}, EASY)


def written(folder: Path, texts: list[str], column: str = "text") -> Sources:
    path = folder / "texts.parquet"
    write_table(pd.DataFrame({column: texts}), path)
    return Sources((path,))


def test_hidden_words_are_learned(bert: Path, tmp_path: Path) -> None:
    values = {"epochs": 60, "patience": 60, "batch_size": 20}
    config = configured(bert, learning_rate=0.03, max_seq_length=32, **values)
    path = train(SPLIT, config, tmp_path / "encoder", MaskedWords(share=0.3, scale=5.0))
    history = record(path)["history"]
    assert history[-1]["loss"] < 0.8 * history[1]["loss"]
    assert max(row["accuracy"] for row in history) > history[0]["accuracy"] + 0.2
    assert load_encoder(path).encode(_PHRASES).shape == (4, 16)


def test_guesses_are_cosines_of_places_with_every_word_of_the_batch(bert: Path) -> None:
    transformer = load_base(str(bert), pooling=None, max_seq_length=32).eval()
    loss = MaskedWordsLoss(transformer, share=0.999, scale=3.0)
    features = transformer.preprocess(["환불 배송", "배송 쿠폰"])
    ids = HiddenWords.of(transformer).ids(features)
    logits, wanted = loss.guesses(features)
    different = sorted(set(ids[ids >= 0].tolist()))
    assert [different[place] for place in wanted.tolist()] == ids[ids >= 0].tolist()
    targets = functional.normalize(
        transformer[0].auto_model.get_input_embeddings().weight[different], dim=1
    )
    mask = transformer.tokenizer.mask_token_id
    masked = {**features, "input_ids": features["input_ids"].masked_fill(ids >= 0, mask)}
    places = transformer[0](masked)["token_embeddings"][ids >= 0]
    torch.testing.assert_close(logits, 3.0 * loss.guess(places) / 16**0.5 @ targets.T)


def test_what_is_hidden_cannot_be_seen(bert: Path) -> None:
    transformer = load_base(str(bert), pooling=None, max_seq_length=32).eval()
    hidden = HiddenWords.of(transformer)
    seen = []
    for text in ("환불 배송", "쿠폰 배송"):
        features = transformer.preprocess([text])
        chosen = torch.zeros_like(features["input_ids"]).bool()
        chosen[0, 1:3] = True
        seen.append(transformer(hidden.hide(features, chosen))["token_embeddings"])
    torch.testing.assert_close(seen[0], seen[1])


def test_no_special_token_is_hidden(bert: Path) -> None:
    transformer = load_base(str(bert), pooling=None, max_seq_length=32)
    hidden = HiddenWords.of(transformer)
    features = transformer.preprocess(["환불해", "코드 입력"])
    found = hidden.ids(features)
    special = torch.isin(features["input_ids"], torch.tensor(transformer.tokenizer.all_special_ids))
    assert ((found == -1) == special).all()
    masked = hidden.hide(features, found >= 0)["input_ids"]
    assert set(masked[found >= 0].tolist()) == {transformer.tokenizer.mask_token_id}
    assert (masked[found < 0] == features["input_ids"][found < 0]).all()


def test_a_batch_without_a_word_to_hide_teaches_nothing(bert: Path) -> None:
    transformer = load_base(str(bert), pooling=None, max_seq_length=32)
    loss = MaskedWordsLoss(transformer, share=0.5, scale=20.0)
    found = loss([transformer.preprocess(["", " "])])
    found.backward()
    assert found.item() == 0.0


def test_bases_without_a_mask_are_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="masked-words is for transformers; the embedded encoder"):
        train(SPLIT, configured(base), tmp_path / "encoder", MaskedWords())
    embedded = load_base(str(base), pooling=None, max_seq_length=32)
    with pytest.raises(ValueError, match=r"has a mask token, .* begins with MorphemeEmbedding"):
        HiddenWords.of(embedded)


def test_texts_are_drawn_by_the_seed_and_some_are_held_out(tmp_path: Path) -> None:
    texts = [f"문장 {number}" for number in range(20_000)]
    sources = written(tmp_path, texts)
    splits = [
        MaskedWords(texts=1000).read(sources, configured(tmp_path, development=0.1, seed=seed))
        for seed in (0, 0, 1)
    ]
    assert splits[0] == splits[1] != splits[2]
    assert (len(splits[0].pairs), len(splits[0].held_out)) == (900, 100)
    drawn = {text.text for text in [*splits[0].pairs, *splits[0].held_out]}
    assert len(drawn) == 1000
    assert drawn <= set(texts)
    # From all over the file, not its beginning.
    places = np.array([int(text.split()[1]) for text in drawn])
    assert 9_000 < places.mean() < 11_000


def test_all_texts_are_taken_where_none_are_drawn_empty_and_repeated_ones_left_out(
    tmp_path: Path,
) -> None:
    sources = written(tmp_path, ["가", " ", "나", "", "가", "다"])
    split = MaskedWords(texts=100).read(sources, configured(tmp_path, development=0.0))
    assert sorted(text.text for text in split.pairs) == ["가", "나", "다"]
    assert split.development is None


@pytest.mark.parametrize(
    ("texts", "column", "reason"),
    [
        (["가", "나"], "review", r"texts\.parquet: missing column 'text'; found 'review'"),
        (["가", "가"], "text", r"texts\.parquet: 1 different texts; wanted at least 2"),
    ],
)
def test_what_cannot_be_learned_from_is_named(
    texts: list[str], column: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises((TableError, PairError), match=reason):
        MaskedWords().read(written(tmp_path, texts, column), configured(tmp_path))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"texts": 1}, "texts is 1; wanted 2"),
        ({"share": 0.0}, r"share is 0\.0; wanted 0\.01 to 0\.9"),
        ({"scale": 0.0}, r"scale is 0\.0; wanted 0\.001"),
    ],
)
def test_values_that_make_no_sense_are_refused(values: dict[str, float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        MaskedWords(**values)  # type: ignore[arg-type]
