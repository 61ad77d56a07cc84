"""A cross-encoder of two random layers, written on the spot."""

from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer


def write_cross_encoder(directory: Path, *, classes: int = 1) -> Path:
    """Write a random BERT with a few Hangul word pieces and `classes` outputs."""
    directory.mkdir(parents=True)
    letters = "배송비는얼마예요환불되나guest로주문돼?"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = list(dict.fromkeys([*special, *letters, *(f"##{letter}" for letter in letters)]))
    (directory / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(str(directory / "vocab.txt"), do_lower_case=False).save_pretrained(directory)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=512,
        num_labels=classes,
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).save_pretrained(directory)
    return directory
