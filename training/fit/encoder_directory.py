"""An encoder directory on disk: complete or not there at all."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer

from mundap.index.durable import replaced_directory
from mundap.index.encoders.encoder import EncoderError, directory_fingerprint
from mundap.index.encoders.pretrained_config import PretrainedConfig
from mundap.index.encoders.registry import kind_of
from mundap.training.fit.learning_curve import draw_learning_curve
from mundap.training.fit.model_card import model_card

_VERSIONS = ("torch", "sentence-transformers", "transformers", "numpy", "kiwipiepy")


def require_place(output: Path) -> None:
    """Raise EncoderError where `output` holds something that is no encoder."""
    ours = (output / "modules.json").exists() or PretrainedConfig.is_in(output)
    if output.exists() and not ours and any(output.iterdir()):
        raise EncoderError(
            f"{output}: holds files that are no encoder. Name an empty or new directory."
        )


def write_encoder(
    transformer: SentenceTransformer,
    record: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    output: Path,
) -> Path:
    """Write beside `output`, then take its place: a reader sees the old encoder or the new.

    `record` and what was measured become `training.json` and, for people, `README.md`. Raises
    OSError, such as on a full disk; an encoder that was at `output` then stays.
    """
    try:
        with replaced_directory(output) as partial:
            _fill(partial, transformer, record, history, output.resolve().name)
    except (OSError, SafetensorError) as error:  # which has its own kind of a full disk
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"{output}: could not be written ({reason}). What was there stays.") from None
    return output


def _fill(
    directory: Path,
    transformer: SentenceTransformer,
    record: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    name: str,
) -> None:
    transformer.save(str(directory), create_model_card=False)
    whole = {
        **record,
        "history": list(history),
        "fingerprint": directory_fingerprint(directory),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _VERSIONS},
    }
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    (directory / "training.json").write_text(text + "\n", encoding="utf-8")
    if isinstance(transformer, SentenceTransformer):  # the card says how to load one
        card = model_card(whole, name, ours=kind_of(directory).is_embedded)
        (directory / "README.md").write_text(card, encoding="utf-8")
    draw_learning_curve(history, directory / "learning_curve.png")
    # safetensors keeps its files to their owner; a service has a user of its own.
    for weights in directory.rglob("*.safetensors"):
        weights.chmod(0o644)
