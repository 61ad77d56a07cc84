from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from mundap.evaluation.sts import evaluate_sts
from mundap.index.encoders.encoder import EncoderError, Vectors
from mundap.index.encoders.morpheme_config import CONFIG_FILE, WEIGHTS_FILE, MorphemeConfig
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.morpheme_features import OUTSIDE_TAGS, features
from mundap.training.data.pairs import Pair
from mundap.training.data.split import Split
from mundap.training.fit.task import Task
from mundap.training.fit.trainer import train, train_tasks
from mundap.training.modules.base import load_base, morpheme_embedding
from mundap.training.modules.morpheme_module import MorphemeEmbedding, load_embedded
from mundap.training.modules.trainable import freeze_all_but
from mundap.training.modules.word_map import WordMap
from mundap.training.objectives.sts import Sts
from tests.training.objectives.test_sts import EASY, ROWS
from tests.training.small_base import PAIRS, configured, record

TRAINED = ["환불은 언제 되나요?", "반품하고 싶어요 qzx", "배송비 3,000원", "?!"]
OUTSIDE = [
    "비밀번호를 잊어버렸어요 zyxwv",
    "포인트 12345점",
    "",
    "ㅋㅋㅋ 안녕히 계세요",
    *TRAINED[:2],
]


def mapped(directory: Path) -> tuple[SentenceTransformer, MorphemeEmbedding, WordMap]:
    transformer = load_base(str(directory), pooling=None, max_seq_length=32)
    freeze_all_but(transformer, ("map",), weight_decay=0.0)
    module = morpheme_embedding(transformer)
    assert module is not None
    assert module.word_map is not None
    return transformer, module, module.word_map


