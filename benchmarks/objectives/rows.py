"""The rows of the comparison: what is trained, with which negatives, from which base."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.parakqc import SEEDS
from mundap.index.encoders.shipped import SHIPPED
from mundap.training.config import TrainingConfig
from mundap.training.fit.recipe import Recipe, Stage
from mundap.training.objectives.mnrl import Mnrl

# What a FAQ teaches is trained for as many epochs in every row, with nothing held out to choose
# them by, so that rows differ in nothing but what they are called after.
EPOCHS = 4
# The row that others are compared with, and the number of negatives where some are mined.
PLAIN = "mnrl"
NEGATIVES = 4

Mined = Literal["bm25", "model", "model, margin 5%", "perturb"]
MINED: tuple[Mined, ...] = ("bm25", "model", "model, margin 5%", "perturb")
RANDOM = "random"
# Rows whose first columns alone are measured as well.
CUT = 64
COLLECTIONS = ("bundled", "parakqc", "chatbot")
# Asked of the encoder that the collection before it has trained, and never trained on.
STRANGERS = "strangers"
PRETRAINED = "pretrained encoder"
_UPPER = {
    "base": SHIPPED,
    "train_top": 3,
    "epochs": 1,
    "learning_rate": 5e-5,
    "batch_size": 32,
    "precision": "bf16",
    "development": 0.0,
    "refit": False,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One way to train; without a recipe the base as it is."""

    name: str
    group: str
    recipe: Recipe | None = None
    mined: Mined | None = None
    # What is measured where there is no recipe.
    base: str = "default"
    # Measured once more with its first CUT columns alone.
    cut: bool = False
    collections: tuple[str, ...] = COLLECTIONS
    seeds: tuple[int, ...] = SEEDS

    @property
    def learns_questions(self) -> bool:
        """Whether each task's own questions are trained on, or judged sentences alone."""
        return self.recipe is not None and "qa" in self.recipe.data_names

    @property
    def names(self) -> list[str]:
        """The names of its lines in the table."""
        return [self.name, f"{self.name}, cut to {CUT} columns"] if self.cut else [self.name]


def embedded_rows() -> list[Row]:
    """Return the rows of the embedded encoder, in the order of the table."""
    return [
        Row("untrained", "no training"),
        Row("contrastive-random", "questions", _fixed("contrastive-random")),
        Row(PLAIN, "questions", _mnrl(), cut=True),
        Row("mnrl, answers alone", "questions", _mnrl(pairs="answers")),
        Row("mnrl, alternates alone", "questions", _mnrl(pairs="alternates")),
        Row("mnrl, epochs chosen", "questions", Recipe.read("mnrl")),
        Row("mnrl, hangul-only", "questions", _mnrl().changed(clean_up="hangul-only")),
        Row("mnrl-symmetric", "questions", _fixed("mnrl-symmetric")),
        Row("matryoshka", "questions", _fixed("matryoshka"), cut=True),
        *negative_rows(),
        Row("sts", "sentences", Recipe.read("sts")),
        Row("sts-cosent", "sentences", Recipe.read("sts-cosent")),
        Row("nli", "sentences", Recipe.read("nli")),
        Row("nli-triplets", "sentences", Recipe.read("nli-triplets")),
        Row("nli-sts-qa", "both", _fixed("nli-sts-qa")),
        Row("qa-sts", "both", _fixed("qa-sts")),
        Row("staged-embedded", "both", _fixed("staged-embedded")),
    ]


def negative_rows() -> Iterable[Row]:
    """Yield a row for each kind of hard negatives, random ones first."""
    yield Row(f"mnrl + {RANDOM}", "hard negatives", _mnrl(negatives=NEGATIVES))
    for kind in MINED:
        yield Row(f"mnrl + {kind}", "hard negatives", _mnrl(), mined=kind)


def pretrained_rows() -> list[Row]:
    """Return the rows of the pretrained encoder, whose upper three layers train.

    Of one epoch, one seed and the bundled FAQ, as an epoch costs some forty times the embedded
    encoder's; the ordinary FAQs are asked of the same encoder, which has never seen them.
    """
    learns = _mnrl(pairs="alternates").changed(**_UPPER)
    names = [(PLAIN, None), *((f"{PLAIN} + {kind}", kind) for kind in MINED)]
    by_value, by_order = (Recipe.read(name).changed(**_UPPER) for name in ("sts", "sts-cosent"))
    nli, sts, _ = Recipe.read("nli-sts-qa").changed(**_UPPER).stages
    rows = [
        Row("untrained", PRETRAINED, base=SHIPPED),
        *(Row(name, PRETRAINED, learns, mined=kind) for name, kind in names),
        Row("mnrl, both", PRETRAINED, _mnrl().changed(**_UPPER)),
        Row("sts", PRETRAINED, by_value),
        Row("sts-cosent", PRETRAINED, by_order),
        Row("nli-sts", PRETRAINED, Recipe("nli-sts", (nli, sts))),
    ]
    return [
        replace(r, name=f"small: {r.name}", collections=("bundled", STRANGERS), seeds=SEEDS[:1])
        for r in rows
    ]


def transformer_rows(base: str) -> list[Row]:
    """Return a row for each pooling of a transformer.

    Of one epoch and one collection, as an epoch costs some forty times the embedded encoder's.
    """
    recipe = _mnrl(pairs="alternates").changed(base=base, epochs=1, batch_size=64)
    return [
        Row(f"{pooling} pooling", base, recipe.changed(pooling=pooling), collections=("parakqc",))
        for pooling in ("mean", "cls", "max")
    ]


def _mnrl(**values: object) -> Recipe:
    config = TrainingConfig(epochs=EPOCHS, development=0.0)
    return Recipe("mnrl", (Stage("mnrl", config, {"qa": Mnrl(**values)}),))  # type: ignore[arg-type]


def _fixed(name: str) -> Recipe:
    """Return a shipped recipe with EPOCHS in each stage that learns questions."""
    recipe = Recipe.read(name)
    stages = [
        replace(stage, config=replace(stage.config, epochs=EPOCHS, development=0.0))
        if "qa" in stage.tasks
        else stage
        for stage in recipe.stages
    ]
    return replace(recipe, stages=tuple(stages))
