"""Fits the confidence of a FAQ, and says how it will do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mundap.evaluation.fit.apart import rank_apart
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.fit.reduction import own_phrasings
from mundap.evaluation.queries import Query
from mundap.index.korean.text import match_key
from mundap.index.search.confidence import Confidence
from mundap.index.search.evidence import SHOWN
from mundap.index.search.retriever import Retriever

# Fewer queries of a kind than this tell too little to fit on.
FEWEST = 50
# Where a pretrained encoder reads a FAQ and few queries out of scope are given, such as are far
# from any FAQ stand in for them, and this share of visitors is taken to ask what the FAQ answers.
# Asked without their answer, its phrasings would teach it to be silent: of 700 phrasings held back
# the bundled FAQ, with 200 others, then answered 9% rightly instead of 33%; unfitted 27%.
_USUALLY_IN_SCOPE = 0.8
# Fewer right hits than a fit has folds cannot be parted into them.
_FEWEST_RIGHT = 5


@dataclass(frozen=True, slots=True)
class CalibrationConfig:
    """What an owner wants of the confidence; raises ValueError where it makes no sense."""

    # An answer is given when it is right this often; None is what is usual.
    target_accuracy: float | None = None
    # Share of visitors' queries that the FAQ can answer; None is that of the given queries, or else
    # half: the accuracy promised then holds even where every second question is strange. With a
    # pretrained encoder it is four in five.
    in_scope_share: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("target_accuracy", "in_scope_share"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise ValueError(f"{name} is {value}; wanted above 0 and below 1.")


def fit_confidence(
    retriever: Retriever,
    *,
    queries: Sequence[Query] = (),
    out_of_scope: Sequence[str] = (),
    far: Sequence[str] = (),
    config: CalibrationConfig | None = None,
) -> Confidence:
    """Fit the probability that the best hit is right, on the FAQ's own phrasings or what is given.

    At least 50 `queries` with known answers, which are asked as new ones even where they are
    alternates (`rank_apart`), take the place of phrasings left out, at least 50
    texts `out_of_scope` that of phrasings asked without their answer. Those are all close to
    the FAQ's subject, so texts `far` from any FAQ have half the weight beside them. A FAQ with
    too little of a kind comes back with the default fit and the reason; so does one that a
    pretrained encoder reads where no queries are given. Of such a FAQ no phrasing is asked without
    its answer: texts `far` from any FAQ join those out of scope where these are few.
    """
    config = config or CalibrationConfig()
    usual = retriever.usual_confidence()
    target = usual.answer if config.target_accuracy is None else config.target_accuracy
    said = {"seed": config.seed, "target_accuracy": target}
    if retriever.content is not None and len(queries) < FEWEST:
        # Of phrasings left out it learns to be silent: what holds across FAQs knows better.
        given_few = f"Fewer than {FEWEST} queries were given to fit on."
        return replace(usual, answer=target, fit={"reason": given_few, **said})
    inside, outside, sources = _judged(retriever, queries, out_of_scope, far, config.seed)
    sources |= said
    if reason := _too_little(inside, outside):
        return replace(usual, answer=target, fit={"reason": reason, **sources})
    share = config.in_scope_share
    if share is None:
        given = sources["in_scope"] == sources["out_of_scope"] == "given"
        other = 0.5 if retriever.content is None else _USUALLY_IN_SCOPE
        share = len(inside) / (len(inside) + len(outside[0])) if given else other
    # With it come scipy and scikit-learn, a second of the processor: most FAQs fit nothing.
    from mundap.evaluation.fit.fitted import fitted

    kinds = [inside, *outside]
    shares = [share, *[(1 - share) / len(outside)] * len(outside)]
    judged = sum(kinds, Judged.none())
    weights = np.concatenate(
        [np.full(len(kind), part / len(kind)) for kind, part in zip(kinds, shares, strict=True)]
    )
    sources |= {"in_scope_share": round(share, 4)}
    usual = replace(usual, answer=target, encoder=retriever.encoder.fingerprint)
    return fitted(judged, weights * len(judged), usual, config.seed, sources)


def _too_little(inside: Judged, outside: Sequence[Judged]) -> str | None:
    """Return why these queries are not enough to fit on, or None."""
    if len(inside) < FEWEST or sum(map(len, outside)) < FEWEST:
        return f"Fewer than {FEWEST} queries in scope or out of scope to fit on."
    if inside.correct.sum() < _FEWEST_RIGHT:
        return f"Fewer than {_FEWEST_RIGHT} queries whose best hit is right to fit on."
    return None


def _judged(
    retriever: Retriever,
    queries: Sequence[Query],
    out_of_scope: Sequence[str],
    far: Sequence[str],
    seed: int,
) -> tuple[Judged, list[Judged], dict[str, Any]]:
    """Return queries in scope, kinds of queries out of scope of equal weight, and their sources."""
    given, given_outside = len(queries) >= FEWEST, len(out_of_scope) >= FEWEST
    reads = retriever.content is not None
    own, without_answer = Judged.none(), Judged.none()
    if not (given and (given_outside or reads)):
        own, without_answer = own_phrasings(retriever, seed)
    inside = _apart(retriever, queries) if given else own
    source = "answers left out"
    if given_outside:
        source, kinds = "given", [Judged.out_of_scope(retriever, out_of_scope)]
    elif reads:
        source = "given, and far from any FAQ"
        kinds = [Judged.out_of_scope(retriever, [*out_of_scope, *far])]
    else:
        kinds = [without_answer, Judged.out_of_scope(retriever, far)]
    # Queries in another language are judged by what is usual for them.
    inside = inside.without_foreign()
    outside = [ours for kind in kinds if len(ours := kind.without_foreign())]
    sources = {
        "in_scope": "given" if given else "phrasings left out",
        "out_of_scope": source,
        "n_in_scope": len(inside),
        "n_out_of_scope": sum(map(len, outside)),
    }
    return inside, outside, sources


def _apart(retriever: Retriever, queries: Sequence[Query]) -> Judged:
    """Judge queries as new ones: one that is an alternate would find itself."""
    answers = {e.entry_id: match_key(e.answer) for e in retriever.passages.entries}
    rankings = rank_apart(retriever, [query.text for query in queries], SHOWN)
    return Judged.of(rankings, [{answers[query.entry_id]} for query in queries])
