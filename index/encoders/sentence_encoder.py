"""Any sentence-transformers model as an `Encoder`; loads torch when it loads one."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mundap.index.encoders.encoder import (
    EncoderError,
    ReadText,
    Vectors,
    directory_fingerprint,
    unit_rows,
)
from mundap.index.encoders.pooling import MAX_SEQ_LENGTH, Pooling
from mundap.index.encoders.prefixes import Side, pieces_around, prefix_for, stored_prefixes
from mundap.index.encoders.two_sided import TwoSidedEncoder
from mundap.index.first_line import first_line

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# The same weights in the formats of other frameworks.
_NOT_NEEDED = ["onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.onnx"]


def load_sentence_transformer(
    path_or_name: str | Path,
    *,
    pooling: Pooling | None = None,
    max_seq_length: int = MAX_SEQ_LENGTH,
) -> "SentenceTransformer":
    """Load a sentence-transformers or plain transformers model from a directory or the hub.

    `pooling` replaces the pooling that comes with the model; a plain transformers model gets
    mean pooling without it. Raises EncoderError saying what could not be loaded and why.
    """
    directory = _local_directory(path_or_name)
    # A remark on the prefix that a query has by default; here every text is given its own.
    logging.getLogger("sentence_transformers.base.model").addFilter(_is_no_remark_on_prompts)
    try:
        from sentence_transformers import SentenceTransformer

        if pooling is None:
            encoder = SentenceTransformer(str(directory), device=None)
        else:
            prompts = stored_prefixes(directory)
            encoder = SentenceTransformer(modules=_modules(directory, pooling), prompts=prompts)
    except Exception as error:  # each kind of weights and tokenizer has exceptions of its own
        raise EncoderError(
            f"{path_or_name}: not a loadable encoder ({first_line(error)})."
        ) from None
    require_words(encoder, path_or_name)
    encoder.max_seq_length = min(max_seq_length, encoder.max_seq_length or max_seq_length)
    return encoder


def prefix_of(transformer: "SentenceTransformer", side: Side) -> str:
    """Return what a model reads before a "query" or a "passage", "" where that is nothing."""
    return prefix_for(side, transformer.prompts)


class SentenceEncoder(TwoSidedEncoder):
    """An `EncoderKind` and a `PieceEncoder` over a sentence-transformers model."""

    is_embedded: ClassVar[bool] = False
    # The field's usual value for fine-tuning.
    learning_rate: ClassVar[float | None] = 2e-5
    calibration: ClassVar[Path | None] = None
    called: ClassVar[str] = "a transformer"
    not_exported: ClassVar[str] = ""

    def __init__(self, encoder: "SentenceTransformer", fingerprint: str) -> None:
        super().__init__(fingerprint)
        self._encoder = encoder

    @classmethod
    def holds(cls, path_or_name: str | Path) -> bool:
        """See `EncoderKind`: any other directory, or a name of the hub."""
        return True

    @classmethod
    def directory(cls, path_or_name: str | Path) -> Path:
        """See `EncoderKind`; what is no directory is fetched from the hub."""
        return _local_directory(path_or_name)

    @classmethod
    def load(cls, path_or_name: str | Path) -> "SentenceEncoder":
        """See `EncoderKind` and, for the errors, `load_sentence_transformer`."""
        directory = _local_directory(path_or_name)
        return cls(load_sentence_transformer(directory), directory_fingerprint(directory))

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return int(self._encoder.get_embedding_dimension() or 0)

    def _vectors(self, texts: Sequence[str], side: Side) -> Vectors:
        prefix = prefix_of(self._encoder, side)
        vectors = self._encoder.encode(list(texts), prompt=prefix, show_progress_bar=False)
        return unit_rows(vectors.reshape(len(texts), self.dimension))

    def _read(self, texts: Sequence[str], side: Side) -> list[ReadText]:
        if not texts:
            return []
        prefix = prefix_of(self._encoder, side)
        marks = self._encoder.tokenizer(prefix.strip(), return_special_tokens_mask=True)
        before, after = pieces_around(marks["special_tokens_mask"])
        found: Any = self._encoder.encode(
            list(texts), prompt=prefix, output_value=None, show_progress_bar=False
        )
        return [_read_text(text, before, after) for text in found]


def _is_no_remark_on_prompts(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Default prompt name")


def _read_text(found: dict[str, Any], before: int, after: int) -> ReadText:
    length = int(found["attention_mask"].sum())
    pieces = found["token_embeddings"][before : max(before, length - after)]
    vector = found["sentence_embedding"].cpu().numpy()[None]
    return ReadText(unit_rows(vector)[0], unit_rows(pieces.cpu().numpy()))


def _local_directory(path_or_name: str | Path) -> Path:
    """Return an encoder directory, or the one to which a hub name is downloaded."""
    directory = Path(path_or_name)
    if directory.is_dir():
        if not (directory / "config.json").exists() and not (directory / "modules.json").exists():
            raise EncoderError(
                f"{directory}: holds neither modules.json nor config.json, so no encoder. Give "
                "the directory that `mundap train` wrote, or one in transformers layout."
            )
        return directory
    if directory.exists() or str(path_or_name).startswith((".", "/", "~")):
        raise EncoderError(f"{path_or_name}: no such encoder directory.")
    return _download(str(path_or_name))


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, ignore_patterns=_NOT_NEEDED))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise EncoderError(
            f"{name}: neither a local directory nor a model this machine can fetch "
            f"({first_line(error)}). Check the name and the network, or give a directory; "
            '"default" needs no network.'
        ) from None


def require_words(encoder: Any, path_or_name: str | Path) -> None:
    """Refuse the empty tokenizer that transformers makes up where its files are missing."""
    from transformers import PreTrainedTokenizerBase

    tokenizer = getattr(encoder, "tokenizer", None)
    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        return
    if len(tokenizer.get_vocab()) <= len(tokenizer.all_special_tokens):
        raise EncoderError(
            f"{path_or_name}: its tokenizer knows no words. Save the tokenizer's files "
            "(tokenizer.json, vocab.txt, ...) beside the weights."
        )


def _modules(directory: Path, pooling: Pooling) -> list[Any]:
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling as PoolingModule

    transformer = Transformer(str(directory))
    return [transformer, PoolingModule(transformer.get_embedding_dimension(), pooling_mode=pooling)]
