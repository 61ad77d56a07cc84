import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

from mundap.index.encoders.default import default_encoder_path
from mundap.index.encoders.encoder import EncoderError, Vectors, load_encoder
from mundap.index.encoders.morpheme_encoder import WEIGHTS_FILE
from mundap.index.encoders.morpheme_transformer import (
    MORPHEME_TRANSFORMER,
    MorphemeTransformerEncoder,
    TransformerConfig,
    is_morpheme_transformer,
    weight_shapes,
)
from mundap.index.encoders.sentence_encoder import Pooling
from mundap.index.encoders.weight_table import WEIGHTS_KEY
from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base, morpheme_embedding, morpheme_rows
from mundap.training.modules.morpheme_transformer import (
    MorphemeTransformer,
    new_morpheme_transformer,
)
from tests.training.small_base import EASY, PAIRS, configured, record

POOLINGS: list[Pooling] = ["mean", "cls", "max"]
TEXTS = [
    "환불은 언제 되나요?",
    "반품하고 싶어요 qzx",
    "배송비 3,000원",
    "How do I get a refund?",
    "ㅋㅋㅋㅋ 뷁쉙퀡",
    unicodedata.normalize("NFD", "교환하고 싶어요"),
    "배송 " * 200,
    "가",
]
EMPTY = ["", "?!", "😀"]


def encode(transformer: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    vectors: Vectors = transformer.encode(list(texts), show_progress_bar=False)
    return vectors


def module_of(transformer: SentenceTransformer) -> MorphemeTransformer:
    first = transformer[0]
    assert isinstance(first, MorphemeTransformer)
    return first


def shaken(embedded: Path, pooling: Pooling = "mean") -> SentenceTransformer:
    """Return layers that have some value everywhere, as training would give them."""
    torch.manual_seed(0)
    transformer = new_morpheme_transformer(embedded, pooling=pooling)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in module_of(transformer).network.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, generator=generator))
    return transformer


def saved(transformer: SentenceTransformer, directory: Path) -> Path:
    transformer.save(str(directory), create_model_card=False)
    return directory


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_untrained_it_is_the_embedded_encoder(pooling: Pooling, base: Path) -> None:
    transformer = new_morpheme_transformer(base, pooling=pooling)
    short = [text for text in TEXTS if len(text) < 100]
    expected = load_encoder(base).encode(short)
    np.testing.assert_allclose(encode(transformer, short), expected, atol=1e-6)


def test_its_name_builds_it_over_the_default_encoder() -> None:
    transformer = load_base(MORPHEME_TRANSFORMER, pooling=None, max_seq_length=128)
    expected = load_encoder("default").encode(TEXTS[:4])
    np.testing.assert_allclose(encode(transformer, TEXTS[:4]), expected, atol=1e-6)
    config = module_of(transformer).config
    assert (config.dimension, config.layers, config.positions) == (256, 3, 128)
    assert torch.equal(
        module_of(transformer).table(),
        torch.from_numpy(load_file(default_encoder_path() / WEIGHTS_FILE)[WEIGHTS_KEY]),
    )


@pytest.mark.parametrize("pooling", POOLINGS)
def test_both_readers_give_the_same_vectors(pooling: Pooling, base: Path, tmp_path: Path) -> None:
    transformer = shaken(base, pooling)
    vectors = encode(transformer, TEXTS)
    path = saved(transformer, tmp_path / "saved")
    encoder = load_encoder(path)
    assert isinstance(encoder, MorphemeTransformerEncoder)
    np.testing.assert_allclose(encoder.encode(TEXTS), vectors, atol=1e-5)
    assert not np.allclose(vectors[:4], load_encoder(base).encode(TEXTS[:4]), atol=0.1)
    again = load_base(str(path), pooling=None, max_seq_length=128)
    np.testing.assert_allclose(encode(again, TEXTS), vectors, atol=1e-6)


