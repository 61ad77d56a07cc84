"""Which parts of an encoder train."""

from collections.abc import Sequence
from fnmatch import fnmatch

from sentence_transformers import SentenceTransformer

from mundap.training.modules.base import morpheme_embedding

_EMBEDDED_PARTS = ("morphemes", "ngrams")
# Not with the others: a map is learned over rows that stay.
_WORD_MAP = ("map",)


def freeze_all_but(
    transformer: SentenceTransformer, parts: Sequence[str], *, weight_decay: float
) -> None:
    """Freeze every parameter whose name matches none of the patterns in `parts`.

    Of the embedded encoder `parts` is "morphemes" or "ngrams", the two kinds of rows, or "map"
    alone, what all rows share. Raises ValueError when nothing would be left to train.
    """
    embedding = morpheme_embedding(transformer)
    if embedding is not None:
        if tuple(parts) == _WORD_MAP:
            embedding.add_word_map()
            return
        if set(parts) - set(_EMBEDDED_PARTS):
            raise ValueError(
                f"train_only is {', '.join(parts)}; the embedded encoder's parts are "
                f"{' and '.join(_EMBEDDED_PARTS)}, or map alone."
            )
        if weight_decay:  # they lie in one tensor with the others
            raise ValueError("weight_decay would shrink the frozen rows too. Leave it at 0.")
        embedding.trained_rows = parts
        return
    names = [name for name, _ in transformer.named_parameters()]
    for name, weight in transformer.named_parameters():
        weight.requires_grad_(any(fnmatch(name, part) for part in parts))
    if not any(weight.requires_grad for weight in transformer.parameters()):
        raise ValueError(
            f"train_only is {', '.join(parts)}; none of {len(names)} parameters is called so. The "
            f"first is {names[0]}, the last {names[-1]}."
        )