def shake(word_map: WordMap, seed: int = 0) -> None:
    """Give every parameter some value, as training would."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in word_map.named_parameters():
            size = 0.3 if name == "projection" else 0.02
            weight.copy_(size * torch.randn(weight.shape, generator=generator))


def encode(transformer: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    vectors: Vectors = transformer.encode(list(texts), show_progress_bar=False)
    return vectors


def test_a_new_map_changes_nothing(base: Path) -> None:
    transformer, _, _ = mapped(base)

    np.testing.assert_allclose(
        encode(transformer, OUTSIDE), MorphemeEncoder.load(base).encode(OUTSIDE), atol=1e-6
    )


@pytest.mark.parametrize("narrowed", [False, True])
def test_numpy_reads_what_the_map_folded_into_the_table(
    base: Path, tmp_path: Path, narrowed: bool
) -> None:
    transformer, module, word_map = mapped(base)
    if narrowed:
        module.narrow(TRAINED)
    shake(word_map)
    expected = encode(transformer, OUTSIDE)

    transformer.save(str(tmp_path / "e"), create_model_card=False)

    assert np.abs(expected - MorphemeEncoder.load(base).encode(OUTSIDE)).max() > 0.1
    found = MorphemeEncoder.load(tmp_path / "e").encode(OUTSIDE)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    again = load_embedded(tmp_path / "e")
    np.testing.assert_allclose(encode(again, OUTSIDE), expected, atol=1e-6)


def test_folding_twice_adds_up(base: Path, tmp_path: Path) -> None:
    for start, end, seed in ((base, "one", 1), (tmp_path / "one", "two", 2)):
        transformer, _, word_map = mapped(start)
        shake(word_map, seed)
        transformer.save(str(tmp_path / end), create_model_card=False)
    expected = encode(transformer, OUTSIDE)

    found = MorphemeEncoder.load(tmp_path / "two").encode(OUTSIDE)

    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_map_in_training_loads_the_checkpoint_it_saved(base: Path, tmp_path: Path) -> None:
    transformer, module, word_map = mapped(base)
    module.narrow(TRAINED)
    shake(word_map, 1)
    best = encode(transformer, OUTSIDE)
    transformer.save(str(tmp_path / "checkpoint"), create_model_card=False)
    shake(word_map, 2)
    assert not np.allclose(encode(transformer, OUTSIDE), best, atol=1e-2)

    transformer.load_state_dict(load_embedded(tmp_path / "checkpoint").state_dict())

    np.testing.assert_allclose(encode(transformer, OUTSIDE), best, atol=1e-6)


def test_rows_stay_while_a_map_trains_and_all_of_it_has_a_gradient(base: Path) -> None:
    transformer, module, word_map = mapped(base)
    module.narrow(TRAINED)

    vectors = transformer(transformer.preprocess(TRAINED))["sentence_embedding"]
    (vectors @ torch.randn(8, 8)).square().sum().backward()

    assert module.embedding.weight.grad is None
    for name, weight in word_map.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.any(), name


def test_a_map_trained_on_some_words_moves_words_it_never_met(base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=6, learning_rate=0.02, train_only=("map",), word_dropout=0.0)

    path = train_tasks({"sts": Task(Sts(loss="correlation"), EASY)}, config, tmp_path / "e")

    history = record(path)["history"]
    assert max(row["pearson"] for row in history) > history[0]["pearson"] + 0.1
    encoder = MorphemeEncoder.load(path)
    best = max(row["pearson"] for row in history)
    assert evaluate_sts(encoder, ROWS).pearson == pytest.approx(best, abs=1e-5)
    used = {row for pair in ROWS for text in (pair.sentence1, pair.sentence2)
            for row in features(text, 64).rows.tolist()}  # fmt: skip
    unmet = next(row for row in range(5000, 6000) if row not in used)
    start, end = (MorphemeEmbedding.load(str(where)).table()[unmet] for where in (base, path))
    assert not torch.allclose(start, end, atol=1e-3)


def test_what_it_learned_about_words_outside_stays_when_rows_train_next(
    base: Path, tmp_path: Path
) -> None:
    transformer, _, word_map = mapped(base)
    shake(word_map)
    transformer.save(str(tmp_path / "map"), create_model_card=False)
    pairs = [Pair(p.anchor, p.positive, p.group) for p in PAIRS]

    path = train(Split(pairs, None, []), configured(tmp_path / "map", epochs=1), tmp_path / "rows")

    weights = MorphemeConfig.read(path).outside
    assert weights == MorphemeConfig.read(tmp_path / "map").outside
    assert set(weights) == set(OUTSIDE_TAGS)


def test_weights_of_words_outside_scale_their_ngrams_alone() -> None:
    plain = features("환불 12345", 64)
    weighed = features("환불 12345", 64, {"SN": 2.0})

    np.testing.assert_array_equal(weighed.rows, plain.rows)
    assert weighed.weights[0] == 1.0
    np.testing.assert_allclose(weighed.weights[1:], 2 * plain.weights[1:])
    assert {OUTSIDE_TAGS[place] for place in weighed.tags[1:]} == {"SN"}


@pytest.mark.parametrize("outside", ['{"SN": "two"}', '{"SN": NaN}', "[1]", "3"])
def test_damaged_weights_of_words_outside_are_refused(
    base: Path, tmp_path: Path, outside: str
) -> None:
    MorphemeConfig.read(base).write(tmp_path)
    text = (tmp_path / CONFIG_FILE).read_text(encoding="utf-8").rstrip().removesuffix("}")
    (tmp_path / CONFIG_FILE).write_text(f'{text}, "outside": {outside}}}', encoding="utf-8")
    (tmp_path / WEIGHTS_FILE).write_bytes((base / WEIGHTS_FILE).read_bytes())

    with pytest.raises(EncoderError, match=r"config\.json: damaged"):
        MorphemeEncoder.load(tmp_path)


def test_a_map_is_trained_alone(base: Path) -> None:
    transformer = load_base(str(base), pooling=None, max_seq_length=32)

    with pytest.raises(ValueError, match="or map alone"):
        freeze_all_but(transformer, ("map", "morphemes"), weight_decay=0.0)


def test_a_map_is_not_interpolated(base: Path) -> None:
    with pytest.raises(ValueError, match=r"interpolate is 0\.5; a map is folded into every row"):
        configured(base, train_only=("map",), interpolate=0.5)
