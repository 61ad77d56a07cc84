"""A transformer with random weights, built on the spot: it costs what a trained one costs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

_PIECES = 12_000


def write_transformer(directory: Path, texts: Iterable[str], layers: int = 4) -> Path:
    """Write layers of 256 columns over pieces of one or two letters, the commonest of `texts`."""
    from transformers import BertConfig, BertModel, BertTokenizer

    counted = Counter(piece for text in texts for piece in _pieces(text))
    pieces = [piece for piece, _ in counted.most_common(_PIECES)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]
    (directory / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizer(str(directory / "vocab.txt"), do_lower_case=False).save_pretrained(directory)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=256,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=1024,
    )
    BertModel(config).save_pretrained(directory)
    return directory


def _pieces(text: str) -> Iterator[str]:
    for word in text.split():
        for width in (1, 2):
            yield word[:width]
            yield from (f"##{word[at : at + width]}" for at in range(width, len(word), width))
