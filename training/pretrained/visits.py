"""The batches that the encoder learns from."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mundap.training.pretrained.visitors import Asked, VisitedFaq


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries to be scored against all passages given."""

    queries: tuple[Asked, ...]
    passages: tuple[str, ...]


class Visits:
    """An endless, seeded stream of batches, each of one FAQ."""

    # A FAQ of one file is searched whole; of a larger one, one file and rows from elsewhere.
    _MOST = 60
    _BUNDLED_SHARE = 0.2
    # How often passages are the questions alone, or the answers alone.
    _QUESTIONS_SHARE, _ANSWERS_SHARE = 0.15, 0.1
    # How many queries are typed roughly: no spaces, a syllable gone or in the wrong place.
    _ROUGH_SHARE = 0.15
    _WIDE = 6

    def __init__(self, faqs: Sequence[VisitedFaq], bundled: VisitedFaq, seed: int) -> None:
        self._faqs = list(faqs)
        self._bundled = bundled
        self._chance = random.Random(seed)
        self._waiting: dict[tuple[str, int], list[Asked]] = {}

    def __iter__(self) -> Iterator[Batch]:
        while True:
            order = self._chance.sample(self._faqs, len(self._faqs))
            every = round(1 / self._BUNDLED_SHARE) - 1
            for place, faq in enumerate(order, 1):
                yield self._batch(faq, range(len(faq.entries)))
                if place % every == 0:
                    yield self._batch(self._bundled, self._some_of(self._bundled))

    def _some_of(self, faq: VisitedFaq) -> Sequence[int]:
        near = self._chance.choice(faq.near)
        others = sorted(set(range(len(faq.entries))) - set(near))
        return [*near, *self._chance.sample(others, max(0, self._MOST - len(near)))]

    def _batch(self, faq: VisitedFaq, rows: Sequence[int]) -> Batch:
        place = {row: at for at, row in enumerate(rows)}
        queries = [Asked(self._typed(self._next(faq, row)), (place[row],)) for row in rows]
        wide = self._chance.sample(faq.wide, min(self._WIDE, len(faq.wide)))
        queries += [Asked(one.text, tuple(place[row] for row in one.rows)) for one in wide]
        texts = self._view(faq)
        return Batch(tuple(queries), tuple(texts[row] for row in rows))

    def _view(self, faq: VisitedFaq) -> Sequence[str]:
        chance = self._chance.random()
        if chance < self._QUESTIONS_SHARE:
            return [entry.question for entry in faq.entries]
        if chance < self._QUESTIONS_SHARE + self._ANSWERS_SHARE:
            return [entry.answer for entry in faq.entries]
        return faq.passages

    def _typed(self, query: Asked) -> str:
        """Return a query's text, now and then as hurried fingers would leave it."""
        text = query.text
        if len(text) < 6 or self._chance.random() >= self._ROUGH_SHARE:
            return text
        if self._chance.random() < 1 / 3:
            return text.replace(" ", "")
        at = self._chance.randrange(len(text) - 1)
        pair = text[at : at + 2]
        return text[:at] + self._chance.choice((pair[::-1], pair[1])) + text[at + 2 :]

    def _next(self, faq: VisitedFaq, row: int) -> Asked:
        """Return a query of an entry, each as often as any other of the same entry."""
        waiting = self._waiting.setdefault((faq.name, row), [])
        if not waiting:
            asked = (*faq.queries, *faq.followup)
            waiting += [query for query in asked if query.rows == (row,)]
            # An entry that nobody asked for is asked for in its own words.
            waiting += [Asked(faq.entries[row].question, (row,))] if not waiting else []
            self._chance.shuffle(waiting)
        return waiting.pop()
