"""Ids for entries whose FAQ names none: derived from their questions."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from mundap.index.korean.text import match_key


def derived_ids(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return an id for each question and answer; equal rows get equal ones.

    It is the question's, so that it stays when the answer is edited and wherever the row stands.
    Of questions that stand in several rows it is the row's, question and answer.
    """
    often = Counter(match_key(question) for question, _ in rows)
    return [
        question_id(question) if often[match_key(question)] == 1 else row_id(question, answer)
        for question, answer in rows
    ]


def is_derived(entry_id: str, question: str, answer: str) -> bool:
    """Whether an id is one that `derived_ids` gives a row, be it numbered or an older version's."""
    plain = entry_id.partition("-")[0]
    return plain in (question_id(question), row_id(question, answer))


def row_id(question: str, answer: str) -> str:
    """Return the id of a row that shares its question with others."""
    return _digest(f"{question}\n{answer}")


def question_id(question: str) -> str:
    """Return the id of a row whose question no other has."""
    return _digest(match_key(question))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
