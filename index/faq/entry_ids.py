"""Ids for entries whose FAQ names none: derived from their questions."""

import hashlib

from mundap.index.korean.text import match_key


def is_derived(entry_id: str, question: str, answer: str) -> bool:
    """Whether an id is one of the two that follow, be it numbered or an older version's."""
    plain = entry_id.partition("-")[0]
    return plain in (question_id(question), row_id(question, answer))


def question_id(question: str) -> str:
    """Return the id of a row whose question no other has.

    So it stays when the answer is edited, and wherever the row stands.
    """
    return _digest(match_key(question))


def row_id(question: str, answer: str) -> str:
    """Return the id of a row that shares its question with others."""
    return _digest(f"{question}\n{answer}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
