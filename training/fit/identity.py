"""What decides the bytes of a run, and so whether another run is the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mundap.index.encoders.encoder import directory_fingerprint
from mundap.training.bases.named import trainable
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import data_digest
from mundap.training.fit.task import Tasks

VERSIONS = ("torch", "sentence-transformers", "transformers", "accelerate", "numpy", "kiwipiepy")


def run_identity(tasks: Tasks, config: TrainingConfig, processes: int) -> dict[str, Any]:
    """Return by name what decides a run's bytes: values, data, base and libraries."""
    base = Path(trainable(config.base))
    splits = [task.split for task in tasks.values()]
    found = {
        "data": data_digest([pair for s in splits for pair in [*s.pairs, *s.held_out]]),
        "pairs held out": sum(len(split.held_out) for split in splits),
        # They share out each batch, so another number draws other ones.
        "processes": processes,
        "content of base": directory_fingerprint(base) if base.is_dir() else config.base,
        **{f"config.{name}": value for name, value in asdict(config).items()},
        **{f"version of {name}": version(name) for name in VERSIONS},
    }
    for name, task in tasks.items():
        found[f"objective of {name}"] = task.objective.name
        values: Mapping[str, Any] = asdict(task.objective)  # type: ignore[call-overload]
        found |= {f"{name}.{key}": value for key, value in values.items()}
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def identity_digest(identity: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a run's identity."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def is_written(output: Path, digest: str) -> bool:
    """Return whether `output` holds the encoder of the run with this digest."""
    try:
        record = json.loads((output / "training.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("run_sha256") == digest
