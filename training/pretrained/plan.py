"""How the encoder is trained."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How the encoder is trained; each value with its reason."""

    # All layers learn, and the table of words stays as it is: with six of twelve frozen a step
    # takes half the time, but the best step ranks 2 to 3 points fewer queries right first.
    # From the 900th on the figures on the FAQs held back hardly rise; with 40 FAQs to learn from
    # they end at the 600th.
    steps: int = 1200
    warm_up: int = 40
    rate: float = 5e-5
    # The rate falls to this share by the last step.
    last_rate: float = 0.02
    decay: float = 0.01
    # Cosines times this are the logits.
    scale: float = 40.0
    # What the late interaction counts beside the pooled vectors.
    late: float = 1.0
    # Without dropout the judged figures fall after some three rounds over the queries.
    dropout: float = 0.1
    # Weights are averaged over about 1 / (1 - this) steps.
    average: float = 0.99
    seed: int = 2
    # Steps between two lines of the learning curve.
    every: int = 300

    def rate_at(self, step: int) -> float:
        """Return the rate at a step: a warm-up, then half a cosine."""
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        wave = (1 + math.cos(math.pi * min(1.0, done))) / 2
        return self.rate * (self.last_rate + (1 - self.last_rate) * wave)
