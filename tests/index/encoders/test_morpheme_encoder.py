import json
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from mundap.index.encoders.encoder import EncoderError, Vectors
from mundap.index.encoders.morpheme_config import CONFIG_FILE, WEIGHTS_FILE, MorphemeConfig
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.morpheme_features import features
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.weight_table import WEIGHTS_KEY
from mundap.index.korean.morphemes import MORPHEME_COUNT, analyse, dictionary_version

CONFIG = MorphemeConfig(dimension=4, ngram_rows=64, dictionary=dictionary_version())
# Nothing in these is a word.
SAYS_NOTHING = [
    "",
    " ",
    "?!",
    "😀",
    "👨\u200d👩\u200d👧 ❤️",
    "\u200b\ufeff",
    "…---",
    "ㆍ ㅤ",
    "\x00\x07",
    "\ud83d",
]


@pytest.fixture(scope="module")
def table() -> Vectors:
    return np.random.default_rng(0).standard_normal((CONFIG.rows, 4)).astype(np.float32)


@pytest.fixture
def small(tmp_path: Path, table: Vectors) -> Path:
    directory = tmp_path / "encoder"
    directory.mkdir()
    CONFIG.write(directory)
    save_file({WEIGHTS_KEY: table}, directory / WEIGHTS_FILE)
    return directory


def test_texts_in_any_mixture_of_languages_have_finite_unit_vectors(
    default_encoder: MorphemeEncoder,
) -> None:
    texts = [
        "환불은 언제 되나요?",
        "How do I get a refund?",
        "guest로 주문 돼요?",
        "ㅋㅋㅋㅋ ㅠㅠ",
        "返品できますか",
        "Можно вернуть?",
        "ภาษาไทย",
        "¿Cómo devuelvo?",
        "12345",
        "뷁쉙퀡",
        "a",
        "배송 " * 3000,
    ]

    vectors = default_encoder.encode(texts)

    assert vectors.dtype == np.float32
    assert vectors.shape == (len(texts), default_encoder.dimension) == (12, 256)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_text_that_says_nothing_has_the_zero_vector(default_encoder: MorphemeEncoder) -> None:
    assert not default_encoder.encode(SAYS_NOTHING).any()


def test_no_text_has_no_vector(default_encoder: MorphemeEncoder) -> None:
    assert default_encoder.encode([]).shape == (0, 256)


@given(st.text(st.characters(), max_size=30))
@settings(max_examples=200)
def test_any_text_has_a_unit_or_a_zero_vector_however_composed(
    default_encoder: MorphemeEncoder, text: str
) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)

    vectors = default_encoder.encode([composed, decomposed])

    np.testing.assert_array_equal(vectors[0], vectors[1])
    norm = float(np.linalg.norm(vectors[0]))
    assert norm == 0 or norm == pytest.approx(1, abs=1e-6)


def test_meaning_brings_texts_together(default_encoder: MorphemeEncoder) -> None:
    refund, money_back, dog = default_encoder.encode(
        ["환불 받고 싶어요", "반품하고 돈을 돌려받고 싶습니다", "강아지가 귀여워요"]
    )

    assert refund @ money_back > 0.4 > refund @ dog


def test_a_typo_stays_near_its_word(default_encoder: MorphemeEncoder) -> None:
    word, typo, other = default_encoder.encode(["samsung", "samsunng", "naver"])

    assert word @ typo > 0.3 > word @ other


def test_a_batch_encodes_as_its_texts_do_alone(default_encoder: MorphemeEncoder) -> None:
    texts = ["환불은 언제 되나요?", "", "배송비 얼마예요?"]

    alone = np.concatenate([default_encoder.encode([text]) for text in texts])

    np.testing.assert_array_equal(default_encoder.encode(texts), alone)


def test_known_words_are_the_sum_of_their_rows(small: Path, table: Vectors) -> None:
    rows = [morpheme.id for morpheme in analyse("환불은 언제 되나요?") if morpheme.tag != "SF"]
    total = table[rows].sum(axis=0)

    [vector] = MorphemeEncoder.load(small).encode(["환불은 언제 되나요?"])

    np.testing.assert_allclose(vector, total / np.linalg.norm(total), atol=1e-6)


def test_an_unknown_word_is_the_sum_of_its_ngrams_at_a_words_length() -> None:
    found = features("qzx", ngram_rows=1_000_000)

    # <qzx>: 1-grams q z x; 2-grams <q qz zx x>; 3-grams <qz qzx zx>; 4-grams <qzx qzx>; whole.
    assert len(found.rows) == len(set(found.rows.tolist())) == 13
    assert (found.rows >= MORPHEME_COUNT).all()
    assert (found.rows < MORPHEME_COUNT + 1_000_000).all()
    np.testing.assert_allclose(found.weights, 13**-0.5)


def test_case_and_the_length_of_a_laugh_say_nothing() -> None:
    for one, other in [("QZX", "qzx"), ("ㅋㅋ", "ㅋㅋㅋㅋㅋㅋ"), ("ㅠㅠ", "ㅠㅠㅠ")]:
        assert features(one, 64).rows.size
        np.testing.assert_array_equal(features(one, 64).rows, features(other, 64).rows)


@pytest.mark.parametrize("text", SAYS_NOTHING)
def test_symbols_have_no_features(text: str) -> None:
    found = features(text, 64)

    assert (found.rows.size, found.rows.dtype.name) == (0, "int64")
    assert (found.weights.size, found.weights.dtype.name) == (0, "float32")


