"""Every kind of encoder, and the one place that tells which kind something is of."""

from pathlib import Path
from typing import cast

from mundap.index.encoders.encoder import Encoder, EncoderError, PieceEncoder
from mundap.index.encoders.kind import EncoderKind
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.onnx_encoder import OnnxEncoder
from mundap.index.encoders.pretrained import PretrainedEncoder
from mundap.index.encoders.sentence_encoder import SentenceEncoder
from mundap.index.encoders.shipped import NO_PRETRAINED

# The last takes whatever the others leave.
KINDS: tuple[type[EncoderKind], ...] = (
    MorphemeEncoder,
    PretrainedEncoder,
    OnnxEncoder,
    SentenceEncoder,
)


def kind_of(path_or_name: str | Path) -> type[EncoderKind]:
    """Return the kind of "default", a directory, or a name of the Hugging Face hub.

    Nothing is loaded, downloaded or verified.
    """
    return next(kind for kind in KINDS if kind.holds(path_or_name))


def load_encoder(path_or_name: str | Path) -> Encoder:
    """Load an encoder; raises EncoderError with the reason when nothing can be loaded.

    Each kind imports the libraries that it needs as it loads.
    """
    return kind_of(path_or_name).load(path_or_name)


def load_pretrained(path_or_name: str | Path) -> PieceEncoder:
    """Load an encoder that reads texts piece by piece; raises EncoderError where it does not."""
    encoder = load_encoder(path_or_name)
    if not hasattr(encoder, "read_passages"):
        raise EncoderError(
            f"{path_or_name}: gives vectors of whole texts alone; wanted an encoder that reads "
            "them piece by piece, such as mundap-small."
        )
    return cast(PieceEncoder, encoder)


def encoder_directory(path_or_name: str | Path) -> Path:
    """Return the directory of what `load_encoder` loads, made or fetched where need be.

    Raises EncoderError with the reason when there is none.
    """
    return kind_of(path_or_name).directory(path_or_name)


def require_exportable(path_or_name: str | Path) -> None:
    """Raise EncoderError where an encoder has nothing to export; loads nothing."""
    if reason := kind_of(path_or_name).not_exported:
        raise EncoderError(f"{path_or_name}: {reason}")


def wanted_pretrained(
    path_or_name: str | Path | None,
) -> tuple[PieceEncoder, Path] | tuple[None, None]:
    """Load a pretrained encoder and say where it lies; nothing where None or "none" is wanted.

    Raises EncoderError with the reason where it cannot be loaded.
    """
    if path_or_name is None or str(path_or_name) == NO_PRETRAINED:
        return None, None
    return load_pretrained(path_or_name), encoder_directory(path_or_name)


def usual_learning_rate(base: str | Path) -> float:
    """Return where training begins to look; raises EncoderError where `base` cannot train."""
    rate = kind_of(base).learning_rate
    if rate is None:
        raise EncoderError(
            f"{base}: kept for serving, in a form that cannot be trained. Name the encoder that "
            "it was made from."
        )
    return rate


def usual_scale(encoder: Encoder) -> Path | None:
    """Return the file that turns the cosines of a loaded encoder into similarity scores, if any."""
    return next((kind.calibration for kind in KINDS if kind is type(encoder)), None)
