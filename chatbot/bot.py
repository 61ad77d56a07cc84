"""From what a visitor typed to a reply."""

from collections.abc import Sequence

from chatbot.live_bundle import LiveBundle
from chatbot.reply import Explanation, Reply, Suggestion
from chatbot.settings import ChatSettings, Language
from index.bundle import Bundle
from index.faq import FaqEntry
from index.retriever import Hit
from index.text import clean


class Bot:
    """Answers queries from the live bundle; holds no conversation, so any thread may ask."""

    def __init__(self, live: LiveBundle, settings: ChatSettings) -> None:
        self._live = live
        self._settings = settings

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
        bundle = self._live.get()
        complaint = self._complaint(query, language)
        if complaint is not None:
            reply = Reply("unknown", complaint, bundle.manifest.generation)
            return Explanation(reply, (), bundle.confidence)
        count = self._settings.suggestions if suggestions is None else suggestions
        hits = bundle.retriever.search([query], 1 + count, category=category)[0]
        reply = self._reply_with(bundle, hits, language, count)
        return Explanation(reply, tuple(hits), bundle.confidence)

    def search(self, query: str, k: int, *, category: str | None = None) -> tuple[int, list[Hit]]:
        """Return the generation and its k best hits, however low; none for a wordless query."""
        bundle = self._live.get()
        if self._complaint(query, "ko") is not None:
            return bundle.manifest.generation, []
        hits = bundle.retriever.search([query], k, category=category)[0]
        return bundle.manifest.generation, hits

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
        self, bundle: Bundle, hits: Sequence[Hit], language: Language, suggestions: int
    ) -> Reply:
        texts, generation = self._settings.texts(language), bundle.manifest.generation
        kind = bundle.confidence.kind(hits[0].score) if hits else "unknown"
        if kind == "unknown":
            return Reply(kind, texts.unknown, generation)
        best = hits[0]
        # An entry that no one would be shown alone deserves no button either.
        shown = [hit for hit in hits if hit.score >= bundle.confidence.suggest]
        if kind == "suggest":
            offered = _suggestions(shown[:suggestions])
            return Reply(kind, texts.suggest, generation, score=best.score, suggestions=offered)
        return Reply(
            kind,
            best.entry.answer,
            generation,
            best.entry_id,
            best.question,
            best.score,
            _suggestions(shown[1:]),
        )


def _suggestions(hits: Sequence[Hit]) -> tuple[Suggestion, ...]:
    return tuple(Suggestion(hit.entry_id, hit.entry.question, hit.score) for hit in hits)


def _spread(entries: Sequence[FaqEntry]) -> list[FaqEntry]:
    """Order entries so that the first of each category come first, then the rest."""
    first = {entry.category: entry for entry in reversed(entries)}
    leading = [entry for entry in entries if first[entry.category] is entry]
    return leading + [entry for entry in entries if first[entry.category] is not entry]
