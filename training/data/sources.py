"""The files that a run learns from, as the command line names them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mundap.index.faq.entry import FaqEntry, read_with_report
from mundap.index.faq.sheets.columns import USUAL_COLUMNS, FaqColumns
from mundap.index.tables.table import read_table, table_columns
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import Pair, PairError, PairKinds, pairs_from_faq, pairs_of
from mundap.training.data.sentence_pairs import NLI_COLUMNS, nli_of, triplets
from mundap.training.data.split import Split


@dataclass(frozen=True)
class Sources:
    """Files of one kind of data, each read once; the columns are those of FAQs.

    `said_before` has those of single files, for where `faq_columns` says nothing.
    """

    paths: tuple[Path, ...]
    faq_columns: FaqColumns = USUAL_COLUMNS
    said_before: Mapping[Path, FaqColumns] = field(default_factory=dict)

    def questions(self, config: TrainingConfig, kinds: PairKinds) -> Split:
        """Return FAQs, pairs (anchor, positive, ...) or NLI (premise, hypothesis, label), parted.

        One FAQ holds out whole entries; pairs and several files hold out groups of pairs.
        """
        pairs = self._pairs(config.seed, kinds)
        if not pairs:
            raise PairError(
                f"{self.paths[0]}: no question has alternates, and only phrasings are paired here. "
                "Add other phrasings of the questions."
            )
        entries = self._contents[0][0]
        if len(self.paths) == 1 and entries:
            return Split.of_faq(entries, config, kinds)
        return Split.of_pairs(pairs, config)

    def _pairs(self, seed: int, kinds: PairKinds) -> list[Pair]:
        found: list[Pair] = []
        for entries, pairs in self._contents:
            found += [*pairs_from_faq(entries, seed=seed, kinds=kinds), *pairs]
        return found

    @property
    def columns(self) -> set[str]:
        """The columns of the first file."""
        return self._columns[0]

    @cached_property
    def _columns(self) -> list[set[str]]:
        return [set(table_columns(path)) for path in self.paths]

    @cached_property
    def _contents(self) -> list[tuple[list[FaqEntry], list[Pair]]]:
        """The entries of each file that is a FAQ, the pairs of each other."""
        return [*map(self._content, self.paths, self._columns)]

    def _content(self, path: Path, columns: set[str]) -> tuple[list[FaqEntry], list[Pair]]:
        """Tell by any column of its kind, so that an error names the one that is missing."""
        if self.faq_columns.question_column is None and "anchor" in columns:
            return [], pairs_of(read_table(path), path)
        if columns >= set(NLI_COLUMNS[:2]):
            return [], triplets(nli_of(read_table(path), path), path)
        return self._faq(path), []

    def _faq(self, path: Path) -> list[FaqEntry]:
        said = self.faq_columns
        said = said if said.given() else self.said_before.get(path, said)
        entries, reading = read_with_report(path, said)
        for line in reading.notes():
            logging.getLogger(__name__).warning(line)
        return entries


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
