"""The encoder's layers as an ONNX graph: from word vectors to the last hidden states."""

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from mundap.training.pretrained.graph import Graph, Linear

Weights = Mapping[str, NDArray[np.float32]]
OPSET = 20
EMBEDDED, MASK, STATES = "embedded", "attention_mask", "states"
_AWAY = -1e4


class _Bert:
    """The layers of one set of weights, put into a graph."""

    def __init__(self, weights: Weights, smooth: Weights, heads: int, eps: float) -> None:
        self.graph = Graph()
        self._weights = weights
        self._smooth = smooth
        self._heads = heads
        self._eps = eps
        self.columns = weights["embeddings.LayerNorm.weight"].size

    def enter(self) -> str:
        """Add places and the one type of text, normalise, and lay all pieces in rows."""
        graph = self.graph
        places = self._weights["embeddings.position_embeddings.weight"]
        places = places + self._weights["embeddings.token_type_embeddings.weight"][:1]
        table = graph.constant("places", places)
        length = graph.add("Shape", EMBEDDED, start=1, end=2)
        zero, axis = (graph.constant(n, np.array([v])) for n, v in (("zero", 0), ("axis", 0)))
        here = graph.add("Slice", table, zero, length, axis)
        value = self._norm(graph.add("Add", EMBEDDED, here), "embeddings.LayerNorm")
        rows = graph.constant("rows", np.array([-1, self.columns]))
        return graph.add("Reshape", value, rows)

    def shapes(self) -> tuple[str, str]:
        """Return the shape of queries, keys and values by head, and that of the output."""
        graph = self.graph
        size = self.columns // self._heads
        outer = graph.add("Shape", EMBEDDED, start=0, end=2)
        heads = graph.constant("heads", np.array([3, self._heads, size]))
        columns = graph.constant("columns", np.array([self.columns]))
        split = graph.add("Concat", outer, heads, axis=0)
        return split, graph.add("Concat", outer, columns, axis=0)

    def away(self) -> str:
        """Return what keeps attention from padding: 0 for a piece, much below for none."""
        graph = self.graph
        axes = graph.constant("axes", np.array([1, 2]))
        real = graph.add("Cast", graph.add("Unsqueeze", MASK, axes), to=TensorProto.FLOAT)
        none = graph.add("Sub", graph.constant("one", np.ones(1, np.float32)), real)
        return graph.add("Mul", none, graph.constant("far", np.full(1, _AWAY, np.float32)))

    def layer(self, number: int, value: str, away: str, split: str) -> str:
        """Add one layer over rows of pieces."""
        graph, at = self.graph, f"encoder.layer.{number}"
        seen = self._attention(f"{at}.attention", value, away, split)
        seen = self._dense(f"{at}.attention.output.dense", seen, divided=True)
        value = self._norm(graph.add("Add", seen, value), f"{at}.attention.output.LayerNorm")
        inner = graph.add("Gelu", self._dense(f"{at}.intermediate.dense", value))
        outer = self._dense(f"{at}.output.dense", inner)
        return self._norm(graph.add("Add", outer, value), f"{at}.output.LayerNorm")

    def _norm(self, value: str, name: str) -> str:
        return self.graph.norm(value, name, self._weights, self._eps)

    def _dense(self, name: str, value: str, *, divided: bool = False) -> str:
        smooth = self._smooth[name]
        weight, bias = self._weights[f"{name}.weight"] * smooth, self._weights[f"{name}.bias"]
        return self.graph.linear(value, name, Linear(weight, bias, None if divided else smooth))

    def _attention(self, name: str, value: str, away: str, split: str) -> str:
        """Return what each piece sees, its columns divided as the next layer wants them."""
        graph = self.graph
        mixed = graph.add("Reshape", graph.linear(value, name, self._mixing(name)), split)
        parted = graph.add("Transpose", mixed, perm=[2, 0, 3, 1, 4])
        query, key, held = (
            graph.add("Gather", parted, graph.constant(f"{name}.at{n}", np.array(n)), axis=0)
            for n in range(3)
        )
        scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
        shares = graph.add("Softmax", graph.add("Add", scores, away), axis=-1)
        seen = graph.add("Transpose", graph.add("MatMul", shares, held), perm=[0, 2, 1, 3])
        return graph.add("Reshape", seen, "rows")

    def _mixing(self, name: str) -> Linear:
        """Return one linear layer for queries, keys and values."""
        same = np.ones(self.columns, np.float32)
        divisors = {
            "query": same * np.float32((self.columns // self._heads) ** 0.5),
            "key": same,
            "value": self._smooth[f"{name}.output.dense"],
        }
        smooth = self._smooth[f"{name}.self.query"]
        weights, biases = [], []
        for one, divisor in divisors.items():
            weight = self._weights[f"{name}.self.{one}.weight"]
            weights.append(weight * smooth / divisor[:, None])
            biases.append(self._weights[f"{name}.self.{one}.bias"] / divisor)
        return Linear(np.concatenate(weights), np.concatenate(biases), smooth)


def build_graph(
    weights: Weights, smooth: Weights, layers: int, heads: int, eps: float
) -> onnx.ModelProto:
    """Return a BERT without its table of words, its products in 8 bits.

    Inputs `embedded` (batch, length, columns) and `attention_mask` (batch, length) of int64;
    output `states` (batch, length, columns). `smooth` has a divisor for each column of what
    linear layers read, by the layer's name.
    """
    bert = _Bert(weights, smooth, heads, eps)
    value, away = bert.enter(), bert.away()
    split, whole = bert.shapes()
    for number in range(layers):
        value = bert.layer(number, value, away, split)
    bert.graph.add("Reshape", value, whole, out=STATES)
    info = helper.make_tensor_value_info
    shape: list[str | int | None] = ["batch", "length", bert.columns]
    made = helper.make_graph(
        bert.graph.nodes,
        "mundap-small",
        [info(EMBEDDED, TensorProto.FLOAT, shape), info(MASK, TensorProto.INT64, shape[:2])],
        [info(STATES, TensorProto.FLOAT, shape)],
        bert.graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.checker.check_model(model)
    return model
