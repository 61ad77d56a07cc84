"""Problems of a FAQ that only an encoder sees: questions of different answers too close."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder, Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.problems import MENDING, FaqProblem, find_problems
from mundap.index.korean.text import match_key

# Cosines of the embedded encoder: above this two questions differ in spacing, particles or an
# ending, and two answers say the same.
SAME = 0.97
# Above this, over the bundled FAQ, one word parts two questions (35 pairs among 365 entries).
CONFUSABLE = 0.85
# Cosines held at once: 16 MB.
_BLOCK = 2**22


class LintError(ValueError):
    """A FAQ cannot be looked through as asked."""


def lint(
    entries: Sequence[FaqEntry], encoder: Encoder, *, confusable: float = CONFUSABLE
) -> list[FaqProblem]:
    """Return every problem, in the order in which to mend them; the closest pairs first.

    `confusable` is the least cosine of two questions with different answers to name.
    """
    if not 0 < confusable <= SAME:
        raise LintError(f"the least cosine is {confusable}; wanted above 0 and at most {SAME}.")
    plain = find_problems(entries)
    told = {frozenset(problem.entry_ids) for problem in plain if problem.kind == "contradiction"}
    close = [
        problem
        for problem in _close_pairs(Passages.of(entries), encoder, confusable)
        if frozenset(problem.entry_ids) not in told
    ]
    return sorted(
        [*plain, *close],
        key=lambda problem: (
            MENDING.index(problem.kind),
            -(problem.cosine or 2.0),
            problem.entry_ids,
        ),
    )


def _close_pairs(passages: Passages, encoder: Encoder, confusable: float) -> list[FaqProblem]:
    vectors = encoder.encode(passages.texts)
    if passages.english is not None:
        # "How do I" is what most of these share, and their Korean is compared.
        vectors = vectors * ~passages.english[:, None]
    closest: dict[tuple[int, int], tuple[float, int, int]] = {}
    for row, other, cosine in _close_rows(vectors, passages, confusable):
        pair = int(passages.owners[row]), int(passages.owners[other])
        if cosine > closest.get(pair, (-1.0, 0, 0))[0]:
            closest[pair] = cosine, row, other
    entries = passages.entries
    different = {
        pair: found
        for pair, found in closest.items()
        # One answer in two entries is told already.
        if match_key(entries[pair[0]].answer) != match_key(entries[pair[1]].answer)
    }
    # Of an entry that is close to several the answer is encoded once: that takes most of the time.
    close = [pair for pair, (cosine, *_) in different.items() if cosine >= SAME]
    answers = list(dict.fromkeys(entries[place].answer for pair in close for place in pair))
    vectors_of = dict(zip(answers, encoder.encode(answers), strict=True))
    return [
        _problem(
            (entries[first], entries[second]),
            (passages.texts[row], passages.texts[other]),
            cosine,
            vectors_of,
        )
        for (first, second), (cosine, row, other) in different.items()
    ]


def _close_rows(
    vectors: Vectors, passages: Passages, least: float
) -> Iterator[tuple[int, int, float]]:
    """Yield rows of two entries, the lower first, whose cosine is at least `least`."""
    size = max(1, _BLOCK // len(vectors))
    for start in range(0, len(vectors), size):
        cosines = vectors[start : start + size] @ vectors.T
        rows, others = np.nonzero(cosines >= least)
        apart = passages.owners[start + rows] < passages.owners[others]
        for row, other in zip(rows[apart].tolist(), others[apart].tolist(), strict=True):
            # Beyond four digits it depends on the size of the block.
            yield start + row, other, round(min(1.0, float(cosines[row, other])), 4)


def _problem(
    entries: tuple[FaqEntry, FaqEntry],
    texts: tuple[str, str],
    cosine: float,
    answers: Mapping[str, NDArray[np.float32]],
) -> FaqProblem:
    ids = entries[0].entry_id, entries[1].entry_id
    met = f"{texts[0]!r} and {texts[1]!r} have cosine {cosine:.2f}"
    if cosine < SAME:
        mend = "Say in each what sets it apart, or add phrasings of both that do."
        return FaqProblem("confusable", ids, f"{met} and different answers", mend, texts, cosine)
    one, two = entries
    if float(answers[one.answer] @ answers[two.answer]) >= SAME:
        mend = "Keep one entry and make the other's phrasings its alternates."
        return FaqProblem("duplicate", ids, f"{met}, their answers too", mend, texts, cosine)
    mend = "Decide which answer is right, or say in each question what sets it apart."
    return FaqProblem("contradiction", ids, f"{met} and different answers", mend, texts, cosine)
