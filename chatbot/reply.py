"""What the bot says to one query."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from mundap.feedback.exchanges.exchange import Channel, Exchange, ExchangeKind
from mundap.index.languages import Language
from mundap.index.search.confidence import Confidence, ReplyKind
from mundap.index.search.hit import Hit
from mundap.index.search.ranking import Ranking
from mundap.index.search.reasons import Reasons

_HANGUL, _LATIN = re.compile("[ㄱ-ㅎㅏ-ㅣ가-힣]"), re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry the visitor may have meant, offered by its question."""

    entry_id: str
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, complete: a page or an API shows it without asking again.

    `text` is the answer for kind "answer", else a sentence to the visitor. `question` is the
    stored phrasing that matched, `score` its fused score and `confidence` the probability that
    it is right; None where they say nothing. `suggestions` are other entries, best first.
    `generation` numbers the bundle that replied. `read_with` is the visitor's question before,
    where this one was read together with it. `in_english` says that the answer is the English one
    of its entry.
    """

    kind: ReplyKind
    text: str
    generation: int
    entry_id: str | None = None
    question: str | None = None
    score: float | None = None
    confidence: float | None = None
    suggestions: tuple[Suggestion, ...] = ()
    read_with: str | None = None
    in_english: bool = False

    @property
    def language(self) -> Language | None:
        """The language of `text`, as a screen reader is to speak it; None where no letter tells."""
        if _HANGUL.search(self.text) and not self.in_english:
            return "ko"
        return "en" if _LATIN.search(self.text) else None

    def exchange(
        self,
        request_id: str,
        channel: Channel,
        query: str,
        *,
        reading: str = "",
        category: str | None = None,
        kind: ExchangeKind | None = None,
        milliseconds: float | None = None,
        conversation: str | None = None,
        language: str | None = None,
    ) -> Exchange:
        """Return the record of this reply to `query`, given just now."""
        return Exchange(
            request_id=request_id,
            time=datetime.now(UTC),
            channel=channel,
            query=query,
            reading=reading,
            category=category,
            kind=kind or self.kind,
            entry_id=self.entry_id,
            score=self.score,
            confidence=self.confidence,
            candidates=tuple(item.entry_id for item in self.suggestions),
            generation=self.generation,
            milliseconds=milliseconds,
            conversation=conversation,
            language=language,
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reply with the ranking it was chosen from and the thresholds that chose it.

    `ranking` is None where there was nothing to search for; finding all that took `milliseconds`.
    """

    reply: Reply
    ranking: Ranking | None
    confidence: Confidence
    milliseconds: float

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What was found, best first."""
        return self.ranking.hits if self.ranking is not None else ()

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the repairs of the query; its text is not among them."""
        if self.ranking is None:
            return ()
        return tuple(step.name for step in self.ranking.reading.steps)

    def exchange(
        self,
        request_id: str,
        channel: Channel,
        query: str,
        category: str | None,
        *,
        conversation: str | None,
        language: str,
    ) -> Exchange:
        """Return the record of this reply to `query`, given just now."""
        return self.reply.exchange(
            request_id,
            channel,
            query,
            reading="" if self.ranking is None else self.ranking.reading.text,
            category=category,
            milliseconds=self.milliseconds,
            conversation=conversation,
            language=language,
        )

    def reasons(self) -> Reasons | None:
        """Return why the first hit came first; None where nothing was found."""
        return Reasons.of(self.ranking) if self.ranking is not None else None
