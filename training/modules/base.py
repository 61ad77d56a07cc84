"""The encoder that training starts from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sentence_transformers import SentenceTransformer
from transformers import PreTrainedTokenizerFast

from mundap.index.encoders.encoder import EncoderError, Vectors, unit_rows
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.pooling import Pooling
from mundap.index.encoders.prefixes import Side
from mundap.index.encoders.registry import kind_of, usual_learning_rate
from mundap.index.encoders.sentence_encoder import load_sentence_transformer, prefix_of
from mundap.index.korean.text import NOT_HANGUL
from mundap.training.bases.named import trainable
from mundap.training.config import CleanUp
from mundap.training.modules.morpheme_module import MorphemeEmbedding, load_embedded


@dataclass(frozen=True, slots=True)
class TransformerEncoder:
    """A `SentenceTransformer` in training, as the `Encoder` that evaluation asks for."""

    transformer: SentenceTransformer
    fingerprint: str = "in training"

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return int(self.transformer.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encoded(texts, "query")

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `PieceEncoder`."""
        return self._encoded(texts, "passage")

    def _encoded(self, texts: Sequence[str], side: Side) -> Vectors:
        vectors = self.transformer.encode(
            list(texts),
            prompt=prefix_of(self.transformer, side),
            batch_size=256,
            show_progress_bar=False,
        )
        return unit_rows(vectors.reshape(len(texts), self.dimension))


def load_base(base: str, *, pooling: Pooling | None, max_seq_length: int) -> SentenceTransformer:
    """Load "default", a base with a name, an encoder directory or a hub name, ready to train.

    Raises EncoderError with the reason when nothing can be loaded.
    """
    base = trainable(base)
    usual_learning_rate(base)  # refuses what cannot be trained
    if not kind_of(base).is_embedded:
        return load_sentence_transformer(base, pooling=pooling, max_seq_length=max_seq_length)
    if pooling is not None:
        raise EncoderError(
            f"{base}: {pooling} pooling is for transformer bases, but this encoder sums its "
            "words. Leave --pooling out, or name another --base."
        )
    return load_embedded(MorphemeEncoder.directory(base))


def clean_up_texts(transformer: SentenceTransformer, clean_up: CleanUp) -> None:
    """Let the encoder, and whoever loads it once it is saved, see Hangul and spaces only.

    What is dropped belongs to the encoder: where its words are morphemes it lies in its config,
    else in its `tokenizer.json` as a normaliser, which every library obeys.
    """
    if clean_up == "raw":
        return
    if prefix_of(transformer, "query"):
        raise EncoderError(
            f"hangul-only would drop {prefix_of(transformer, 'query')!r}, which this base reads "
            "before every text. Leave --clean-up out, or name another --base."
        )
    embedding = morpheme_embedding(transformer)
    if embedding is not None:
        embedding.config = replace(embedding.config, clean_up=clean_up)
        return
    tokenizer = transformer.tokenizer
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise EncoderError(
            f"hangul-only needs a tokenizer of the tokenizers library; this base has a "
            f"{type(tokenizer).__name__}."
        )
    # Classes such as BertTokenizer build a normaliser of their own when they are loaded.
    first: Any = transformer[0]
    first.processor = PreTrainedTokenizerFast(
        tokenizer_object=_hangul_only(tokenizer.backend_tokenizer),
        model_input_names=tokenizer.model_input_names,
        model_max_length=tokenizer.model_max_length,
        **tokenizer.special_tokens_map,
    )


def _hangul_only(tokenizer: Any) -> Any:
    """Return the tokenizer with what drops all but Hangul before its own normaliser."""
    description = json.loads(tokenizer.to_str())
    # As `mundap.index.korean.text.hangul_only` does; what is invisible (Cf) stands inside words.
    steps = [_replace(r"\p{Cf}+", ""), {"type": "NFC"}, _replace(NOT_HANGUL, " ")]
    steps.append(description["normalizer"])
    description["normalizer"] = {"type": "Sequence", "normalizers": [s for s in steps if s]}
    return type(tokenizer).from_str(json.dumps(description))


def _replace(pattern: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def morpheme_embedding(transformer: SentenceTransformer) -> MorphemeEmbedding | None:
    """Return the embedded encoder's module, or None for every other encoder."""
    first = transformer[0]
    return first if isinstance(first, MorphemeEmbedding) else None
