"""From what a visitor typed to a reply."""

import time
from collections.abc import Sequence

from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.reply import Explanation, Reply, Suggestion
from mundap.chatbot.settings import ChatSettings, Language
from mundap.index.bundle.bundle import Bundle
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import clean
from mundap.index.search.hit import Hit
from mundap.index.search.reranker import TOP, Reranker
from mundap.index.search.retriever import Ranking

# Other entries are offered from this share of the best score.
OFFERED = 0.6


class Bot:
    """Answers queries from the live bundle; holds no conversation, so any thread may ask."""

    def __init__(
        self, live: LiveBundle, settings: ChatSettings, reranker: Reranker | None = None
    ) -> None:
        self._live = live
        self._settings = settings
        self._reranker = reranker

    @classmethod
    def of(cls, live: LiveBundle, settings: ChatSettings) -> "Bot":
        """Return a bot with the reranker that the settings name, if any."""
        reranker = Reranker.load(settings.reranker) if settings.reranker else None
        return cls(live, settings, reranker)

    def reply(self, query: str, *, category: str | None = None, language: Language = "ko") -> Reply:
        """Return the answer, a did-you-mean or a don't-know; never raises for any text.

        `category` limits the search to entries of that category; None searches all.
        """
        return self.explain(query, category=category, language=language).reply

    def explain(
        self,
        query: str,
        *,
        category: str | None = None,
        language: Language = "ko",
        suggestions: int | None = None,
    ) -> Explanation:
        """Return what `reply` does and why; `suggestions` replaces the setting of that name."""
        begun = time.perf_counter()
        bundle = self._live.get()
        complaint = self._complaint(query, language)
        if complaint is not None:
            reply = Reply("unknown", complaint, bundle.manifest.generation)
            return Explanation(reply, None, bundle.confidence, _since(begun))
        count = self._settings.suggestions if suggestions is None else suggestions
        ranking = self._ranking(bundle, query, 1 + count, category)
        reply = self._reply_with(bundle, ranking, language, count)
        return Explanation(reply, ranking, bundle.confidence, _since(begun))

    def search(self, query: str, k: int, *, category: str | None = None) -> tuple[int, list[Hit]]:
        """Return the generation and its k best hits, however low; none for a wordless query."""
        bundle = self._live.get()
        if self._complaint(query, "ko") is not None:
            return bundle.manifest.generation, []
        ranking = self._ranking(bundle, query, k, category)
        return bundle.manifest.generation, list(ranking.hits)

    def _ranking(self, bundle: Bundle, query: str, k: int, category: str | None) -> Ranking:
        if self._reranker is None:
            return bundle.retriever.rank([query], k, category=category)[0]
        ranking = bundle.retriever.rank([query], max(k, TOP), category=category)[0]
        reranked = self._reranker.rerank(ranking.reading.text, ranking.hits)
        return ranking.in_order_of([hit.entry_id for hit in reranked[:k]])

    def answer(self, entry_id: str) -> Reply | None:
        """Return the answer of one entry, as a visitor who picked it wants it; None if gone."""
        bundle = self._live.get()
        entry = next((entry for entry in bundle.entries if entry.entry_id == entry_id), None)
        if entry is None:
            return None
        generation = bundle.manifest.generation
        return Reply("answer", entry.answer, generation, entry_id, entry.question)

    def categories(self) -> list[str]:
        """Return the categories of the FAQ in their order; empty when it has none."""
        entries = self._live.get().entries
        return list(dict.fromkeys(entry.category for entry in entries if entry.category))

    def example_questions(self, count: int = 4) -> list[str]:
        """Return questions to start with, from as many different categories as there are."""
        return [entry.question for entry in _spread(self._live.get().entries)[:count]]

    def _complaint(self, query: str, language: Language) -> str | None:
        """Return why there is nothing to search for, or None."""
        texts, limit = self._settings.texts(language), self._settings.max_query_length
        # Before the clean-up, whose cost grows with the text.
        if len(query) > limit:
            return texts.too_long.format(length=len(query), limit=limit)
        text = clean(query)
        if not text:
            return texts.blank
        return None if any(char.isalnum() for char in text) else texts.wordless

    def _reply_with(
        self, bundle: Bundle, ranking: Ranking, language: Language, suggestions: int
    ) -> Reply:
        texts, generation = self._settings.texts(language), bundle.manifest.generation
        sure = bundle.confidence.probability(ranking.evidence)
        kind = bundle.confidence.kind(sure)
        if kind == "unknown":
            return Reply(kind, texts.unknown, generation, confidence=sure)
        best = ranking.hits[0]
        # An entry far below the best deserves no button.
        shown = [hit for hit in ranking.hits if hit.score >= OFFERED * best.score]
        if kind == "suggest":
            offered = _suggestions(shown[:suggestions])
            return Reply(
                kind,
                texts.suggest,
                generation,
                score=best.score,
                confidence=sure,
                suggestions=offered,
            )
        return Reply(
            kind,
            best.entry.answer,
            generation,
            best.entry_id,
            best.question,
            best.score,
            sure,
            _suggestions(shown[1:]),
        )


def _since(begun: float) -> float:
    """Return the milliseconds since a reading of `perf_counter`."""
    return 1000 * (time.perf_counter() - begun)


def _suggestions(hits: Sequence[Hit]) -> tuple[Suggestion, ...]:
    return tuple(Suggestion(hit.entry_id, hit.entry.question, hit.score) for hit in hits)


def _spread(entries: Sequence[FaqEntry]) -> list[FaqEntry]:
    """Order entries so that the first of each category come first, then the rest."""
    first = {entry.category: entry for entry in reversed(entries)}
    leading = [entry for entry in entries if first[entry.category] is entry]
    return leading + [entry for entry in entries if first[entry.category] is not entry]
