"""One improvement from start to end; a killed one is taken up where it was."""

import hashlib
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mundap.feedback.editing.publications import read_publications, record_publication
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.owners.deeds import record
from mundap.feedback.store.database import Database
from mundap.feedback.traffic.asked_queries import recent_queries
from mundap.feedback.verdicts.improvements import (
    Improvement,
    State,
    begin_improvement,
    end_improvement,
    last_improvements,
    unfinished_improvements,
)
from mundap.feedback.verdicts.judgements import all_judgements
from mundap.feedback.verdicts.query_parts import decide_parts, parts
from mundap.improve.bounds import Bounds
from mundap.improve.candidate import (
    Workshop,
    find_sealed,
    fitted_on,
    seal,
    train_encoder,
    untrained,
)
from mundap.improve.lessons import Lessons, decided, gather
from mundap.improve.notes import Notes, alone, forget
from mundap.improve.proof import proof
from mundap.improve.report import begun
from mundap.improve.words import INTERRUPTED, NOTHING, failed_words, reason_words, trained_words
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.contents import read_entries
from mundap.index.bundle.encoder_store import EncoderStore
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.large import require_small
from mundap.index.bundle.manifest import Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.durable import replaced_directory
from mundap.index.faq.copies import without_copies
from mundap.index.faq.difference import Difference
from mundap.index.progress import progress

# Of so many different queries of visitors it is looked at whether they are still answered.
VISITED = 400
# Of so many runs, those that failed included, one has ended.
_LOOKED_BACK = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """How an improvement ended; the report of "nothing" holds words alone."""

    state: Literal["promoted", "refused", "nothing"]
    report: Mapping[str, Any]


