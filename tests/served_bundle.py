"""A small bundle that `mundap serve` can open in a process of its own."""

from pathlib import Path

from mundap.chatbot.home.bundled import bundled_path
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import encoder_directory
from mundap.index.faq.entry import read_faq
from mundap.index.search.fusion import Fusion
from tests.score_confidence import score_confidence

# Of the untrained default encoder; a fit takes seconds and is tested elsewhere.
CONFIDENCE = score_confidence(answer=0.65, suggest=0.45)


def served_bundle(directory: Path, default_encoder: Encoder) -> Path:
    """Index the bundled questions about delivery and refunds; return `directory`."""
    faq = bundled_path("faq")
    entries = [*read_faq(faq / "delivery.csv"), *read_faq(faq / "cancel_refund.csv")]
    Bundle.build(
        directory,
        entries,
        default_encoder,
        encoder_directory=encoder_directory("default"),
        fuse=lambda retriever: Fusion(),
        calibrate=lambda retriever: CONFIDENCE,
    )
    return directory
