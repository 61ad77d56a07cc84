"""Makes a candidate: an encoder that has learned, weights and confidence, a sealed generation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from mundap.evaluation.findings import findings
from mundap.evaluation.fit.calibration import CalibrationConfig, fit_confidence
from mundap.evaluation.fit.fusion import fit_fusion
from mundap.evaluation.queries import Query
from mundap.improve.lessons import Lessons
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.contents import read_confidence
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleError
from mundap.index.bundle.proven_fit import IMPROVEMENT
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import PieceEncoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.passages.teaching import Untaught, untaught
from mundap.index.korean.text import clean, match_key
from mundap.index.progress import progress
from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from mundap.training.config import TrainingConfig
from mundap.training.data.pairs import Pair
from mundap.training.data.split import Split
from mundap.training.fit.bookkeeping import Bookkeeping
from mundap.training.fit.task import Task
from mundap.training.fit.trainer import train_tasks
from mundap.training.objectives.mnrl import Mnrl

# Hard negatives of a pair: an owner has seldom more to say of a query.
_MOST_NEGATIVES = 2

# Why no encoder is trained.
Untrained = Untaught | Literal["own encoder"]


@dataclass(frozen=True, slots=True)
class Given:
    """Queries that a FAQ came with, besides what owners judged."""

    queries: Sequence[Query] = ()
    out_of_scope: Sequence[str] = ()
    # Such as no FAQ answers.
    far: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Workshop:
    """What is improved and where: the bundle, and a folder for what lasts from step to step.

    `encoder` is where the home keeps the encoder that later builds take; `pretrained` is the one of
    the bundle where it is loaded already.
    """

    index: Path
    encoder: Path
    directory: Path
    given: Given = Given()
    training: TrainingConfig = field(default_factory=TrainingConfig)
    pretrained: PieceEncoder | None = None


def untrained(lessons: Lessons, serving: Bundle) -> Untrained | None:
    """Return why no encoder is trained on these lessons; None where one is."""
    if not getattr(type(serving.retriever.encoder), "is_embedded", False):
        return "own encoder"
    return untaught(lessons.taught, reads=serving.retriever.content is not None)


def train_encoder(lessons: Lessons, workshop: Workshop) -> Path:
    """Train as a first run does, with what owners refused as hard negatives.

    Taken up where it was stopped, and done already where the same was trained.
    """
    output = workshop.directory / f"encoder-{lessons.taught_digest[:12]}"
    split = Split.of_faq(lessons.taught, workshop.training)
    split, negatives = _with_negatives(split, lessons)
    objective = Mnrl(negatives=negatives or None)
    return train_tasks(
        {objective.name: Task(objective, split)},
        workshop.training,
        output,
        keep=Bookkeeping(resume=True),
    )


def find_sealed(index: Path, mark: str) -> int | None:
    """Return the generation of this mark, which an earlier try has sealed; None where none has."""
    for path in reversed(Generations(index).paths()):
        try:
            if read_confidence(path).fit.get(IMPROVEMENT) == mark:
                return int(path.name)
        except (BundleError, OSError, ValueError, KeyError, TypeError):
            continue  # damaged: somebody else's trouble
    return None


def seal(
    lessons: Lessons, serving: Bundle, encoder: Path | None, workshop: Workshop, mark: str
) -> int:
    """Seal a generation of the lessons that `find_sealed` knows by its mark; return its number.

    `encoder` is what was trained, None for the one that serves. Weights and confidence are fitted
    on judged queries that it has not seen, each asked as a new one; the accuracy that answers are
    given at stays what it was.
    """
    queries = _fitted(lessons, workshop.given, trained=encoder is not None)
    outside = [*workshop.given.out_of_scope, *lessons.uncovered]
    config = CalibrationConfig(target_accuracy=serving.confidence.answer)

    def fuse(retriever: Retriever) -> Fusion:
        return fit_fusion(retriever, queries)

    def calibrate(retriever: Retriever) -> Confidence:
        found = fit_confidence(
            retriever,
            queries=queries,
            out_of_scope=outside,
            far=workshop.given.far,
            config=config,
        )
        return replace(found, fit={**found.fit, IMPROVEMENT: mark})

    content = serving.retriever.content
    with BundleWriter.locked(workshop.index, wait=60) as writer:
        with progress("Embedding questions") as advance:
            manifest = writer.seal(
                lessons.entries,
                serving.retriever.encoder if encoder is None else load_encoder(encoder),
                encoder_directory=serving.encoder_directory if encoder is None else encoder,
                pretrained=content.encoder if content else None,
                fuse=fuse,
                calibrate=calibrate,
                look=findings,
                ids_stay=True,
                advance=advance,
            )
        writer.prune()
        return manifest.generation


def fitted_on(lessons: Lessons, *, trained: bool) -> Mapping[str, int]:
    """Return how many judged queries weights and confidence are fitted on."""
    return {
        "queries": len(_fitted(lessons, Given(), trained=trained)),
        "uncovered": len(lessons.uncovered),
    }


def _fitted(lessons: Lessons, given: Given, *, trained: bool) -> list[Query]:
    known = {entry.entry_id for entry in lessons.entries}
    hidden = {*lessons.held_back}
    found = [
        query
        for query in given.queries
        if query.entry_id in known and match_key(query.text) not in hidden
    ]
    accepted = [one for one in lessons.accepted if one.fitted or not trained]
    found += [Query(f"j{n}", one.query, one.entry_id) for n, one in enumerate(accepted)]
    return found


def _with_negatives(split: Split, lessons: Lessons) -> tuple[Split, int]:
    """Give pairs the entries that owners said do not answer their anchor; return the most."""
    entries = {entry.entry_id: entry for entry in lessons.entries}
    refused: dict[str, list[tuple[str, str]]] = {}
    for query, entry_id in lessons.wrong:
        entry = entries[entry_id]
        pair = (clean(entry.question), match_key(entry.answer))
        refused.setdefault(match_key(query), []).append(pair)

    def taught(pair: Pair) -> Pair:
        others = refused.get(match_key(pair.anchor), [])
        questions = [question for question, answer in others if answer != pair.group]
        return replace(pair, negatives=tuple(questions[:_MOST_NEGATIVES]))

    pairs, held_out = map(taught, split.pairs), map(taught, split.held_out)
    found = Split([*pairs], split.development, [*held_out])
    return found, max((len(pair.negatives) for pair in found.whole().pairs), default=0)