@dataclass(slots=True)
class _Clock:
    """Seconds that each step took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun_at = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun_at, 1)


def improve(
    workshop: Workshop,
    database: Database,
    bounds: Bounds,
    owner: str,
) -> Ended:
    """Learn what owners accepted, prove it on what was held back, and promote it or say why not.

    Whatever is raised, what serves stays. Raises ImproveError where another improvement runs, and
    BundleError or another ValueError in a sentence.
    """
    with alone(workshop.directory):
        notes = _taken_up(workshop, database, bounds) or _begun(workshop, database, bounds)
        if notes is None:
            forget(workshop.directory)  # what one left that was killed once all was done
            return Ended("nothing", {"reason": "nothing", "words": NOTHING})
        try:
            state, report = _made(workshop, notes, bounds)
        except Exception as error:
            with database.writing() as connection:
                words = failed_words(error)
                report = {"baseline": notes.baseline, "reason": "failed", "words": words}
                report["error"] = str(error)
                end_improvement(connection, notes.improvement_id, "failed", None, report)
            raise
        generation = report["after"]["generation"]
        with database.writing() as connection:
            end_improvement(connection, notes.improvement_id, state, generation, report)
            record(connection, owner, "improve", {"state": state, "generation": generation})
            if state == "promoted":
                _publish(connection, workshop, notes, generation)
        forget(workshop.directory)
        return Ended("promoted" if state == "promoted" else "refused", report)


def _taken_up(workshop: Workshop, database: Database, bounds: Bounds) -> Notes | None:
    """Return the notes of a run whose process was killed, if it would still do the same."""
    notes = Notes.read(workshop.directory)
    with database.reading() as connection:
        dead = unfinished_improvements(connection)
    if notes is None or not dead or dead[0].improvement_id != notes.improvement_id:
        return None
    serving = int(Generations(workshop.index).current().name)
    own = find_sealed(workshop.index, _mark(notes))
    same = serving in (notes.baseline, own) and dead[0].report["margin"] == bounds.margin
    return notes if same else None


def _begun(workshop: Workshop, database: Database, bounds: Bounds) -> Notes | None:
    """Write down a new run and what it learns from; None where there is nothing new."""
    path = Generations(workshop.index).current()
    manifest = Manifest.read(path)
    if manifest.large:
        require_small(
            manifest.entries,
            "`mundap improve`",
            f"Put what owners accepted into its file, and `mundap index amend {workshop.index} "
            "--faq CHANGED.csv` lets it serve.",
        )
    baseline, published = int(path.name), read_entries(path)
    state, drafted = WorkingCopy(database).snapshot()
    with progress("Collecting") as advance, database.writing() as connection:
        for dead in unfinished_improvements(connection):
            report = {**dead.report, "reason": "interrupted", "words": INTERRUPTED}
            end_improvement(connection, dead.improvement_id, "failed", None, report)
        judgements, known = all_judgements(connection), parts(connection)
        new = decided(judgements, known)
        lessons = gather(published, drafted, judgements, {**known, **new})
        before = last_improvements(connection, _LOOKED_BACK)
        if lessons.is_empty or _is_known(lessons, baseline, bounds, before):
            return None
        held_back = sum(part == "test" for part in new.values())
        report = begun(lessons, baseline=baseline, margin=bounds.margin, new=held_back)
        # All or none: what is held back now, and that this run knows of it.
        decide_parts(connection, new)
        visited = tuple(recent_queries(connection, VISITED))
        number = begin_improvement(connection, report)
        whole = state if without_copies(drafted) == [*lessons.entries] else 0
        notes = Notes(number, baseline, held_back, whole, lessons, visited)
        notes.write(workshop.directory)
        advance(1, 1)
    return notes


def _is_known(
    lessons: Lessons, baseline: int, bounds: Bounds, before: Sequence[Improvement]
) -> bool:
    """Return whether the last run that came to an end has learned just this."""
    last = next((one for one in before if one.state in ("promoted", "refused")), None)
    if last is None or last.report["lessons"] != lessons.digest:
        return False
    if last.state == "promoted":
        return last.generation == baseline
    return (last.report["baseline"], last.report["margin"]) == (baseline, bounds.margin)


def _made(workshop: Workshop, notes: Notes, bounds: Bounds) -> tuple[State, dict[str, Any]]:
    """Train, seal, compare and promote, each unless it is done; return what came of it."""
    clock, lessons = _Clock(), notes.lessons
    before = _opened(workshop, notes.baseline)
    why_not = untrained(lessons, before)
    number = find_sealed(workshop.index, _mark(notes))
    if number is None:
        encoder = None
        if why_not is None:
            with clock.step("training"):
                encoder = train_encoder(lessons, workshop)
        with clock.step("indexing"):
            number = seal(lessons, before, encoder, workshop, _mark(notes))
    with clock.step("comparing"):
        verdict, measured = proof(notes, (before, _opened(workshop, number)), bounds)
    if verdict.promotes and not _promoted(workshop, notes.baseline, number):
        verdict = replace(verdict, reason="overtaken")
    if verdict.promotes and why_not is None:
        _keep_encoder(workshop, number)
    report = {
        **begun(lessons, baseline=notes.baseline, margin=bounds.margin, new=notes.new),
        **measured,
        "reason": verdict.reason,
        "trained": {"done": why_not is None, "words": trained_words(why_not)},
        "fitted": fitted_on(lessons, trained=why_not is None),
        "seconds": clock.seconds,
    }
    state: State = "promoted" if verdict.promotes else "refused"
    return state, {**report, "words": reason_words(report)}


def _publish(connection: Any, workshop: Workshop, notes: Notes, generation: int) -> None:
    """Write down that this generation serves, and of which state of the working copy.

    Where other edits wait to be published that is the state that was published last.
    """
    before = read_entries(Generations(workshop.index).path(notes.baseline))
    changes = Difference.between(before, notes.lessons.entries).counts()
    deeds = [notes.state] if notes.state else [p.deed for p in read_publications(connection, 1)]
    for deed in deeds:
        record_publication(connection, deed, generation, changes)


def _promoted(workshop: Workshop, baseline: int, number: int) -> bool:
    """Let the candidate serve, unless another than the one it was compared with does by now."""
    with BundleWriter.locked(workshop.index, wait=60) as writer:
        serving = int(writer.generations.current().name)
        if serving == baseline:
            writer.promote(number)
    return serving in (baseline, number)


def _keep_encoder(workshop: Workshop, number: int) -> None:
    """Put the encoder that serves now where later builds look for it."""
    path = Generations(workshop.index).path(number)
    found = EncoderStore(workshop.index).directory_of(Manifest.read(path))
    assert found is not None
    with replaced_directory(workshop.encoder) as partial:
        shutil.copytree(found, partial, dirs_exist_ok=True)


def _opened(workshop: Workshop, number: int) -> Bundle:
    path = Generations(workshop.index).path(number)
    bundle = Bundle.open_generation(path, pretrained=workshop.pretrained)
    bundle.require_reader()  # a candidate without what it read would take its place
    return bundle


def _mark(notes: Notes) -> str:
    """Return what a generation of the same lessons, against the same one, is known by."""
    return hashlib.sha256(f"{notes.lessons.digest} {notes.baseline}".encode()).hexdigest()
