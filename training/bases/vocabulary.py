"""The pieces that ship, of the 250,002 of the base, and their rows in the table of words."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch

from mundap.index.encoders.shipped import SHIPPED_DIRECTORY
from mundap.training.bases.base_file import Piece

# The record of what was kept: pieces with Hangul, digits and prices, of English, Hanja, kana,
# Japanese and Chinese words the likeliest, signs and emoji, and what our own texts are made of.
KEPT_FILE = SHIPPED_DIRECTORY / "tokenizer.json"


def kept_rows(pieces: Sequence[Piece], tokenizer: Path = KEPT_FILE) -> list[int]:
    """Return the rows of the pieces that a tokenizer file has, in their order."""
    found = json.loads(tokenizer.read_text(encoding="utf-8"))
    kept = {piece for piece, _ in found["model"]["vocab"]}
    return [row for row, (piece, _) in enumerate(pieces) if piece in kept]


def round_rows(words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return 8-bit rows and the scale of each, in half precision."""
    scales = (words.abs().amax(dim=1, keepdim=True) / 127).clamp(min=1e-8)
    return (words / scales).round().to(torch.int8), scales.squeeze(1).half()


def rounded(words: torch.Tensor) -> torch.Tensor:
    """Return the rows as they ship, which training reads too."""
    rows, scales = round_rows(words)
    return rows * scales.float()[:, None]
