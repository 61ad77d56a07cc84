"""A transformer encoder in, the same encoder as an ONNX graph out."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from mundap.index.durable import replaced_directory
from mundap.index.encoders.onnx_encoder import GRAPHS, OUTPUT, PIECES
from mundap.index.encoders.registry import kind_of
from mundap.index.encoders.sentence_encoder import load_sentence_transformer
from mundap.index.first_line import first_line
from mundap.index.similarity.cross_encoder import is_cross_encoder
from mundap.training.fit.encoder_directory import require_place

_TOOLS = ("onnx", "onnxruntime", "onnxscript")
# Two texts of different length, so that neither a size of 1 nor a missing mask is taken for fixed.
_EXAMPLE = ["환불 되나요?", "배송비는 얼마예요, 그리고 언제 오나요?"]


class ExportError(ValueError):
    """An encoder cannot be exported."""


def export_onnx(encoder: str | Path, output: Path, *, int8: bool = False) -> Path:
    """Write an encoder directory whose weights are an ONNX graph, complete or not at all.

    The graph holds every module, pooling included; its outputs are `sentence_embedding` and
    `last_hidden_state`. `int8` keeps the weights of matrix products as 8-bit integers
    (dynamic quantisation). `load_encoder` reads the directory without torch. Raises
    ExportError, EncoderError or OSError in a sentence; what was at `output` then stays.
    """
    require_tools()
    require_place(output)
    transformer = _load(encoder)
    with replaced_directory(output) as partial:
        _write_graph(transformer, partial / GRAPHS, int8=int8)
        _write_rest(transformer, partial)
    return output


def require_tools() -> None:
    """Raise ExportError with the install command where a library for exporting is missing."""
    missing = [name for name in _TOOLS if not find_spec(name)]
    if missing:
        raise ExportError(
            f"Exporting needs {', '.join(missing)}, which the extra `onnx` brings. Install it: "
            f"pip install {' '.join(missing)}"
        )


def _load(encoder: str | Path) -> SentenceTransformer:
    if is_cross_encoder(Path(encoder)):
        raise ExportError(f"{encoder}: a cross-encoder; wanted an encoder of single texts.")
    if reason := kind_of(encoder).not_exported:
        raise ExportError(f"{encoder}: {reason}")
    transformer = load_sentence_transformer(encoder)
    if not getattr(_tokenizer(transformer), "is_fast", False):
        raise ExportError(
            f"{encoder}: its tokenizer is written in Python; wanted one with a tokenizer.json."
        )
    return transformer.to("cpu").eval()


def _tokenizer(transformer: SentenceTransformer) -> Any:
    tokenizer = getattr(transformer, "tokenizer", None)
    return tokenizer if isinstance(tokenizer, PreTrainedTokenizerBase) else None


class _Graph(nn.Module):
    """All modules of an encoder from token ids to vectors, by position as ONNX wants it."""

    def __init__(self, transformer: SentenceTransformer, names: Sequence[str]) -> None:
        super().__init__()
        self.transformer = transformer
        self.names = list(names)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, Tensor]:
        features: dict[str, Any] = dict(zip(self.names, tensors, strict=True))
        for module in self.transformer:
            features = module(features)
        return features["sentence_embedding"], features["token_embeddings"]


def _write_graph(transformer: SentenceTransformer, folder: Path, *, int8: bool) -> None:
    tokens = _tokenizer(transformer)(_EXAMPLE, padding=True, return_tensors="pt")
    names = list(tokens)
    folder.mkdir(parents=True)
    any_size = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _unwarned():
        try:
            program = torch.onnx.export(
                _Graph(transformer, names).eval(),
                tuple(tokens[name] for name in names),
                dynamo=True,
                dynamic_shapes=(tuple(any_size for _ in names),),
                input_names=names,
                output_names=[OUTPUT, PIECES],
                verbose=False,
            )
        except Exception as error:  # what torch says of a module that it cannot trace is long
            raise ExportError(
                f"This encoder has a part that ONNX does not know ({first_line(error)})."
            ) from None
    assert program is not None  # with dynamo=True
    if not int8:
        program.save(folder / "model.onnx", external_data=False)
        return
    with TemporaryDirectory(prefix="mundap-export-") as scratch:
        program.save(Path(scratch) / "model.onnx", external_data=False)
        _quantise(Path(scratch), folder / "model_int8.onnx")


def _quantise(scratch: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with _unwarned():
        quant_pre_process(scratch / "model.onnx", scratch / "ready.onnx", skip_symbolic_shape=True)
        # One scale for each column: a matrix with a few large columns would lose all others.
        quantize_dynamic(
            scratch / "ready.onnx", target, per_channel=True, weight_type=QuantType.QInt8
        )


def _write_rest(transformer: SentenceTransformer, partial: Path) -> None:
    """Write the configs and the tokenizer, which cuts and pads by itself ever after."""
    tokenizer = _tokenizer(transformer)
    tokenizer(_EXAMPLE, padding=True, truncation=True, max_length=transformer.max_seq_length)
    transformer.save(str(partial), create_model_card=False)
    for weights in [*partial.rglob("*.safetensors"), *partial.rglob("pytorch_model.bin")]:
        weights.unlink()


@contextmanager
def _unwarned() -> Iterator[None]:
    """Keep the exporters' remarks on their own insides away."""
    remarks = logging.getLogger("torch.onnx")
    level = remarks.level
    remarks.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        remarks.setLevel(level)
