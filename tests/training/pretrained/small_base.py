"""A tiny base written on the spot, in the layout of the pinned one, and its FAQs."""

import struct
import zipfile
from pathlib import Path

import numpy as np

from mundap.index.faq.entry import FaqEntry
from mundap.training.bases.base_file import MEMBER
from mundap.training.pretrained.visitors import Asked, VisitedFaq

LETTERS = sorted(set("배송비는 얼마인가요?환불은 언제 되나요택배값보내돈줘") - {" "})
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁query", "▁passage", ":", *LETTERS]
HIDDEN, INNER, LAYERS, HEADS, POSITIONS = 64, 128, 2, 4, 64

SHOP = VisitedFaq(
    "shop",
    (
        FaqEntry("a", "배송비는 얼마인가요?", "택배값."),
        FaqEntry("b", "환불은 언제 되나요?", "돈 줘."),
    ),
    (Asked("택배비 얼마", (0,)), Asked("보내는 값", (0,)), Asked("돈 언제 줘요", (1,))),
    followup=(Asked("배송비 환불", (1,)),),
    wide=(Asked("돈", (0, 1)),),
    near=((0, 1),),
)


def tensors() -> dict[str, np.ndarray]:
    """Return every weight by its name in the file; those of two axes are packed."""
    random = np.random.default_rng(0)
    found = {"emb.word": random.integers(-8, 8, (len(PIECES), HIDDEN)) * np.float32(0.25)}
    shapes = {"emb.pos": (POSITIONS, HIDDEN), "emb.type": (2, HIDDEN)}
    norms = ["emb.ln"]
    for layer in range(LAYERS):
        norms += [f"l{layer}.aln", f"l{layer}.oln"]
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            rows = INNER if part == "fi" else HIDDEN
            columns = INNER if part == "fo" else HIDDEN
            steps = random.integers(-8, 8, (rows, columns))
            found[f"l{layer}.{part}.w"] = steps * np.float32(2**-6)
            shapes[f"l{layer}.{part}.b"] = (rows,)
    shapes |= {f"{norm}.b": (HIDDEN,) for norm in norms}
    found |= {name: random.normal(0, 0.1, shape) for name, shape in shapes.items()}
    found |= {f"{norm}.w": random.uniform(0.5, 1.5, HIDDEN) for norm in norms}
    return {name: value.astype(np.float32) for name, value in found.items()}


def packed(weights: np.ndarray) -> bytes:
    """Pack blocks of 32 as a half-precision scale and 16 bytes: low halves first, then high."""
    blocks = b""
    for block in weights.reshape(-1, 32):
        scale = np.float16(0.25 if np.abs(block).max() > 0.2 else 2**-6)
        steps = np.round(block / np.float32(scale)).astype(np.int64) + 8
        halves = [low | high << 4 for low, high in zip(steps[:16], steps[16:], strict=True)]
        blocks += scale.tobytes() + bytes(halves)
    return blocks


def base_bytes() -> bytes:
    blob = "".join(PIECES).encode()
    bounds = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype(np.uint32)
    scores = np.array([0.0] * 4 + [-1.0] * 4 + [-2.0] * len(LETTERS), np.float32)
    count = len(PIECES)
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7if", HIDDEN, LAYERS, HEADS, INNER, count, POSITIONS, 2, 1e-12)
    head += struct.pack("<i5i", 32, count, 0, 2, 1, 3)
    head += struct.pack("<Q", len(blob)) + bounds.tobytes() + scores.tobytes() + blob
    head += struct.pack("<iI", 1, 3) + b"map"
    values = {
        name: packed(value) if (name.endswith(".w") and value.ndim == 2) or name == "emb.word"
        else value.tobytes()
        for name, value in tensors().items()
    }  # fmt: skip
    table = sum(2 + len(name) + struct.calcsize("<BIQQ") for name in values) + 4
    place, index = len(head) + table, struct.pack("<i", len(values))
    for name, value in values.items():
        index += struct.pack("<H", len(name)) + name.encode()
        index += struct.pack("<BIQQ", 0, 0, place, len(value))
        place += len(value)
    return head + index + b"".join(values.values())


def write_wheel(path: Path, data: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(MEMBER, data)
    return path
