"""How much likelier a text becomes with another word in one place."""

from collections.abc import Sequence

from mundap.index.korean.morphemes import content_forms, likelihood

# Characters on each side that decide, in whole words where those are short: the model looks no
# farther back than a few words, and a long text would take milliseconds.
_CONTEXT, _MOST = 10, 20


def gains(text: str, start: int, end: int, others: Sequence[str]) -> list[float]:
    """Return by how much each of `others` instead of text[start:end] is likelier, natural log."""
    before, after = _around(text, start, end)
    now = likelihood(before + text[start:end] + after)
    return [likelihood(before + other + after) - now for other in others]


def changes_content(text: str, start: int, end: int, other: str) -> bool:
    """Whether other content morphemes stand there with `other` instead of text[start:end]."""
    before, after = _around(text, start, end)
    now = content_forms(before + text[start:end] + after)
    return content_forms(before + other + after) != now


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what decides before and after text[start:end]."""
    first = max(text.rfind(" ", 0, max(start - _CONTEXT, 0)) + 1, start - _MOST)
    last = text.find(" ", end + _CONTEXT, end + _MOST)
    return text[first:start], text[end : last if last >= 0 else end + _MOST]
