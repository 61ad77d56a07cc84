"""Fit the weights of `index/query/slip.py`: which repairs mend a question, and which spoil it.

python -m benchmarks.slips

Candidates of the speller, from the development queries of the bundled FAQ, clean and with two
seeds of slips, and from pairs of questions with one meaning (songys/Question_pair): the first
of each is indexed, the second asked. A candidate is right where it gives back the question, or
at least its content words; of a clean question none is. What changes no content word is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from benchmarks.result import data_dir
from mundap.evaluation.perturbations import perturbed
from mundap.evaluation.queries import read_queries
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_forms
from mundap.index.korean.text import clean
from mundap.index.query.slip import Clues
from mundap.index.query.spelling import Speller
from mundap.index.query.vocabulary import Vocabulary

KINDS = ("neighbouring key", "wrong letter")
SEEDS = (101, 102)
# Of the second questions of pairs: asked clean, and with slips.
CLEAN, CARELESS = 1500, 500
# Weighed for each suspect; the speller itself takes fewer.
COUNT = 12

Row = tuple[tuple[float, ...], bool]


def rows(speller: Speller, question: str, typed: str) -> Iterator[Row]:
    """Yield the clues of each candidate for the words of `typed`, and whether it is right."""
    meant, before = content_forms(question), content_forms(typed)
    for suspect in speller.suspects(typed):
        for word, clues in speller.weighed(typed, suspect, COUNT).items():
            after = typed[: suspect.start] + word + typed[suspect.end :]
            content = content_forms(after)
            if content != before:
                yield astuple(clues), typed != question and content == meant


def examples(speller: Speller, clean_ones: Sequence[str], careless: Sequence[str]) -> list[Row]:
    """Return the rows of questions as they are and of questions with slips."""
    found = [row for text in clean_ones for row in rows(speller, text, text)]
    for kind in KINDS:
        for seed in SEEDS:
            for text in careless:
                found += rows(speller, text, perturbed(text, kind, seed))
    return found


def speller_of(entries: Sequence[FaqEntry]) -> Speller:
    """Return the speller of a FAQ."""
    passages = Passages.of(entries)
    return Speller.of(Vocabulary.of(passages), passages)


def bundled() -> list[Row]:
    """Return the rows of the bundled FAQ."""
    queries = read_queries(Path("data/development_queries.csv"))
    texts = [clean(query.text) for query in queries]
    return examples(speller_of(read_faq(Path("data/faq"))), texts, texts)


def pairs() -> list[Row]:
    """Return the rows of pairs of questions with one meaning."""
    table = pd.read_parquet(data_dir() / "question_pair_train.parquet")
    same = table[(table.is_different == 0) & (table.question1 != table.question2)]
    indexed = list(dict.fromkeys(map(clean, same.question1)))
    asked = [text for text in dict.fromkeys(map(clean, same.question2)) if text not in set(indexed)]
    Random(0).shuffle(asked)
    entries = [FaqEntry(f"q{row}", text, "-") for row, text in enumerate(indexed)]
    return examples(speller_of(entries), asked[:CLEAN], asked[:CARELESS])


def main() -> None:
    """Print the weights and the bias."""
    found = [*bundled(), *pairs()]
    clues = np.array([values for values, _ in found], dtype=np.float64)
    fit = LogisticRegression(max_iter=5000).fit(clues, [is_right for _, is_right in found])
    print(f"{len(found):,} candidates, {sum(is_right for _, is_right in found):,} of them right")
    for field, weight in zip(fields(Clues), fit.coef_[0], strict=True):
        print(f"{field.name:22} {weight:.2f}")
    print(f"{'bias':22} {fit.intercept_[0]:.2f}")


if __name__ == "__main__":
    main()
