"""How much two sentences say the same, from 0 to 5."""

import heapq
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mundap.index.encoders.encoder import Encoder, EncoderError, directory_fingerprint
from mundap.index.encoders.shipped import SHIPPED, SHIPPED_DIRECTORY
from mundap.index.korean.text import clean
from mundap.index.similarity.pair_encoder import CosineEncoder, Pair, PairEncoder, load_pair_encoder
from mundap.index.similarity.scale import StsScale, find_scale

_LOG = logging.getLogger(__name__)

STS_FOLDER = "sts-encoder"
# Texts scored at once: enough for an encoder's batches, few enough to stream and to stop.
CHUNK = 256


@dataclass(frozen=True, slots=True)
class StsScore:
    """`score` is from 0 (unrelated) to 5 (the same); `cosine` is None for a cross-encoder."""

    cosine: float | None
    score: float


@dataclass(frozen=True, slots=True)
class RankedText:
    """One text of a table with its score; `row` counts from 0 below the heading."""

    row: int
    text: str
    score: StsScore


def similarity_source(setting: str | None, home: Path) -> str | Path:
    """Return what similarity is judged with.

    That is what the setting api.sts_encoder names, or else the encoder that was trained for
    similarity, in the folder STS_FOLDER of `home`, or else the pretrained one that ships.
    """
    trained = home / STS_FOLDER
    return setting or (trained if trained.is_dir() else SHIPPED)


class Similarity:
    """Scores pairs of sentences; any thread may ask."""

    def __init__(self, encoder: PairEncoder, calibration: StsScale) -> None:
        self._encoder = encoder
        self.calibration = calibration

    @classmethod
    def load(cls, source: str | Path, home: Path) -> "Similarity":
        """Load "default", the directory of an encoder or a cross-encoder, or a hub name.

        `home` is where `mundap sts-calibrate` leaves calibrations. Raises EncoderError or
        ScaleError with the reason.
        """
        return cls.of(load_pair_encoder(source), home)

    @classmethod
    def of(cls, encoder: PairEncoder, home: Path) -> "Similarity":
        """Compare with `encoder`, and with what was calibrated for it."""
        usual = encoder.usual_scale
        return cls(encoder, find_scale(home, encoder.fingerprint, usual=usual))

    @classmethod
    def configured(
        cls, source: str | None, home: Path, retrieval: Encoder, reader: Encoder | None
    ) -> "Similarity":
        """Do what `load` does of `similarity_source`.

        `reader` takes the place of the encoder that ships where it is the same, which is loaded
        once then; `retrieval` where that one cannot be loaded, and the log says so.
        """
        chosen = similarity_source(source, home)
        if chosen != SHIPPED:
            return cls.load(chosen, home)
        try:
            if reader is not None and reader.fingerprint == directory_fingerprint(
                SHIPPED_DIRECTORY
            ):
                return cls.of(CosineEncoder(reader), home)
            return cls.load(chosen, home)
        except (EncoderError, OSError) as error:
            if source is not None:  # it was asked for
                raise
            _LOG.warning("Similarity is judged by the encoder of the index: %s", error)
            return cls.of(CosineEncoder(retrieval), home)

    def score(self, pairs: Sequence[Pair]) -> list[StsScore]:
        """Return the score of each pair; a blank sentence has nothing in common with any."""
        told = [row for row, pair in enumerate(pairs) if all(map(clean, pair))]
        closeness = self._encoder.closeness([pairs[row] for row in told])
        scores = self.calibration.apply(closeness)
        found = [_NOTHING if self._encoder.has_cosines else StsScore(None, 0.0)] * len(pairs)
        for row, close, score in zip(told, closeness.tolist(), scores.tolist(), strict=True):
            cosine = round(close, 4) if self._encoder.has_cosines else None
            found[row] = StsScore(cosine, round(score, 4))
        return found

    def rank(self, base: str, texts: Iterable[str]) -> Iterator[RankedText]:
        """Yield each text with its score against `base`, in the order given.

        Holds a few hundred texts at a time, however many there are.
        """
        rows = iter(enumerate(texts))
        while chunk := list(islice(rows, CHUNK)):
            scores = self.score([(base, text) for _, text in chunk])
            for (row, text), score in zip(chunk, scores, strict=True):
                yield RankedText(row, text, score)


class Best:
    """Keeps the highest of a stream of ranked texts; of equal ones the first."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._heap: list[tuple[float, int, RankedText]] = []

    def watch(self, ranked: Iterable[RankedText]) -> Iterator[RankedText]:
        """Pass on every text of `ranked`, and remember the best of them."""
        for item in ranked:
            # Rows are unique, so two items are never compared themselves.
            entry = (item.score.score, -item.row, item)
            if len(self._heap) < self._count:
                heapq.heappush(self._heap, entry)
            else:
                heapq.heappushpop(self._heap, entry)
            yield item

    def items(self) -> list[RankedText]:
        """Return the best seen so far, best first."""
        return [item for _, _, item in sorted(self._heap, reverse=True)]


_NOTHING = StsScore(0.0, 0.0)