def test_a_text_has_one_vector_whatever_stands_beside_it(base: Path, tmp_path: Path) -> None:
    transformer = shaken(base)
    encoder = load_encoder(saved(transformer, tmp_path / "saved"))
    alone = np.concatenate([encode(transformer, [text]) for text in TEXTS])
    np.testing.assert_allclose(encode(transformer, TEXTS), alone, atol=1e-5)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)


def test_the_order_of_words_counts(base: Path) -> None:
    one, other = encode(shaken(base), ["환불 배송 쿠폰", "쿠폰 배송 환불"])
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_without_words_is_zero(pooling: Pooling, base: Path, tmp_path: Path) -> None:
    transformer = shaken(base, pooling)
    encoder = load_encoder(saved(transformer, tmp_path / "saved"))
    for found in (encode(transformer, [*EMPTY, "환불"]), encoder.encode([*EMPTY, "환불"])):
        assert not found[:3].any()
        assert np.linalg.norm(found[3]) == pytest.approx(1.0)
    assert encode(transformer, EMPTY).shape == encoder.encode(EMPTY).shape == (3, 8)
    assert len(encode(transformer, [])) == len(encoder.encode([])) == 0


def test_the_saved_directory_is_an_ordinary_sentence_transformer(
    base: Path, tmp_path: Path
) -> None:
    transformer = shaken(base, "cls")
    path = saved(transformer, tmp_path / "saved")
    again = SentenceTransformer(str(path), device="cpu", trust_remote_code=True)
    np.testing.assert_allclose(encode(again, TEXTS), encode(transformer, TEXTS), atol=1e-6)
    assert is_morpheme_transformer(path)
    assert not is_morpheme_transformer(base)


def test_what_is_longer_than_the_positions_is_cut(base: Path, tmp_path: Path) -> None:
    transformer = shaken(base)
    path = saved(transformer, tmp_path / "long")
    short = load_base(str(path), pooling=None, max_seq_length=8)
    assert short.max_seq_length == 8
    one, other = encode(short, ["배송 " * 7, "배송 " * 20])
    np.testing.assert_allclose(one, other, atol=1e-6)
    np.testing.assert_allclose(one, encode(transformer, ["배송 " * 7])[0], atol=1e-5)
    encoder = load_encoder(saved(short, tmp_path / "short"))
    np.testing.assert_allclose(encoder.encode(["배송 " * 20])[0], one, atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_it_trains_with_each_pooling(pooling: Pooling, base: Path, tmp_path: Path) -> None:
    start = saved(new_morpheme_transformer(base, pooling="mean"), tmp_path / "start")
    config = configured(start, pooling=pooling, learning_rate=0.02, epochs=4, patience=4)
    path = train(Split(PAIRS, EASY, []), config, tmp_path / "encoder")
    figures = record(path)
    losses = [row["loss"] for row in figures["history"][1:]]
    assert losses[-1] < losses[0]
    assert figures["fingerprint"] == load_encoder(path).fingerprint
    assert f'"pooling_mode": "{pooling}"' in (path / "1_Pooling/config.json").read_text("utf-8")
    before, after = (load_file(place / WEIGHTS_FILE) for place in (start, path))
    assert before.keys() == after.keys()
    same = {name for name in before if (before[name] == after[name]).all()}
    assert same == {"network.masked"}


def test_only_rows_of_the_texts_are_parameters_while_it_trains(base: Path) -> None:
    transformer = shaken(base)
    vectors = encode(transformer, TEXTS)
    rows = morpheme_rows(transformer)
    assert rows is not None
    assert morpheme_embedding(transformer) is None
    rows.narrow(TEXTS[:2])
    used = {row for text in TEXTS[:2] for row in rows.features_of(text).rows.tolist()}
    assert len(rows.embedding.weight) == len(used)
    np.testing.assert_allclose(encode(transformer, TEXTS), vectors, atol=1e-6)


def test_the_table_can_be_left_as_it_is(base: Path, tmp_path: Path) -> None:
    start = saved(new_morpheme_transformer(base, pooling="mean"), tmp_path / "start")
    config = configured(start, train_only=("*network*",), learning_rate=0.02)
    path = train(Split(PAIRS, None, []), config, tmp_path / "encoder")
    before, after = (load_file(place / WEIGHTS_FILE) for place in (start, path))
    np.testing.assert_array_equal(before[WEIGHTS_KEY], after[WEIGHTS_KEY])
    assert (before["network.change.weight"] != after["network.change.weight"]).any()


def test_words_are_dropped_in_training_alone(base: Path) -> None:
    transformer = shaken(base)
    expected = encode(transformer, TEXTS)
    module_of(transformer).word_dropout = 0.5
    np.testing.assert_allclose(encode(transformer, TEXTS), expected, atol=1e-6)
    torch.manual_seed(0)
    transformer.train()
    dropped = transformer(transformer.preprocess(TEXTS))["sentence_embedding"]
    assert bool(torch.isfinite(dropped).all())
    assert not np.allclose(dropped.detach().numpy(), expected, atol=1e-2)


def test_words_that_are_all_dropped_break_no_gradient(base: Path) -> None:
    transformer = shaken(base)
    module_of(transformer).word_dropout = 0.9
    transformer.train()
    torch.manual_seed(0)
    for _ in range(20):
        transformer(transformer.preprocess([*TEXTS, *EMPTY]))["sentence_embedding"].sum().backward()
    grads = [weight.grad for weight in transformer.parameters() if weight.grad is not None]
    assert len(grads) > 30
    assert all(bool(torch.isfinite(grad).all()) for grad in grads)
    assert all(float(grad.abs().max()) < 1e4 for grad in grads)


def test_every_weight_has_the_shape_that_the_numpy_reader_wants(base: Path) -> None:
    module = module_of(shaken(base))
    found = {n: tuple(weight.shape) for n, weight in module.network.state_dict().items()}
    assert found == weight_shapes(module.config)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999999])
