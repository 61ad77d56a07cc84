"""An ONNX graph in the making, with linear layers in 8 bits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights (rows, columns), bias, and what the columns read are divided by beforehand.

    The weights are already multiplied by that.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    # Columns with large values would leave the others few steps of 8 bits (SmoothQuant).
    smooth: NDArray[np.float32] | None = None


class Graph:
    """Nodes and constants in the making."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._count = 0

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add a constant."""
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def add(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """Add a node of one output and return the name of that."""
        self._count += 1
        name = out or f"{kind.lower()}_{self._count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def linear(self, value: str, name: str, part: Linear) -> str:
        """Multiply by weights in 8 bits, a scale for each row of them, and add the bias.

        What is multiplied is rounded by its own range, so texts are best read one by one: a
        text's vector then never depends on its neighbours. onnxruntime makes one node of this.
        """
        if part.smooth is not None:
            smooth = self.constant(f"{name}.smooth", (1 / part.smooth).astype(np.float32))
            value = self.add("Mul", value, smooth)
        scales = np.maximum(np.abs(part.weight).max(axis=1), 1e-12) / 127
        rows = np.round(part.weight / scales[:, None]).astype(np.int8)
        whole, scale, middle = (f"{name}.{what}" for what in ("whole", "scale", "middle"))
        self.nodes.append(
            helper.make_node("DynamicQuantizeLinear", [value], [whole, scale, middle])
        )
        weight = self.constant(f"{name}.weight", rows.T)
        product = self.add("MatMulInteger", whole, weight, middle)
        scaled = self.add("Mul", scale, self.constant(f"{name}.scales", scales.astype(np.float32)))
        real = self.add("Mul", self.add("Cast", product, to=TensorProto.FLOAT), scaled)
        return self.add("Add", real, self.constant(f"{name}.bias", part.bias))

    def norm(self, value: str, name: str, weights: Weights, eps: float, out: str = "") -> str:
        """Normalise the last axis."""
        parts = [self.constant(f"{name}.{p}", weights[f"{name}.{p}"]) for p in ("weight", "bias")]
        return self.add("LayerNormalization", value, *parts, out=out, axis=-1, epsilon=eps)
