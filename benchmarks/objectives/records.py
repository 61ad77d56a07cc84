"""What was measured, a line for each row and seed, so that a run can stop and go on.

The file is committed: a further row is compared with those that lie there, query by query.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.objectives.rows import Row
from benchmarks.objectives.tasks import Questions
from benchmarks.result import RESULTS
from mundap.training.fit.identity import VERSIONS

PLACE = RESULTS / "objectives.jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the table on one seed."""

    name: str
    seed: int
    # What decides the figures, but for the code; see `digest`.
    digest: str
    # Collection -> which queries were hits, in their order.
    hits: Mapping[str, NDArray[np.bool_]]
    # Collection -> Spearman on KorSTS dev of the encoder that was trained on it.
    spearman: Mapping[str, float]
    seconds: float

    def to_line(self) -> str:
        """Return it as a line of JSON, hits as the digits of their bits."""
        packed = {name: [len(h), np.packbits(h).tobytes().hex()] for name, h in self.hits.items()}
        return json.dumps({**asdict(self), "hits": packed}, ensure_ascii=False) + "\n"

    @classmethod
    def of_line(cls, line: str) -> "Record":
        """Read what `to_line` wrote."""
        fields = json.loads(line)
        fields["hits"] = {name: _bits(*packed) for name, packed in fields["hits"].items()}
        return cls(**fields)


def digest(row: Row, drawn: Mapping[str, Questions]) -> str:
    """Return a hash of the row's values, the questions and the versions of the libraries.

    Of the values those that are not the default: a value that is new changes no old row.
    """
    stages = row.recipe.stages if row.recipe else ()
    values = [
        (_given(stage.config), {name: _given(task) for name, task in stage.tasks.items()})
        for stage in stages
    ]
    versions = [version(name) for name in VERSIONS]
    data = [_data_digest(questions) for questions in drawn.values()]
    parts = [values, row.mined, versions, data]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def read_records() -> Iterator[Record]:
    """Yield what was measured before."""
    if PLACE.exists():
        yield from map(Record.of_line, PLACE.read_text(encoding="utf-8").splitlines())


def append(record: Record) -> None:
    """Write one line more."""
    with PLACE.open("a", encoding="utf-8") as file:
        file.write(record.to_line())


def _given(values: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that differ from their defaults, and its kind."""
    pairs = ((field, getattr(values, field.name)) for field in fields(values))
    differing = {field.name: value for field, value in pairs if value != field.default}
    return {"kind": type(values).__name__, **differing}


def _data_digest(questions: Questions) -> str:
    return hashlib.sha256(repr((questions.training, questions.queries)).encode()).hexdigest()[:16]


def _bits(count: int, digits: str) -> NDArray[np.bool_]:
    packed = np.frombuffer(bytes.fromhex(digits), dtype=np.uint8)
    return np.unpackbits(packed, count=count).astype(np.bool_)