def test_truncated_weights_are_refused(share: float, base: Path, tmp_path: Path) -> None:
    path = saved(shaken(base), tmp_path / "saved")
    whole = (path / WEIGHTS_FILE).read_bytes()
    (path / WEIGHTS_FILE).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(EncoderError, match=r"model\.safetensors: damaged"):
        load_encoder(path)
    with pytest.raises(EncoderError, match=r"model\.safetensors: damaged"):
        load_base(str(path), pooling=None, max_seq_length=128)


def test_layers_of_other_sizes_than_the_config_says_are_refused(base: Path, tmp_path: Path) -> None:
    path = saved(shaken(base), tmp_path / "saved")
    text = (path / "config.json").read_text(encoding="utf-8")
    (path / "config.json").write_text(text.replace('"layers": 3', '"layers": 4'), encoding="utf-8")
    with pytest.raises(EncoderError, match=r"damaged \(no network\.layers\.3\."):
        load_encoder(path)
    with pytest.raises(EncoderError, match=r"model\.safetensors: damaged .*layers\.3\."):
        load_base(str(path), pooling=None, max_seq_length=128)


def test_a_pooling_that_nobody_knows_is_refused(base: Path, tmp_path: Path) -> None:
    path = saved(shaken(base), tmp_path / "saved")
    (path / "1_Pooling/config.json").write_text('{"pooling_mode": "lasttoken"}', encoding="utf-8")
    with pytest.raises(EncoderError, match="pooling_mode is 'lasttoken'; wanted mean, cls or max"):
        load_encoder(path)


def test_sizes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match=r"heads is 3; wanted a divisor of dimension, 8"):
        TransformerConfig(8, 64, "any", heads=3)
    with pytest.raises(ValueError, match=r"positions is 1; wanted 2 or more"):
        TransformerConfig(8, 64, "any", positions=1)
