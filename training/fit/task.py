"""What a run trains on: objectives, each with its data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator

from mundap.evaluation.sts import SentencePair
from mundap.training.data.sentence_pairs import NliPair, SentenceSplit
from mundap.training.data.split import Split
from mundap.training.data.texts import Text
from mundap.training.objectives.objective import Lesson, Objective

AnySplit = Split | SentenceSplit[SentencePair] | SentenceSplit[NliPair] | SentenceSplit[Text]


@dataclass(frozen=True, slots=True)
class Task:
    """An objective and the data it learns from."""

    objective: Objective
    split: AnySplit

    def settled(self, *, embedded: bool) -> "Task":
        """Return it with every value chosen for the kind of base."""
        return replace(self, objective=self.objective.settled(embedded=embedded))

    def whole(self) -> "Task":
        """Return it with what was held out among the data to train on."""
        return replace(self, split=self.split.whole())

    def lesson(self, transformer: SentenceTransformer, seed: int) -> Lesson:
        """Return the data set, its loss and what judges it."""
        return self.objective.lesson(transformer, self.split, seed)


# By name. The first one's figure chooses the epoch.
Tasks = Mapping[str, Task]


class TaskEvaluator(SentenceEvaluator):
    """Judges by every task that holds something out; those after the first put their name first."""

    def __init__(self, evaluators: Mapping[str, Any]) -> None:
        super().__init__()
        self._evaluators = evaluators
        self.primary_metric = next(iter(evaluators.values())).primary_metric

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return `figure` of the first task and `task/figure` of the others."""
        first, *others = self._evaluators
        figures = dict(self._evaluators[first](model))
        for name in others:
            found = self._evaluators[name](model)
            figures |= {f"{name}/{figure}": value for figure, value in found.items()}
        return figures
