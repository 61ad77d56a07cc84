"""A FAQ that counts as large, built in a process that may be killed at a chosen step."""

from collections.abc import Callable, Sequence
from pathlib import Path

from mundap.index.bundle import large, large_build
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import Encoder
from mundap.index.engines.faiss_kinds import SCAN_LIMIT
from mundap.index.faq.entry import FaqEntry
from mundap.index.progress import Advance
from tests.index.bundle.dying import die_at
from tests.tiny_encoder import TinyEncoder

FAQ = [
    FaqEntry(
        f"e{n}",
        f"{n}번 {about}은 언제 되나요?",
        f"{n}일 뒤에요.",
        (f"{about} {n} 며칠 걸려",) if n % 3 == 0 else (),
        about,
    )
    for n, about in enumerate(["환불", "배송", "쿠폰", "교환", "적립금"] * 6)
]


def build_large(
    directory: Path,
    encoder: Encoder,
    advance: Advance = lambda done, total: None,
    faq: Sequence[FaqEntry] = FAQ,
) -> Manifest:
    """Build a FAQ of thirty entries as a large one, in blocks of four entries."""
    large.LARGE, large_build._BLOCK = len(FAQ) - 1, 4
    try:
        return Bundle.build(directory, faq, encoder, advance=advance)
    finally:
        large.LARGE, large_build._BLOCK = SCAN_LIMIT, 8192


def amend_large(directory: Path, changed: Sequence[FaqEntry], removed: Sequence[str] = ()) -> None:
    """Change some entries of what serves."""
    with BundleWriter.locked(directory) as writer:
        manifest = writer.amend(changed, removed, TinyEncoder())
        writer.promote(manifest.generation, TinyEncoder())


def merge_large(directory: Path) -> None:
    """Take what was amended in for good, with another generation to keep."""
    build_large(directory, TinyEncoder(), faq=list(Bundle.open(directory, TinyEncoder()).entries))


def killed_at(step: int, directory: Path, change: Callable[[Path], object]) -> None:
    """Make a change, or die just before the step of this number that changes the disk."""
    die_at(step, directory)
    change(directory)
