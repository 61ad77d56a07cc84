"""Which entries an unanswered query may belong to, as what serves now ranks them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mundap.chatbot.live_bundle import LiveBundle
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.verdicts.judgements import refused
from mundap.index.korean.text import match_key

# Entries proposed for one query.
COUNT = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry that may answer a query, with the probability in [0, 1] that it is right.

    That is known of the first alone. `answers` says whether the chatbot gives it as its answer now.
    """

    entry_id: str
    question: str
    sure: float | None = None
    answers: bool = False


class Proposals:
    """Ranks queries in one thread: the analyser keeps memory for each that has used it."""

    def __init__(self, live: LiveBundle) -> None:
        self._live = live
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mundap-proposals")

    def of(
        self, queries: Sequence[str], copy: WorkingCopy, count: int = COUNT
    ) -> list[list[Proposal]]:
        """Return up to `count` entries for each query, best first.

        Left out is what is no longer in the FAQ, and what an owner said does not answer it.
        """
        return self._thread.submit(self._of, queries, copy, count).result()

    def _of(self, queries: Sequence[str], copy: WorkingCopy, count: int) -> list[list[Proposal]]:
        bundle = self._live.get()
        with copy.database.reading() as connection:
            not_these = refused(connection, queries)
        refusals = [not_these.get(match_key(query), set()) for query in queries]
        rankings = [
            bundle.retriever.rank_in_steps(query, count + len(refusal))
            for query, refusal in zip(queries, refusals, strict=True)
        ]
        entries = copy.some({hit.entry_id for ranking in rankings for hit in ranking.hits})
        found = []
        for ranking, refusal in zip(rankings, refusals, strict=True):
            answers = ranking.kind(bundle.confidence) == "answer"
            proposed = [
                Proposal(
                    hit.entry_id,
                    entries[hit.entry_id].question,
                    None if place else ranking.certain(bundle.confidence),
                    answers and not place,
                )
                for place, hit in enumerate(ranking.hits)
                if hit.entry_id in entries and hit.entry_id not in refusal
            ]
            found.append(proposed[:count])
        return found

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()
