"""Whether a FAQ can teach an encoder of its own."""

from collections.abc import Sequence
from typing import Literal

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key

# Phrasings an entry from which an encoder of the FAQ's own is worth the minutes of its training.
WORTH_TRAINING = 3

Untaught = Literal["one answer", "few phrasings"]


def untaught(entries: Sequence[FaqEntry], *, reads: bool) -> Untaught | None:
    """Return why a FAQ is not worth training an encoder on; None where it is.

    `reads` says that the pretrained encoder reads it: that knows what few phrasings cannot teach.
    """
    if len({match_key(entry.answer) for entry in entries}) < 2:
        return "one answer"  # is told apart from nothing
    if reads and len(Passages.of(entries)) < WORTH_TRAINING * len(entries):
        return "few phrasings"
    return None
