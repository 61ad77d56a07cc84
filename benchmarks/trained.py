"""Encoders that several benchmarks ask for, trained once for the same data, values and code."""

import hashlib
from pathlib import Path

from mundap.training.config import TrainingConfig
from mundap.training.data.split import Split
from mundap.training.fit.identity import identity_digest, run_identity
from mundap.training.fit.task import Task
from mundap.training.fit.trainer import train
from mundap.training.objectives.mnrl import Mnrl

_ROOT = Path(__file__).resolve().parent.parent
# What git ignores; removing it costs time alone.
_PLACE = _ROOT / "artifacts" / "encoders"


def trained_encoder(split: Split, config: TrainingConfig) -> Path:
    """Return the directory of the encoder that `mundap train` makes of `split`."""
    identity = run_identity({Mnrl.name: Task(Mnrl(), split)}, config, processes=1)
    name = identity_digest(identity | {"code": _code_digest()})[:16]
    place = _PLACE / name
    return place if (place / "modules.json").exists() else train(split, config, place)


def _code_digest() -> str:
    files = sorted([*_ROOT.glob("training/**/*.py"), *_ROOT.glob("index/**/*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