def test_load_encoder_knows_the_embedded_kind(small: Path) -> None:
    encoder = load_encoder(small)

    assert isinstance(encoder, MorphemeEncoder)
    assert encoder.fingerprint == MorphemeEncoder.load(small).fingerprint
    assert encoder.dimension == 4


def test_other_weights_have_another_fingerprint(small: Path, table: Vectors) -> None:
    before = MorphemeEncoder.load(small).fingerprint
    save_file({WEIGHTS_KEY: table + 1}, small / WEIGHTS_FILE)

    assert MorphemeEncoder.load(small).fingerprint != before


def test_another_dictionary_is_refused_with_both_versions(small: Path) -> None:
    MorphemeConfig(4, 64, "kiwipiepy_model 0.1.0").write(small)

    wanted = rf"made with kiwipiepy_model 0\.1\.0, but {dictionary_version()} is installed"
    with pytest.raises(EncoderError, match=wanted):
        load_encoder(small)


def test_a_clean_up_that_is_not_known_is_refused(small: Path) -> None:
    config = json.loads((small / "config.json").read_text(encoding="utf-8"))
    (small / "config.json").write_text(json.dumps(config | {"clean_up": "latin"}), encoding="utf-8")
    with pytest.raises(EncoderError, match="clean_up is 'latin'; wanted raw or hangul-only"):
        MorphemeEncoder.load(small)


@pytest.mark.parametrize("share", [0, 0.00001, 0.0001, 0.5, 0.9999999])
def test_truncated_weights_are_refused(small: Path, share: float) -> None:
    whole = (small / WEIGHTS_FILE).read_bytes()
    (small / WEIGHTS_FILE).write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(EncoderError, match=r"model\.safetensors: damaged .*Train the encoder"):
        load_encoder(small)


@pytest.mark.parametrize(
    "header", [b"[]", b"7", b"{}", b'{"embedding.weight": 1}', b"\xff\xfe", b"{"]
)
def test_a_foreign_header_is_refused(small: Path, header: bytes) -> None:
    content = len(header).to_bytes(8, "little") + header + bytes(100)
    (small / WEIGHTS_FILE).write_bytes(content)

    with pytest.raises(EncoderError, match=r"model\.safetensors: damaged"):
        load_encoder(small)


def test_a_header_of_impossible_length_is_refused(small: Path) -> None:
    (small / WEIGHTS_FILE).write_bytes(b"\xff" * 8 + b"{}")

    with pytest.raises(EncoderError, match=r"model\.safetensors: damaged"):
        load_encoder(small)


def test_weights_of_another_type_are_refused(small: Path, table: Vectors) -> None:
    save_file({WEIGHTS_KEY: table.astype(np.float16)}, small / WEIGHTS_FILE)

    with pytest.raises(EncoderError, match=r"embedding\.weight is F16, wanted F32"):
        load_encoder(small)


def test_weights_of_another_shape_are_refused_with_both(small: Path, table: Vectors) -> None:
    save_file({WEIGHTS_KEY: table[:-1]}, small / WEIGHTS_FILE)

    wanted = rf"table of shape \({CONFIG.rows - 1}, 4\), wanted \({CONFIG.rows}, 4\) by config.json"
    with pytest.raises(EncoderError, match=wanted):
        load_encoder(small)


def test_missing_weights_are_refused(small: Path) -> None:
    (small / WEIGHTS_FILE).unlink()

    with pytest.raises(EncoderError, match=r"model\.safetensors: missing"):
        load_encoder(small)


@pytest.mark.parametrize("change", [{"dimension": None}, {"surplus": 1}])
def test_a_config_with_other_keys_is_refused(small: Path, change: dict[str, int | None]) -> None:
    values = json.loads((small / CONFIG_FILE).read_text()) | change
    kept = {key: value for key, value in values.items() if value is not None}
    (small / CONFIG_FILE).write_text(json.dumps(kept))

    with pytest.raises(EncoderError, match=r"config\.json: damaged .*(dimension|surplus)"):
        load_encoder(small)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"model_type": "bert"}'])
def test_another_config_is_not_the_embedded_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CONFIG_FILE).write_bytes(content)

    assert not MorphemeEncoder.holds(tmp_path)
    assert not MorphemeEncoder.holds(tmp_path / "nowhere")


def test_reading_a_moved_encoder_goes_on(small: Path, tmp_path: Path) -> None:
    encoder = MorphemeEncoder.load(small)
    before = encoder.encode(["환불"])

    shutil.move(small, tmp_path / "elsewhere")

    np.testing.assert_array_equal(encoder.encode(["환불"]), before)


def test_weights_cut_while_they_are_open_give_no_wrong_vector(small: Path) -> None:
    encoder = MorphemeEncoder.load(small)
    (small / WEIGHTS_FILE).write_bytes(b"")

    with pytest.raises(OSError, match="of the weights is gone: their file was cut"):
        encoder.encode(["환불"])


def test_serving_imports_no_torch_and_no_table_library(small: Path) -> None:
    code = (
        "import sys\n"
        "from mundap.index.encoders.registry import load_encoder\n"
        f"vectors = load_encoder({str(small)!r}).encode(['환불은 언제 되나요?', 'refund', ''])\n"
        "assert vectors.shape == (3, 4)\n"
        "heavy = {'torch', 'pandas', 'sentence_transformers', 'transformers', 'scipy', 'sklearn',"
        " 'pyarrow', 'safetensors', 'faiss', 'gradio'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"
