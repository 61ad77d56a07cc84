import json
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from safetensors.numpy import save_file
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.training_args import (
    SentenceTransformerTrainingArguments,
)

from mundap.index.encoders.default import default_encoder_path
from mundap.index.encoders.encoder import EncoderError, Vectors
from mundap.index.encoders.morpheme_config import WEIGHTS_FILE, MorphemeConfig
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.morpheme_features import features
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.weight_table import WEIGHTS_KEY
from mundap.index.faq.entry import read_faq
from mundap.index.korean.morphemes import MORPHEME_COUNT, dictionary_version
from mundap.training.modules.base import load_base
from mundap.training.modules.morpheme_module import MorphemeEmbedding, load_embedded

DATA = Path(__file__).parents[3] / "data" / "faq"
ODD = [
    "",
    "?! 😀👨\u200d👩\u200d👧",
    "How do I get a refund?",
    "guest로 주문 돼요?",
    "ㅋㅋㅋㅋ ㅠㅠ",
    "返品できますか Можно",
    "뷁쉙퀡",
    "12345 010-1234-5678",
    unicodedata.normalize("NFD", "교환하고 싶어요"),
    "배송 " * 200,
    "\x00\ud83d널",
]
TRAINED = ["환불은 언제 되나요?", "반품하고 싶어요 qzx", "배송비 얼마예요?", "택배 요금", "?!"]
OUTSIDE = ["비밀번호를 잊어버렸어요", "환불 zyxwv 포인트", "", *TRAINED[:2]]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Some two hundred: every eighth passage of the bundled FAQ and all that is odd."""
    passages = [text for entry in read_faq(DATA) for text in entry.passages]
    chosen = ODD + passages[:: len(passages) // 190]
    assert len(chosen) >= 200
    return chosen


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An encoder of four columns: the whole dictionary in a megabyte."""
    config = MorphemeConfig(dimension=4, ngram_rows=64, dictionary=dictionary_version())
    directory = tmp_path / "small"
    directory.mkdir()
    config.write(directory)
    table = np.random.default_rng(0).standard_normal((config.rows, 4)).astype(np.float32)
    save_file({WEIGHTS_KEY: table}, directory / WEIGHTS_FILE)
    return directory


