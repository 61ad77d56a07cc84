"""What owners accepted, parted into what is learned from and what is only tested with."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from io import StringIO
from typing import Any

from mundap.feedback.verdicts.judgements import Judgement
from mundap.feedback.verdicts.query_parts import Part
from mundap.improve.parting import is_fitted, is_held_back
from mundap.index.faq.entry import FaqEntry, dump_jsonl, load_jsonl
from mundap.index.korean.text import match_key


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A query that nothing learns from, with what owners said of it.

    `right` are the entries that answer it and `wrong` those that do not; both are empty where
    owners said that no entry does.
    """

    query: str
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A query and an entry that answers it; an encoder that trains never sees a `fitted` one."""

    query: str
    entry_id: str
    fitted: bool


@dataclass(frozen=True, slots=True)
class Lessons:
    """Everything that one run learns from and tests with, and nothing besides.

    `entries` is the FAQ that a candidate is made of: what is published, with the phrasings that
    owners accepted since, without those that they said are none. `wrong` are pairs of a query and
    an entry that does not answer it, `uncovered` queries that no entry answers; `held_back` are
    the keys of all tests there ever were, `asked` those of now.
    """

    entries: tuple[FaqEntry, ...]
    accepted: tuple[Accepted, ...]
    wrong: tuple[tuple[str, str], ...]
    uncovered: tuple[str, ...]
    asked: tuple[HeldBack, ...]
    held_back: tuple[str, ...]
    # Phrasings that the published FAQ lacks.
    added: int
    # Judged queries of entries that are not published, or no longer: nothing is made of them now.
    left_out: int

    @property
    def taught(self) -> list[FaqEntry]:
        """The FAQ as an encoder may learn it: without tests, and without what is fitted on."""
        hidden = {*self.held_back}
        hidden |= {match_key(one.query) for one in self.accepted if one.fitted}
        return [
            replace(e, alternates=tuple(t for t in e.alternates if match_key(t) not in hidden))
            for e in self.entries
        ]

    @property
    def is_empty(self) -> bool:
        """Whether owners have said nothing that could be learned."""
        return not (self.accepted or self.wrong or self.uncovered or self.added)

    @property
    def digest(self) -> str:
        """SHA-256 that is the same for the same lessons, published since or not."""
        text = replace(self, added=0, left_out=0).to_json()
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def taught_digest(self) -> str:
        """The same of what an encoder learns alone."""
        texts = dump_jsonl(self.taught) + json.dumps(self.wrong)
        return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()

    def to_json(self) -> str:
        """Return the JSON text that `from_json` reads."""
        return json.dumps({**asdict(self), "entries": dump_jsonl(self.entries)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Lessons":
        """Undo `to_json`."""
        values: dict[str, Any] = json.loads(text)
        return cls(
            entries=tuple(load_jsonl(StringIO(values.pop("entries"), newline="\n"))),
            accepted=tuple(Accepted(**one) for one in values.pop("accepted")),
            wrong=tuple((query, entry_id) for query, entry_id in values.pop("wrong")),
            uncovered=tuple(values.pop("uncovered")),
            asked=tuple(
                HeldBack(one["query"], tuple(one["right"]), tuple(one["wrong"]))
                for one in values.pop("asked")
            ),
            held_back=tuple(values.pop("held_back")),
            **values,
        )


def decided(judgements: Iterable[Judgement], known: Mapping[str, Part]) -> dict[str, Part]:
    """Return the part of every judged query that has none yet, by its key."""
    found: dict[str, Part] = {}
    for one in judgements:
        key = match_key(one.query)
        if key not in known and key not in found:
            found[key] = "test" if is_held_back(key, one.entry_id, one.time) else "training"
    return found


def gather(
    published: Sequence[FaqEntry],
    drafted: Sequence[FaqEntry],
    judgements: Iterable[Judgement],
    parts: Mapping[str, Part],
) -> Lessons:
    """Collect the lessons of a FAQ; every judged query has a part.

    `drafted` is the working copy, or nothing where the FAQ is a file alone: a phrasing that an
    owner has taken out of it again is not learned. What else is edited there waits for its owner
    to publish it.
    """
    verdicts: dict[str, _Verdicts] = {}
    known = {entry.entry_id for entry in published}
    for one in judgements:
        found = verdicts.setdefault(match_key(one.query), _Verdicts(one.query))
        if one.entry_id is None:
            found.uncovered = True
        elif one.entry_id in known:
            (found.right if one.verdict == "right" else found.wrong).append(one.entry_id)
    learned = {key: one for key, one in verdicts.items() if parts[key] == "training"}
    tests = {key: one for key, one in verdicts.items() if parts[key] == "test"}
    entries = [*_with_phrasings(published, drafted, verdicts)]
    return Lessons(
        entries=tuple(entries),
        accepted=tuple(
            Accepted(one.query, entry_id, is_fitted(key))
            for key, one in learned.items()
            for entry_id in one.right
        ),
        wrong=tuple((one.query, entry_id) for one in learned.values() for entry_id in one.wrong),
        uncovered=tuple(one.query for one in learned.values() if one.uncovered),
        asked=tuple(
            HeldBack(one.query, tuple(one.right), tuple(one.wrong))
            for one in tests.values()
            if one.says_something
        ),
        held_back=tuple(sorted(key for key, part in parts.items() if part == "test")),
        added=sum(
            len({*entry.alternates} - {*before.alternates})
            for before, entry in zip(published, entries, strict=True)
        ),
        left_out=sum(not one.says_something for one in verdicts.values()),
    )


@dataclass(slots=True)
class _Verdicts:
    query: str
    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    uncovered: bool = False

    @property
    def says_something(self) -> bool:
        return bool(self.right or self.wrong or self.uncovered)


def _with_phrasings(
    published: Sequence[FaqEntry],
    drafted: Sequence[FaqEntry],
    verdicts: Mapping[str, _Verdicts],
) -> Iterable[FaqEntry]:
    """Yield what is published, with the accepted phrasings that it lacks, without refused ones."""
    accepted: dict[str, dict[str, str]] = {}
    refused: dict[str, set[str]] = {}
    for key, one in verdicts.items():
        for entry_id in one.right:
            accepted.setdefault(entry_id, {})[key] = one.query
        for entry_id in one.wrong:
            refused.setdefault(entry_id, set()).add(key)
    kept = {e.entry_id: e.alternates for e in drafted}
    for entry in published:
        wanted = accepted.get(entry.entry_id, {})
        # As they stand in the working copy, where there is one.
        found = kept.get(entry.entry_id, ()) if drafted else wanted.values()
        new = {match_key(text): text for text in found if match_key(text) in wanted}
        for text in entry.passages:
            new.pop(match_key(text), None)
        gone = refused.get(entry.entry_id, set())
        stays = tuple(text for text in entry.alternates if match_key(text) not in gone)
        yield replace(entry, alternates=(*stays, *new.values()))
