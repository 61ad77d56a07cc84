"""What is kept of a run beside its encoder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """Where a run goes on, where it logs, what its card says; no value changes the vectors."""

    resume: Annotated[bool, "Go on from where the same run was stopped."] = False
    log_dir: Annotated[Path | None, "Write TensorBoard event files here."] = None
    data_licence: Annotated[str | None, "Licence of the data, for the encoder's README.md."] = None
