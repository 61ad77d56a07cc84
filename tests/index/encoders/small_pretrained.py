"""A tiny pretrained encoder, written on the spot: one matrix over a table of eight words."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = ("<s>", "<pad>", "</s>", "<unk>", "query", "passage", ":", "환불", "배송", "되나요")
DIMENSION = 4
MAX_LENGTH = 8


def write_small_pretrained(directory: Path) -> Path:
    """Write a directory of the kind; its states are the rows of the words times the matrix."""
    directory.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    rows = random.integers(-127, 128, (len(WORDS), DIMENSION)).astype(np.int8)
    np.save(directory / "embeddings.npy", rows)
    np.save(directory / "scales.npy", random.uniform(0.01, 0.02, len(WORDS)).astype(np.float16))
    _write_graph(directory / "encoder.onnx", matrix())
    _write_tokenizer(directory / "tokenizer.json")
    names = ("encoder.onnx", "embeddings.npy", "scales.npy", "tokenizer.json")
    digests = {n: hashlib.sha256((directory / n).read_bytes()).hexdigest() for n in names}
    config = {
        "kind": "mundap-pretrained",
        "dimension": DIMENSION,
        "max_length": MAX_LENGTH,
        "prefixes": {"query": "query: ", "passage": "passage: "},
        "pieces": {"before": 3, "after": 1},
        "files": digests,
    }
    (directory / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return directory


def matrix() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((DIMENSION, DIMENSION)).astype(np.float32)


def _write_graph(path: Path, weight: np.ndarray) -> None:
    shape = ["batch", "length", DIMENSION]
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["attention_mask"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["real", "last"], ["mask"]),
            helper.make_node("MatMul", ["embedded", "weight"], ["product"]),
            helper.make_node("Mul", ["product", "mask"], ["states"]),
        ],
        "small",
        [
            helper.make_tensor_value_info("embedded", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape[:2]),
        ],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(weight, "weight"),
            numpy_helper.from_array(np.array([2]), "last"),
        ],
    )
    opset = [helper.make_opsetid("", 20)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)


def _write_tokenizer(path: Path) -> None:
    vocabulary = {word: row for row, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(path))
