"""From how close an encoder finds two sentences to what people would say: 0 to 5."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.durable import replaced_file

HIGHEST = 5.0


class ScaleError(ValueError):
    """A calibration is damaged or cannot be fitted."""


@dataclass(frozen=True, slots=True)
class StsScale:
    """A broken line through knots (closeness, score); constant beyond its ends.

    `closeness` rises strictly and `scores` never fall, so the order of pairs stays. `encoder` is
    the fingerprint of the encoder it was fitted for, "" where it is good for several. `fit` says on
    what it was fitted and how it fared.
    """

    closeness: tuple[float, ...]
    scores: tuple[float, ...]
    encoder: str = ""
    fit: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.closeness) != len(self.scores):
            raise ScaleError(f"{len(self.closeness)} places but {len(self.scores)} scores.")
        knots = np.array([self.closeness, self.scores], dtype=np.float64)
        if knots.shape[1] < 2 or not np.isfinite(knots).all():
            raise ScaleError(f"{knots.shape[1]} knots; wanted at least 2, all finite.")
        if (np.diff(knots[0]) <= 0).any():
            raise ScaleError("closeness does not rise from knot to knot.")
        if (np.diff(knots[1]) < 0).any() or knots[1][0] < 0 or knots[1][-1] > HIGHEST:
            raise ScaleError("scores fall from knot to knot, or leave 0 to 5.")

    def apply(self, closeness: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score, 0 to 5, of each closeness."""
        scores: NDArray[np.float64] = np.interp(closeness, self.closeness, self.scores)
        return scores

    def to_json(self) -> str:
        """Return the JSON text that `read` reads."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    def write(self, path: Path) -> None:
        """Write what `read` reads, replacing `path` atomically."""
        with replaced_file(path) as partial:
            partial.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "StsScale":
        """Undo `to_json`; raises ScaleError naming the file when it is damaged."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            places, scores = (tuple(map(float, values.pop(n))) for n in ("closeness", "scores"))
            return cls(places, scores, **values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ScaleError(
                f"{path}: damaged ({error}). Fit it again with `mundap sts-calibrate`."
            ) from None


def scale_path(home: Path, fingerprint: str) -> Path:
    """Return where the calibration of one encoder lies in the home of a user.

    Not beside the encoder: its files are its identity, and may be shared.
    """
    return home / "calibration" / f"sts-{fingerprint}.json"


def find_scale(home: Path, fingerprint: str, *, usual: StsScale) -> StsScale:
    """Return the calibration fitted for an encoder, else `usual`.

    Raises ScaleError when there is one that is damaged or names another encoder.
    """
    path = scale_path(home, fingerprint)
    if not path.exists():
        return usual
    found = StsScale.read(path)
    if found.encoder != fingerprint:
        raise ScaleError(
            f"{path}: fitted for encoder {found.encoder!r}, wanted {fingerprint!r}. "
            "Fit it again with `mundap sts-calibrate`."
        )
    return found


# What evaluations of encoders have always used: five times the cosine.
LINEAR = StsScale((0.0, 1.0), (0.0, HIGHEST))
