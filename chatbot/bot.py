"""From what a visitor typed to a reply."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace

from mundap.chatbot.live_bundle import Serving
from mundap.chatbot.reply import Explanation, Reply, Suggestion
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.small_talk import small_talk
from mundap.chatbot.two_questions import TwoQuestions
from mundap.index.bundle.bundle import Bundle
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import clean, hangul_only
from mundap.index.languages import Language
from mundap.index.query.language import is_foreign
from mundap.index.query.query_layer import Reading
from mundap.index.query.questions import leans, parting
from mundap.index.search.hit import Hit
from mundap.index.search.ranking import Ranking
from mundap.index.search.reranker import TOP, Reranker

# Other entries are offered from this share of the best score.
OFFERED = 0.6
# Beside an answer closer ones alone (figures: docs/page.md).
_CLOSE = 0.8
# With a don't-know entries are worth a look from this share of what offering them alone takes: of
# the FAQs of `benchmarks.usual_fit` that leaves 6% of covered queries without one instead of 8%,
# and gives one to 4 in 100 more that nothing answers.
_WORTH_A_LOOK = 0.9
_HANGUL = re.compile("[ㄱ-ㅎㅏ-ㅣ가-힣]+")


class Bot:
    """Answers queries from the live bundle; holds no conversation, so any thread may ask."""

    def __init__(
        self, live: Serving, settings: ChatSettings, reranker: Reranker | None = None
    ) -> None:
        self._live = live
        # As they are now: an owner may change them while the bot answers.
        self.settings = settings
        self._reranker = reranker

    @classmethod
    def of(cls, live: Serving, settings: ChatSettings) -> "Bot":
        """Return a bot with the reranker that the settings name, if any."""
        reranker = Reranker.load(settings.reranker) if settings.reranker else None
        return cls(live, settings, reranker)

    @property
    def waits(self) -> bool:
        """Whether a search waits for another machine: then nothing else is to wait for it."""
        return self._live.get().manifest.milvus is not None

    def reply(
        self,
        query: str,
        *,
        category: str | None = None,
        language: Language = "ko",
        previous: str | None = None,
    ) -> Reply:
        """Return the answer, a did-you-mean or a don't-know; never raises for any text.

        `category` limits the search to entries of that category; None searches all. What is said in
        English, as to a query in any language but Korean, is the entries' English where they have
        it. `previous` is what the visitor asked before: a question that cannot stand alone is read
        with it.
        """
        return self.explain(query, category=category, language=language, previous=previous).reply

    def explain(
        self,
        query: str,
        *,
        category: str | None = None,
        language: Language = "ko",
        suggestions: int | None = None,
        previous: str | None = None,
    ) -> Explanation:
        """Return what `reply` does and why; `suggestions` replaces the setting of that name."""
        begun = time.perf_counter()
        bundle = self._live.get()
        complaint = self._complaint(query, language)
        if complaint is not None:
            reply = Reply("unknown", complaint, bundle.manifest.generation)
            return Explanation(reply, None, bundle.confidence, _since(begun))
        count = self.settings.suggestions if suggestions is None else suggestions
        ranking = self._ranking(bundle, query, 1 + count, category)
        spoken = _language_of(query, ranking.reading, language)
        if previous and not ranking.is_exact and self._leans(query, previous):
            follow = self._read_with(bundle, previous, ranking, category)
            reply = self._followed(bundle, follow, previous, spoken, count, category)
            return Explanation(reply, follow, follow.judge(bundle.confidence), _since(begun))
        fixed = self._fixed(query, ranking, spoken, bundle.manifest.generation)
        reply = fixed or self._reply_with(bundle, ranking, spoken, count, category)
        return Explanation(reply, ranking, ranking.judge(bundle.confidence), _since(begun))

    def _read_with(
        self, bundle: Bundle, previous: str, alone: Ranking, category: str | None
    ) -> Ranking:
        """Rank a question that leans on the one before together with it.

        What that one asked comes first again, and is not asked twice: it goes, unless it named a
        topic alone. Where both readings agree on the first, what is known of it alone counts; else
        nobody knows how sure it is.
        """
        joined = f"{previous} {alone.reading.text}"
        both, before = bundle.retriever.rank(
            [joined, previous], len(alone.hits) + 1, category=category
        )
        is_topic = before.evidence is not None and before.evidence.single
        asked = set() if is_topic else {hit.entry_id for hit in before.hits[:1]}
        hits = tuple(hit for hit in both.hits if hit.entry_id not in asked)
        if hits and alone.hits and hits[0].entry_id == alone.hits[0].entry_id:
            # Together they are more than a topic.
            return replace(alone, evidence=alone.evidence and replace(alone.evidence, single=0.0))
        return replace(both, hits=hits, evidence=None)

    def _followed(
        self,
        bundle: Bundle,
        ranking: Ranking,
        previous: str,
        language: Language,
        count: int,
        category: str | None,
    ) -> Reply:
        """Return the reply to a question that was read with the one before."""
        texts = self.settings.texts(language)
        if ranking.kind(bundle.confidence) == "answer":
            reply = self._reply_with(bundle, ranking, language, count, category)
        elif ranking.hits:
            offered = _suggestions(ranking.hits[:count], language)
            generation = bundle.manifest.generation
            reply = Reply("suggest", texts.suggest, generation, suggestions=offered)
        else:
            reply = Reply("unknown", texts.unknown, bundle.manifest.generation)
        return replace(reply, read_with=previous)

    def _leans(self, query: str, previous: str) -> bool:
        """Return whether a query is to be read with the one before, which asked something."""
        asked = self._complaint(previous, "ko") is None and small_talk(previous) is None
        return asked and small_talk(query) is None and leans(clean(query))

    def _fixed(
        self, query: str, ranking: Ranking, language: Language, generation: int
    ) -> Reply | None:
        """Return what is said to a message that asks nothing, unless the FAQ knows it."""
        kind = small_talk(query)
        if kind is None or ranking.is_exact or not self.settings.small_talk:
            return None
        text = getattr(self.settings.texts(language), kind)
        return Reply("unknown" if kind == "filler" else "answer", text, generation)

    def search(self, query: str, k: int, *, category: str | None = None) -> tuple[int, list[Hit]]:
        """Return the generation and its k best hits, however low; none for a wordless query."""
        bundle = self._live.get()
        if self._complaint(query, "ko") is not None:
            return bundle.manifest.generation, []
        ranking = self._ranking(bundle, query, k, category)
        return bundle.manifest.generation, list(ranking.hits)

    def _ranking(self, bundle: Bundle, query: str, k: int, category: str | None) -> Ranking:
        if self._reranker is None:
            return bundle.retriever.rank_in_steps(query, k, category=category)
        ranking = bundle.retriever.rank([query], max(k, TOP), category=category)[0]
        reranked = self._reranker.rerank(ranking.reading.text, ranking.hits)
        return ranking.in_order_of([hit.entry_id for hit in reranked[:k]])

    def answer(self, entry_id: str, language: Language = "ko") -> Reply | None:
        """Return the answer of one entry, as a visitor who picked it wants it; None if gone."""
        bundle = self._live.get()
        entry = bundle.retriever.passages.find(entry_id)
        if entry is None:
            return None
        generation, question = bundle.manifest.generation, _question(entry, language)
        is_english = language == "en" and bool(entry.answer_en)
        text = entry.answer_en if is_english else entry.answer
        return Reply("answer", text, generation, entry_id, question, in_english=is_english)

    def categories(self) -> list[str]:
        """Return the categories of the FAQ in their order; empty when it has none."""
        return self._live.get().retriever.passages.category_names

    def example_questions(self, count: int = 4, *, language: Language = "ko") -> list[str]:
        """Return questions to start with, from as many different categories as there are."""
        entries = self._live.get().retriever.passages.examples(count)
        return [_question(entry, language) for entry in entries]

    def _complaint(self, query: str, language: Language) -> str | None:
        """Return why there is nothing to search for, or None."""
        texts, limit = self.settings.texts(language), self.settings.max_query_length
        # Before the clean-up, whose cost grows with the text.
        if len(query) > limit:
            return texts.too_long.format(length=len(query), limit=limit)
        text = clean(query)
        if not text:
            return texts.blank
        return None if any(char.isalnum() for char in text) else texts.wordless

    def _reply_with(
        self,
        bundle: Bundle,
        ranking: Ranking,
        language: Language,
        count: int,
        category: str | None,
    ) -> Reply:
        confidence, generation = ranking.judge(bundle.confidence), bundle.manifest.generation
        texts = self.settings.texts(language)
        sure, kind = ranking.certain(confidence), ranking.kind(confidence)
        parted = None
        if not ranking.is_exact:
            # Two more searches are worth it where nothing is sure, or two questions are plain.
            marked = kind != "suggest" or bundle.retriever.content is None
            text = ranking.reading.text
            parted = TwoQuestions.found(bundle, text, category, marked=marked)
        if parted is not None and count > 1 and parted.certain >= confidence.two:
            offered = _suggestions(_each_once([*parted.hits, *ranking.hits])[:count], language)
            return Reply("suggest", texts.two, generation, confidence=sure, suggestions=offered)
        if kind == "unknown":
            is_worth = ranking.clear(confidence) >= _WORTH_A_LOOK * confidence.suggest
            near = _suggestions(ranking.hits[:count] if is_worth else (), language)
            return Reply(kind, texts.unknown, generation, confidence=sure, suggestions=near)
        best = ranking.hits[0]
        # An entry far below the best deserves no button.
        shown = [hit for hit in ranking.hits if hit.score >= OFFERED * best.score]
        if kind == "suggest":
            assert ranking.evidence is not None
            if parted is not None and parted.clear >= confidence.suggest:
                shown = _each_once([best, *parted.hits, *shown])
            return Reply(
                kind,
                texts.topic if ranking.evidence.single else texts.suggest,
                generation,
                score=best.score,
                confidence=sure,
                suggestions=_suggestions(shown[:count], language),
            )
        # What may ask for two things gets the other one too.
        least = OFFERED if parting(ranking.reading.text) else _CLOSE
        close = [hit for hit in shown if hit.score >= least * best.score]
        is_english = language == "en" and bool(best.entry.answer_en)
        return Reply(
            kind,
            best.entry.answer_en if is_english else best.entry.answer,
            generation,
            best.entry_id,
            best.question,
            best.score,
            sure,
            _suggestions(close[1 : 1 + count], language),
            in_english=is_english,
        )


def _each_once(hits: Sequence[Hit]) -> list[Hit]:
    found: dict[str, Hit] = {}
    for hit in hits:
        found.setdefault(hit.entry_id, hit)
    return list(found.values())


def _language_of(query: str, reading: Reading, language: Language) -> Language:
    """Return the language to reply in: English to every other one than Korean.

    Hangul that a visitor did not type stands for loan words in other letters; or it is a wrong
    keyboard put right, and then all there is.
    """
    if hangul_only(query):
        return language
    return "en" if is_foreign(_HANGUL.sub(" ", reading.text)) else language


def _since(begun: float) -> float:
    """Return the milliseconds since a reading of `perf_counter`."""
    return 1000 * (time.perf_counter() - begun)


def _suggestions(hits: Sequence[Hit], language: Language) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(hit.entry_id, _question(hit.entry, language), hit.score) for hit in hits
    )


def _question(entry: FaqEntry, language: Language) -> str:
    return (language == "en" and entry.question_en) or entry.question
