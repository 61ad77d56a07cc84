"""Encoders that several benchmarks ask for, trained once for the same data, values and code."""

import hashlib
import shutil
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
    code = _code_digest()[:16]
    place = _PLACE / code / identity_digest(identity)[:16]
    if (place / "modules.json").exists():
        return place
    # A hundred megabytes each, and a fit makes sixty: those of other code nobody asks for again.
    for other in [*_PLACE.glob("*")]:
        if other.name != code:
            shutil.rmtree(other)
    return train(split, config, place)


def _code_digest() -> str:
    files = sorted([*_ROOT.glob("training/**/*.py"), *_ROOT.glob("index/**/*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
