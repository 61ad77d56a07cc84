"""Which FAQ is too large to hold in memory: it is made and served from files."""

import time
from collections.abc import Sequence

from mundap.index.encoders.encoder import PieceEncoder
from mundap.index.engines.faiss_kinds import SCAN_LIMIT
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages

# Entries above which a FAQ that no pretrained encoder reads is built and served from files: a scan
# of more vectors takes too long, and so does what a build looks for in so many texts.
LARGE = SCAN_LIMIT
# Entries that are read to tell how long all take, and bytes that each takes in memory: a build of
# 6,000 short ones holds 148 MB more than one of 1,500.
_SAMPLE, _HELD = 64, 33_000


class TooLargeError(ValueError):
    """What was asked for holds a FAQ in memory, and this one has too many entries for that."""


def is_large(entries: int) -> bool:
    """Return whether a FAQ of so many entries is too large to hold."""
    return entries > LARGE


def require_small(entries: int, what: str, instead: str) -> None:
    """Raise TooLargeError where so many entries are too many for `what`, which holds them.

    `instead` is the sentence that says what to do.
    """
    if is_large(entries):
        raise TooLargeError(
            f"{entries:,} entries are too many for {what}, which holds a FAQ in memory and takes "
            f"up to {LARGE:,}. {instead}"
        )


def forewarning(entries: Sequence[FaqEntry], reader: PieceEncoder) -> str:
    """Say how long a pretrained encoder takes to read a large FAQ, by how long it takes for some.

    And how much memory, and how to go on without.
    """
    some = [entries[place] for place in range(0, len(entries), max(1, len(entries) // _SAMPLE))]
    reader.encode(["문답"])  # the first call pays for what is made once
    begun = time.monotonic()
    reader.read_passages(Passages.with_answers(some).texts)
    reader.encode_passages(Passages.of(some).texts)
    minutes = (time.monotonic() - begun) / len(some) * len(entries) / 60
    taken = f"{minutes / 60:,.0f} hours" if minutes >= 120 else f"{max(1, minutes):,.0f} minutes"
    return (
        f"{len(entries):,} entries, more than {LARGE:,}: one process takes about {taken} and "
        f"{len(entries) * _HELD / 1e9:,.1f} GB of memory for the pretrained encoder to read them. "
        "Without it (--pretrained none) they are built in files, some twenty times faster, and "
        "fewer questions find their answer."
    )
