"""Which entries an unanswered query may belong to, as what serves now ranks them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mundap.chatbot.live_bundle import LiveBundle
from mundap.feedback.editing.working_copy import WorkingCopy

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
        """Return up to `count` entries for each query, best first, that are still in the FAQ."""
        return self._thread.submit(self._of, queries, copy, count).result()

    def _of(self, queries: Sequence[str], copy: WorkingCopy, count: int) -> list[list[Proposal]]:
        bundle = self._live.get()
        found = []
        for query in queries:
            ranking = bundle.retriever.rank_in_steps(query, count)
            answers = ranking.kind(bundle.confidence) == "answer"
            proposed = [
                Proposal(
                    hit.entry_id,
                    entry.question,
                    None if place else ranking.certain(bundle.confidence),
                    answers and not place,
                )
                for place, hit in enumerate(ranking.hits)
                if (entry := copy.entry(hit.entry_id)) is not None
            ]
            found.append(proposed)
        return found

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()
