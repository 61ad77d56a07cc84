"""The files that a run learns from, as the command line names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.faq.table import read_table
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import Pair, PairError, PairKinds, pairs_from_faq, read_pairs
from mundap.training.data.sentence_pairs import NLI_COLUMNS, read_nli, triplets
from mundap.training.data.split import Split


@dataclass(frozen=True, slots=True)
class Sources:
    """Files of one kind of data; the columns are those of FAQs."""

    paths: tuple[Path, ...]
    question_column: str | None = None
    answer_column: str | None = None
    merge_answers: bool = False

    def questions(self, config: TrainingConfig, kinds: PairKinds) -> Split:
        """Read FAQs, pairs (anchor, positive, ...) or NLI (premise, hypothesis, label).

        One FAQ holds out whole entries; pairs and several files hold out groups of pairs.
        """
        pairs = [pair for path in self.paths for pair in self._pairs(path, config.seed, kinds)]
        if not pairs:
            raise PairError(
                f"{self.paths[0]}: no question has alternates, and only phrasings are paired here. "
                "Add other phrasings of the questions."
            )
        if len(self.paths) == 1 and self._kind(self.paths[0]) == "faq":
            return Split.of_faq(self._faq(self.paths[0]), config, kinds)
        return Split.of_pairs(pairs, config)

    def _pairs(self, path: Path, seed: int, kinds: PairKinds) -> list[Pair]:
        kind = self._kind(path)
        if kind == "pairs":
            return read_pairs(path)
        if kind == "nli":
            return triplets(read_nli(path), path)
        return pairs_from_faq(self._faq(path), seed=seed, kinds=kinds)

    def _kind(self, path: Path) -> str:
        """Tell by any column of its kind, so that an error names the one that is missing."""
        columns = set(read_table(path).columns)
        if self.question_column is None and "anchor" in columns:
            return "pairs"
        return "nli" if columns >= set(NLI_COLUMNS[:2]) else "faq"

    def _faq(self, path: Path) -> list[FaqEntry]:
        return read_faq(
            path,
            question_column=self.question_column,
            answer_column=self.answer_column,
            merge_answers=self.merge_answers,
        )


def named_paths(data: Sequence[str], names: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Sort `FILE` and `NAME=FILE` by the names of a recipe's tasks, of which one needs no name.

    Raises ValueError where it is not clear whose a file is.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for given in data:
        name, equals, file = given.partition("=")
        if not equals or name not in names:
            name, file = names[0], given
            if len(names) > 1:
                raise ValueError(
                    f"--data {given}: for which task? Put its name before it, as in "
                    f"{names[0]}={given}; wanted {', '.join(names)}."
                )
        found[name] = (*found.get(name, ()), Path(file))
    return found
