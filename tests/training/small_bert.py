"""A tiny random BERT, built on the spot, for what only transformers can show."""

from collections.abc import Iterable
from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizer


def write_small_bert(
    directory: Path, texts: Iterable[str], *, layers: int = 1, dropout: float = 0.1
) -> Path:
    """Write layers of 16 columns whose vocabulary are the characters of `texts`."""
    letters = sorted(set("".join(texts)) - {" "})
    pieces = [*letters, *(f"##{letter}" for letter in letters)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]
    (directory / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizer(str(directory / "vocab.txt"), do_lower_case=False).save_pretrained(directory)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    BertModel(config).save_pretrained(directory)
    return directory