def encode(transformer: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    vectors: Vectors = transformer.encode(list(texts), show_progress_bar=False)
    return vectors


def closeness(transformer: SentenceTransformer) -> float:
    """Return the cosine of the first pair of `TRAINED` texts plus that of the second."""
    anchors, positives = encode(transformer, TRAINED[:2]), encode(transformer, TRAINED[2:4])
    return float((anchors * positives).sum())


def module_of(transformer: SentenceTransformer) -> MorphemeEmbedding:
    module = transformer[0]
    assert isinstance(module, MorphemeEmbedding)
    return module


def train_a_step(
    transformer: SentenceTransformer, texts: Sequence[str], weight_decay: float = 0.01
) -> None:
    """Move every row that the texts use, as a training step does."""
    optimiser = torch.optim.AdamW(transformer.parameters(), lr=0.05, weight_decay=weight_decay)
    batch = transformer.preprocess(list(texts))
    vectors = transformer(batch)["sentence_embedding"]
    loss = (vectors @ vectors.T).square().sum()
    loss.backward()
    optimiser.step()


def saved(transformer: SentenceTransformer, directory: Path) -> MorphemeEncoder:
    transformer.save(str(directory), create_model_card=False)
    return MorphemeEncoder.load(directory)


def test_both_readers_give_the_same_vectors(
    default_encoder: MorphemeEncoder, texts: list[str]
) -> None:
    transformer = load_embedded(default_encoder_path())

    vectors = encode(transformer, texts)

    np.testing.assert_allclose(vectors, default_encoder.encode(texts), atol=1e-6)
    assert transformer.get_embedding_dimension() == default_encoder.dimension == 256


def test_thousands_of_words_add_up_to_nearly_the_same(small: Path) -> None:
    # The two libraries add in different orders: rounding grows with the length of a text.
    long = ["배송비와 환불 " * 2000]

    vectors = encode(load_embedded(small), long)

    np.testing.assert_allclose(vectors, MorphemeEncoder.load(small).encode(long), atol=1e-4)


def test_both_readers_agree_after_narrowing_and_training(texts: list[str], tmp_path: Path) -> None:
    transformer = load_embedded(default_encoder_path())
    before = encode(transformer, texts)
    module_of(transformer).narrow(texts[::2])
    np.testing.assert_allclose(encode(transformer, texts), before, atol=1e-6)
    train_a_step(transformer, texts[::2])
    trained = encode(transformer, texts)

    encoder = saved(transformer, tmp_path / "saved")

    assert np.abs(trained - before).max() > 0.01
    np.testing.assert_allclose(encoder.encode(texts), trained, atol=1e-6)
    again = load_embedded(tmp_path / "saved")
    np.testing.assert_allclose(encode(again, texts), trained, atol=1e-6)


def test_the_saved_directory_is_an_ordinary_sentence_transformer(
    small: Path, tmp_path: Path
) -> None:
    transformer = load_embedded(small)
    saved(transformer, tmp_path / "saved")

    again = SentenceTransformer(str(tmp_path / "saved"), device="cpu", trust_remote_code=True)

    np.testing.assert_array_equal(encode(again, TRAINED), encode(transformer, TRAINED))


def test_a_directory_written_before_the_rooms_loads_and_is_written_with_todays_module(
    small: Path, tmp_path: Path
) -> None:
    old = Path(shutil.copytree(small, tmp_path / "old"))
    module = {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "training.morpheme_module.MorphemeEmbedding",
    }
    (old / "modules.json").write_text(json.dumps([module]), encoding="utf-8")
    transformer = load_base(str(old), pooling=None, max_seq_length=128)
    np.testing.assert_allclose(
        encode(transformer, TRAINED), load_encoder(old).encode(TRAINED), atol=1e-6
    )
    saved(transformer, tmp_path / "new")
    (written,) = json.loads((tmp_path / "new" / "modules.json").read_text(encoding="utf-8"))
    assert written["type"] == "mundap.training.modules.morpheme_module.MorphemeEmbedding"


def test_saving_and_loading_changes_no_weight(small: Path, tmp_path: Path) -> None:
    transformer = load_embedded(small)
    saved(transformer, tmp_path / "saved")

    weights = (tmp_path / "saved" / WEIGHTS_FILE).read_bytes()

    again = MorphemeEmbedding.load(str(tmp_path / "saved"))
    assert torch.equal(again.table(), module_of(transformer).table())
    saved(load_embedded(tmp_path / "saved"), tmp_path / "twice")
    assert (tmp_path / "twice" / WEIGHTS_FILE).read_bytes() == weights


def test_only_the_rows_of_the_texts_are_trained(small: Path) -> None:
    transformer = load_embedded(small)
    module = module_of(transformer)
    before = module.table().clone()
    module.narrow(TRAINED)
    used = sorted({row for text in TRAINED for row in features(text, 64).rows.tolist()})

    train_a_step(transformer, TRAINED)

    moved = (module.table() != before).any(dim=1).nonzero().flatten().tolist()
    assert moved == used
    assert sum(parameter.numel() for parameter in module.parameters()) == 4 * len(used)


def test_narrowing_changes_nothing_about_training(small: Path) -> None:
    whole, narrow = load_embedded(small), load_embedded(small)
    module_of(narrow).narrow(TRAINED)

    for transformer in (whole, narrow):
        train_a_step(transformer, TRAINED[:3])

    used = np.unique(np.concatenate([features(text, 64).rows for text in TRAINED[:3]]))
    trained = [module_of(transformer).table()[used] for transformer in (whole, narrow)]
    torch.testing.assert_close(trained[0], trained[1])


@pytest.mark.parametrize("kind", ["morphemes", "ngrams"])
def test_one_kind_of_rows_can_be_trained_alone(small: Path, kind: str) -> None:
    transformer = load_embedded(small)
    module = module_of(transformer)
    before = module.table().clone()
    module.trained_rows = (kind,)
    module.narrow(TRAINED)

    train_a_step(transformer, TRAINED, weight_decay=0.0)

    moved = (module.table() != before).any(dim=1).nonzero().flatten()
    used = {row for text in TRAINED for row in features(text, 64).rows.tolist()}
    wanted = {row for row in used if (row < MORPHEME_COUNT) == (kind == "morphemes")}
    assert set(moved.tolist()) == wanted != set()


def test_texts_whose_words_are_all_dropped_break_no_gradient(small: Path) -> None:
    transformer = load_embedded(small)
    module_of(transformer).word_dropout = 0.9
    transformer.train()
    torch.manual_seed(0)
    for _ in range(20):
        vectors = transformer(transformer.preprocess(["환불", "?!", "배송비 얼마"]))
        twice = torch.nn.functional.normalize(
            torch.nn.functional.normalize(vectors["sentence_embedding"])
        )
        twice.sum().backward()
    grads = [weight.grad for weight in transformer.parameters() if weight.grad is not None]
    assert all(bool(torch.isfinite(grad).all()) for grad in grads)
    assert all(float(grad.abs().max()) < 1e3 for grad in grads)


def test_narrowing_again_keeps_what_was_learned(small: Path) -> None:
    transformer = load_embedded(small)
    module_of(transformer).narrow(TRAINED)
    train_a_step(transformer, TRAINED)
    learned = encode(transformer, TRAINED + OUTSIDE)

    module_of(transformer).narrow(OUTSIDE)

    np.testing.assert_allclose(encode(transformer, TRAINED + OUTSIDE), learned, atol=1e-6)


def test_a_narrowed_module_loads_the_checkpoint_it_saved(small: Path, tmp_path: Path) -> None:
    transformer = load_embedded(small)
    module = module_of(transformer)
    module.narrow(TRAINED)
    train_a_step(transformer, TRAINED)
    best = encode(transformer, OUTSIDE)
    saved(transformer, tmp_path / "checkpoint")
    train_a_step(transformer, TRAINED)
    assert not np.allclose(encode(transformer, OUTSIDE), best, atol=1e-3)

    whole = load_embedded(tmp_path / "checkpoint").state_dict()
    transformer.load_state_dict(whole)

    np.testing.assert_allclose(encode(transformer, OUTSIDE), best, atol=1e-6)
    # Its own state, of the narrow size, loads as well.
    transformer.load_state_dict(transformer.state_dict())
    np.testing.assert_allclose(encode(transformer, OUTSIDE), best, atol=1e-6)


@pytest.mark.parametrize("nothing", [[], ["?!", ""]])
def test_narrowing_to_texts_without_words_leaves_all_frozen(
    small: Path, nothing: list[str]
) -> None:
    transformer = load_embedded(small)
    before = encode(transformer, TRAINED)

    module_of(transformer).narrow(nothing)

    np.testing.assert_allclose(encode(transformer, TRAINED), before, atol=1e-6)


def test_a_batch_without_words_is_zero(small: Path) -> None:
    transformer = load_embedded(small)

    assert not encode(transformer, ["", "?!", "😀"]).any()
    assert encode(transformer, ["", "?!", "😀"]).shape == (3, 4)
    assert len(encode(transformer, [])) == 0


def test_where_each_text_begins_is_told_with_its_rows(small: Path) -> None:
    module = MorphemeEmbedding.load(str(small))

    batch = module.preprocess(["환불", "?!", "반품 교환", ""])

    assert batch["offsets"].tolist() == [0, 1, 1, 3]
    rows = [row for text in ("환불", "반품 교환") for row in features(text, 64).rows.tolist()]
    assert batch["input_ids"].tolist() == rows
    assert batch["weights"].tolist() == [1.0, 1.0, 1.0]


def test_a_prompt_stands_before_each_text(small: Path) -> None:
    module = MorphemeEmbedding.load(str(small))

    prompted = module.preprocess(["환불"], prompt="질문: ")

    assert prompted["input_ids"].tolist() == module.preprocess(["질문: 환불"])["input_ids"].tolist()


def test_words_are_dropped_in_training_alone(small: Path) -> None:
    torch.manual_seed(0)
    transformer = load_embedded(small)
    module_of(transformer).word_dropout = 0.5
    expected = MorphemeEncoder.load(small).encode(TRAINED)

    transformer.train()
    dropped = transformer(transformer.preprocess(TRAINED))["sentence_embedding"]
    transformer.eval()

    assert not np.allclose(dropped.detach().numpy(), expected, atol=1e-2)
    np.testing.assert_allclose(encode(transformer, TRAINED), expected, atol=1e-6)


def test_the_library_trainer_trains_it(small: Path, tmp_path: Path) -> None:
    transformer = load_embedded(small)
    pairs = Dataset.from_dict({"anchor": TRAINED[:2], "positive": TRAINED[2:4]})
    module_of(transformer).narrow(TRAINED)
    before = closeness(transformer)
    trainer = SentenceTransformerTrainer(
        model=transformer,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(tmp_path / "run"),
            num_train_epochs=5,
            learning_rate=0.05,
            report_to="none",
            disable_tqdm=True,
            save_strategy="no",
            dataloader_pin_memory=False,
            seed=0,
        ),
        train_dataset=pairs,
        loss=MultipleNegativesRankingLoss(transformer),
    )

    trainer.train()

    assert closeness(transformer) > before


@pytest.mark.parametrize("share", [0.0, 0.00001, 0.5, 0.999999])
def test_truncated_weights_are_refused(small: Path, share: float) -> None:
    whole = (small / WEIGHTS_FILE).read_bytes()
    (small / WEIGHTS_FILE).write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(EncoderError, match=r"model\.safetensors: damaged"):
        load_embedded(small)
