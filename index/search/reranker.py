"""A second look at the first hits: a cross-encoder reads the query with each of them."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mundap.index.similarity.pair_encoder import Closeness, PairEncoder, load_pair_encoder

if TYPE_CHECKING:
    from mundap.index.search.hit import Hit

_LOG = logging.getLogger(__name__)

# Cost grows with their number: 20 pairs of 32 tokens took a BERT of base size 3.3 s on two busy
# cores.
TOP = 10
# Seconds; beyond them a visitor is better served by the first order.
DEADLINE = 1.0


class Reranker:
    """Reorders the first `top` hits of a query; hits as they came where it fails or is late.

    One comparison runs at a time, on a thread of its own, as threads of torch would only take
    each other's cores. Safe to call from many threads.
    """

    def __init__(
        self, pair_encoder: PairEncoder, *, top: int = TOP, deadline: float = DEADLINE
    ) -> None:
        if top < 1:
            raise ValueError(f"top is {top}; wanted at least 1 hit to rerank.")
        if not deadline > 0:
            raise ValueError(f"deadline is {deadline}; wanted more than 0 seconds.")
        self._pair_encoder = pair_encoder
        self._top = top
        self._deadline = deadline
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reranker")
        self._overdue: Future[Closeness] | None = None
        self._told: set[str] = set()

    @classmethod
    def load(
        cls, path_or_name: str | Path, *, top: int = TOP, deadline: float = DEADLINE
    ) -> "Reranker":
        """Load what `load_pair_encoder` takes, weights included, so that no query waits for them.

        Raises EncoderError with the reason when nothing can be loaded.
        """
        pair_encoder = load_pair_encoder(path_or_name)
        pair_encoder.closeness([("환불 되나요?", "환불 가능한가요?")])
        return cls(pair_encoder, top=top, deadline=deadline)

    @property
    def fingerprint(self) -> str:
        """That of the pair encoder."""
        return self._pair_encoder.fingerprint

    def rerank(self, query: str, hits: "Sequence[Hit]") -> "list[Hit]":
        """Return the same hits, the first `top` by how close `query` is to their question.

        Their score becomes that closeness (a share in [0, 1]; of a `CosineEncoder` a cosine).
        Hits after them keep their order and are lowered by one constant, to stay below. On a
        failure, or after `deadline` seconds, hits return unchanged, and the reason is logged,
        once for each kind of reason.
        """
        first, rest = list(hits[: self._top]), list(hits[self._top :])
        if not first:
            return []
        try:
            closeness = self._compare([(query, hit.question) for hit in first])
            scored = [
                replace(hit, score=float(value))
                for hit, value in zip(first, closeness, strict=True)
            ]
        except Exception as error:  # a visitor is better served by the first order than by none
            self._tell(error)
            return list(hits)
        scored.sort(key=lambda hit: (hit.score, hit.entry_id), reverse=True)
        return scored + _lowered(rest, below=scored[-1].score)

    def _compare(self, pairs: list[tuple[str, str]]) -> Closeness:
        """Raises TimeoutError when late, at once while a late comparison still runs."""
        if self._overdue is not None and not self._overdue.done():
            raise TimeoutError
        future = self._worker.submit(self._pair_encoder.closeness, pairs)
        try:
            return future.result(timeout=self._deadline)
        except TimeoutError:
            if not future.cancel():  # it runs, and nothing can stop it
                self._overdue = future
            raise

    def _tell(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind in self._told:
            return
        self._told.add(kind)
        reason = str(error) or f"no answer within {self._deadline} s"
        _LOG.warning(
            "Reranking left out: %s. Hits keep their first order; this is not logged again.",
            reason.rstrip("."),
            # `fields` is what the service's JSON log shows beside the message.
            extra={"fields": {"event": "rerank_failed", "kind": kind, "reason": reason}},
        )


def _lowered(rest: "list[Hit]", *, below: float) -> "list[Hit]":
    if not rest or rest[0].score < below:
        return rest
    # A hair below: equal scores would be ordered by their ids.
    shift = rest[0].score - below + 1e-6
    return [replace(hit, score=hit.score - shift) for hit in rest]
