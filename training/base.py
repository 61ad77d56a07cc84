"""The encoder that training starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sentence_transformers import SentenceTransformer

from index.default_encoder import default_encoder_path
from index.encoder import DEFAULT_ENCODER, EncoderError, Vectors, unit_rows
from index.morpheme_encoder import is_morpheme_encoder
from index.sentence_encoder import Pooling, load_sentence_transformer
from training.morpheme_module import MorphemeEmbedding, load_morpheme_transformer


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
        vectors = self.transformer.encode(list(texts), batch_size=256, show_progress_bar=False)
        return unit_rows(vectors.reshape(len(texts), self.dimension))


def load_base(base: str, *, pooling: Pooling | None, max_seq_length: int) -> SentenceTransformer:
    """Load "default", an encoder directory or a hub name, ready to train.

    Raises EncoderError with the reason when nothing can be loaded.
    """
    path = default_encoder_path() if base == DEFAULT_ENCODER else Path(base)
    if is_morpheme_encoder(path):
        if pooling is not None:
            raise EncoderError(
                f"{base}: {pooling} pooling is for transformer bases, but this encoder sums its "
                "words. Leave --pooling out, or name another --base."
            )
        return load_morpheme_transformer(path)
    return load_sentence_transformer(base, pooling=pooling, max_seq_length=max_seq_length)


def morpheme_embedding(transformer: SentenceTransformer) -> MorphemeEmbedding | None:
    """Return the embedded encoder's module, or None for every other encoder."""
    first = transformer[0]
    return first if isinstance(first, MorphemeEmbedding) else None
