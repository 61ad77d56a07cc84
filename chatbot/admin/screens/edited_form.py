"""An entry as the form of its screen holds it."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Form

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_record import to_record

# Characters; a book is no answer.
_LONGEST = 100_000


def version_of(entry: FaqEntry) -> str:
    """Return what changes whenever an entry says something else."""
    said = json.dumps(to_record(entry), sort_keys=True).encode()
    return hashlib.blake2b(said, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class EntryForm:
    """What is typed: phrasings are one a line; `version` is that of the entry it began as."""

    entry_id: str = ""
    version: str = ""
    question: str = ""
    answer: str = ""
    phrasings: str = ""
    category: str = ""
    question_en: str = ""
    answer_en: str = ""

    @classmethod
    def of(cls, entry: FaqEntry) -> "EntryForm":
        """Return the form of an entry as it is."""
        return cls(
            entry.entry_id,
            version_of(entry),
            entry.question,
            entry.answer,
            "\n".join(entry.alternates),
            entry.category,
            entry.question_en,
            entry.answer_en,
        )

    @classmethod
    def sent(
        cls,
        entry_id: Annotated[str, Form()] = "",
        version: Annotated[str, Form()] = "",
        question: Annotated[str, Form(max_length=_LONGEST)] = "",
        answer: Annotated[str, Form(max_length=_LONGEST)] = "",
        phrasings: Annotated[str, Form(max_length=_LONGEST)] = "",
        category: Annotated[str, Form(max_length=_LONGEST)] = "",
        question_en: Annotated[str, Form(max_length=_LONGEST)] = "",
        answer_en: Annotated[str, Form(max_length=_LONGEST)] = "",
    ) -> "EntryForm":
        """Return what a browser has sent, whose lines end in two characters."""
        texts = (question, answer, phrasings, category, question_en, answer_en)
        return cls(entry_id, version, *(text.replace("\r\n", "\n") for text in texts))

    def entry(self, before: FaqEntry | None) -> FaqEntry:
        """Return the entry that is wanted in place of `before`, or as a new one."""
        lines = (line.strip() for line in self.phrasings.split("\n"))
        return replace(
            before or FaqEntry("", "", ""),
            question=self.question,
            answer=self.answer,
            alternates=tuple(filter(None, lines)),
            category=self.category.strip(),
            question_en=self.question_en.strip(),
            answer_en=self.answer_en.strip(),
        )

    def as_new(self) -> "EntryForm":
        """Return the same texts for an entry of their own."""
        return replace(self, entry_id="", version="")

    def of_version(self, version: str) -> "EntryForm":
        """Return the same texts in place of a newer state of the entry."""
        return replace(self, version=version)
