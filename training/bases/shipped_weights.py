"""An encoder in 8 bits, such as the one that ships, as the BERT it was made from.

Every weight is a multiple of the step of its row, which training then leaves. The divisors of
`smooth.py` are taken back where the graph keeps them; those between values and what reads them
are folded into both and are not kept, so both get norms alike: the product is the same.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.pretrained_config import PretrainedConfig
from mundap.training.bases.base_file import Sizes
from mundap.training.bases.bert import MARKS, make_bert

Arrays = Mapping[str, NDArray[Any]]
Named = Iterator[tuple[str, NDArray[Any]]]
_PARTS = ("query", "key", "value")


def read_shipped(directory: Path, dropout: float) -> tuple[BertModel, Tokenizer]:
    """Return the BERT of a `PretrainedEncoder`'s directory, and its tokenizer.

    Raises EncoderError where a file is missing or changed, or the library that reads it is.
    """
    PretrainedConfig.read(directory).verify(directory)
    if not find_spec("onnx"):
        raise EncoderError(
            f"{directory}: training from an encoder in 8 bits needs onnx, which the extra `onnx` "
            "brings. Install it: pip install onnx"
        )
    graph, eps = _read_graph(directory / "encoder.onnx")
    rows = np.load(directory / "embeddings.npy", allow_pickle=False).astype(np.float32)
    scales = np.load(directory / "scales.npy", allow_pickle=False).astype(np.float32)
    weights = dict(_embeddings(graph, rows * scales[:, None]))
    heads = int(graph["heads"][1])
    layers = sum(name.endswith(".attention.scales") for name in graph)
    for layer in range(layers):
        weights.update(_layer(graph, f"encoder.layer.{layer}", heads))
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    sizes = Sizes(
        hidden=rows.shape[1],
        layers=layers,
        heads=heads,
        inner=len(graph["encoder.layer.0.intermediate.dense.scales"]),
        vocabulary=len(rows),
        positions=len(graph["places"]),
        types=1,
        eps=eps,
        pieces=len(rows),
        **{
            name: tokenizer.token_to_id(mark) or 0
            for name, mark in zip(("bos", "pad", "eos", "unk"), MARKS, strict=True)
        },
    )
    state = {name: torch.tensor(v) for name, v in weights.items()}
    return make_bert(sizes, state, dropout), tokenizer


def _read_graph(path: Path) -> tuple[Arrays, float]:
    """Return every constant by its name, and what is added before a root is taken."""
    import onnx

    graph = onnx.load(path).graph
    eps = next(
        attribute.f
        for node in graph.node
        for attribute in node.attribute
        if attribute.name == "epsilon"
    )
    return {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}, float(eps)


def _embeddings(graph: Arrays, words: NDArray[np.float32]) -> Named:
    yield "embeddings.word_embeddings.weight", words
    yield "embeddings.position_embeddings.weight", graph["places"]  # with the one type of text
    yield "embeddings.token_type_embeddings.weight", np.zeros((1, words.shape[1]), np.float32)
    yield from _norm(graph, "embeddings.LayerNorm")


def _layer(graph: Arrays, at: str, heads: int) -> Named:
    mixed, biases = _linear(graph, f"{at}.attention")
    weights = dict(zip(_PARTS, np.split(mixed, 3), strict=True))
    bias = dict(zip(_PARTS, np.split(biases, 3), strict=True))
    root = np.float32((len(mixed) // 3 // heads) ** 0.5)
    weights["query"], bias["query"] = weights["query"] * root, bias["query"] * root
    outer, outer_bias = _linear(graph, f"{at}.attention.output.dense")
    even = np.sqrt(np.linalg.norm(outer, axis=0) / np.linalg.norm(weights["value"], axis=1))
    weights["value"], bias["value"] = weights["value"] * even[:, None], bias["value"] * even
    for part in _PARTS:
        yield f"{at}.attention.self.{part}.weight", weights[part]
        yield f"{at}.attention.self.{part}.bias", bias[part]
    yield f"{at}.attention.output.dense.weight", outer / even
    yield f"{at}.attention.output.dense.bias", outer_bias
    for name in ("intermediate.dense", "output.dense"):
        weight, one = _linear(graph, f"{at}.{name}")
        yield f"{at}.{name}.weight", weight
        yield f"{at}.{name}.bias", one
    for name in ("attention.output.LayerNorm", "output.LayerNorm"):
        yield from _norm(graph, f"{at}.{name}")


def _linear(graph: Arrays, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights (rows, columns) and biases of a linear layer over undivided columns."""
    weight = graph[f"{name}.weight"].T.astype(np.float32) * graph[f"{name}.scales"][:, None]
    if f"{name}.smooth" in graph:  # one over the divisor
        weight = weight * graph[f"{name}.smooth"]
    return weight, graph[f"{name}.bias"]


def _norm(graph: Arrays, name: str) -> Named:
    for part in ("weight", "bias"):
        yield f"{name}.{part}", graph[f"{name}.{part}"]
