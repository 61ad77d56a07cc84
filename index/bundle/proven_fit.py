"""Weights and confidence that an improvement has proven, for the generations that come after it."""

from dataclasses import dataclass, replace

from mundap.index.bundle.contents import FUSION_FILE, read_confidence
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import READING, BundleError, Manifest
from mundap.index.encoders.encoder import Encoder, PieceEncoder
from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever

# In the `fit` of a confidence: what `improve` knows its own generation by, and, in those that took
# it over, in which generation that was.
IMPROVEMENT, _SINCE = "improvement", "improved_in"


@dataclass(frozen=True, slots=True)
class ProvenFit:
    """What `BundleWriter.seal` is given to take them over."""

    fusion: Fusion
    confidence: Confidence

    def fuse(self, retriever: Retriever) -> Fusion:
        """See `BundleWriter.seal`."""
        return self.fusion

    def calibrate(self, retriever: Retriever) -> Confidence:
        """See `BundleWriter.seal`."""
        return self.confidence


def proven_fit(
    generations: Generations, encoder: Encoder, pretrained: PieceEncoder | None
) -> ProvenFit | None:
    """Return what the generation that serves was improved to; None where it was not.

    And where other encoders are wanted than those that it was proven with.
    """
    try:
        path = generations.current()
        encoders = Manifest.read(path).encoders
        fusion = Fusion.from_json((path / FUSION_FILE).read_text(encoding="utf-8"))
        confidence = read_confidence(path)
    except (BundleError, OSError, ValueError, KeyError, TypeError):
        return None  # none yet, or a damaged one
    fit = dict(confidence.fit)
    was = fit.pop(IMPROVEMENT, None)
    since = fit.get(_SINCE) if was is None else int(path.name)
    wanted = {encoder.fingerprint, *([pretrained.fingerprint] if pretrained else [])}
    same = {one.fingerprint for one in encoders.values()} == wanted
    if since is None or not same or (READING in encoders) != (pretrained is not None):
        return None
    return ProvenFit(fusion, replace(confidence, fit={**fit, _SINCE: since}))
