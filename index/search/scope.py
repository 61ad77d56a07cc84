"""Whether a query, by its meaning alone, looks like one that a FAQ answers: a linear probe."""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Fitted by `python -m benchmarks.usual_fit`, for the vectors of the encoder that ships.
USUAL_FILE = Path(__file__).with_name("usual_scope.json")
# What is said where an encoder has no probe: a query is as likely in scope as not.
UNKNOWN = math.log(2)
# What is said at most: a FAQ may be about just what others never answer.
MOST = 2.0


@dataclass(frozen=True, slots=True)
class ScopeProbe:
    """The log odds of being out of scope, linear in the vector that one encoder makes of a query.

    What a FAQ answers differs from FAQ to FAQ, but much of what none does is alike: small talk,
    homework, jobs, what another office does (a linear probe; Alain and Bengio, 2016). The odds
    are those where as many queries are out of scope as in it.
    """

    weights: NDArray[np.float32]
    intercept: float

    def beside(self, vector: NDArray[np.float32]) -> float:
        """Return minus the logarithm of the probability of being in scope, from 0 to MOST."""
        return min(float(np.logaddexp(0.0, vector @ self.weights + self.intercept)), MOST)


def beside(fingerprint: str, vector: NDArray[np.float32]) -> float:
    """Return `ScopeProbe.beside` of a query's vector, shape (dimension,), by its encoder."""
    encoder, probe = _usual()
    return probe.beside(vector) if fingerprint == encoder else UNKNOWN


@cache
def _usual() -> tuple[str, ScopeProbe]:
    known = json.loads(USUAL_FILE.read_text(encoding="utf-8"))
    probe = ScopeProbe(np.array(known["weights"], np.float32), known["intercept"])
    return known["encoder"], probe
