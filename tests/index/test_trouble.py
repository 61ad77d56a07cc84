"""Why work could not be done, in the words of those it concerns."""

import errno
import re

import pytest

from mundap.chatbot.home.draft_error import DraftError, NoEntriesError
from mundap.feedback.store.database import StoreError
from mundap.improve.notes import ImproveError
from mundap.index.bundle.manifest import BundleAwayError, BundleBusyError, BundleError
from mundap.index.engines.engine import EngineAbsentError
from mundap.index.trouble import TROUBLES, WORDS, Trouble, trouble_of


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (BundleBusyError("x"), "busy"),
        (BundleAwayError("x"), "away"),
        (BundleError("x"), "damaged"),
        (EngineAbsentError("x"), "away"),
        (StoreError("x", "locked"), "locked"),
        (ImproveError("x", "unwritable"), "unwritable"),
        (NoEntriesError("x"), "nothing"),
        (DraftError("x"), "other"),
        (OSError(errno.ENOSPC, "x"), "full"),
        (OSError(errno.EROFS, "x"), "unwritable"),
        (PermissionError(errno.EACCES, "x"), "unwritable"),
        (OSError("x"), "other"),
        (MemoryError(), "ended"),
        (ValueError("x"), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_kept_work_from_being_done_is_known_by_the_exception(
    error: Exception, trouble: Trouble
) -> None:
    assert trouble_of(error) == trouble


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_has_a_sentence_in_both_languages(trouble: Trouble) -> None:
    assert set(WORDS[trouble]) == {"ko", "en"}
    assert re.search("[가-힣]", WORDS[trouble]["ko"])
    assert not re.search("[가-힣]", WORDS[trouble]["en"])


def test_a_trouble_that_is_not_known_is_another_one() -> None:
    error = ValueError("x")
    error.trouble = "weather"  # type: ignore[attr-defined]
    assert trouble_of(error) == "other"
