"""A run on disk: a TREC file, or the folder that `mundap eval retrieval --output` left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mundap.evaluation.queries import read_queries
from mundap.evaluation.retrieval_files import PER_QUERY_FILE, QRELS_FILE, RUN_FILE
from mundap.evaluation.run import Qrels, Run, RunError, qrels_of, read_qrels, read_run
from mundap.evaluation.systems import SYSTEMS
from mundap.index.tables.table import read_table


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run with what lies beside it: right entries, and what was asked (query_id -> text).

    `questions` are those of entries (entry_id -> question), as far as the folder tells them.
    """

    run: Run
    qrels: Qrels | None
    texts: dict[str, str]
    questions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "SavedRun":
        """Read a run file or the folder of one system; raises RunError naming file and line."""
        file = _run_file(path) if path.is_dir() else path
        # Several systems share the qrels of the folder above theirs.
        homes = (file.parent, file.parent.parent) if path.is_dir() else ()
        found = [home / QRELS_FILE for home in homes if (home / QRELS_FILE).is_file()]
        run = read_run(file)
        if not run:
            raise RunError(f"{file}: no lines. Give the run of at least one query.")
        rows = _rows(file.parent) if path.is_dir() else []
        texts = {row["query_id"]: row.get("query", "") for row in rows}
        questions = {
            row[entry_id]: row[question]
            for row in rows
            for entry_id, question in (("entry_id", "question"), ("top_entry_id", "top_question"))
            if row.get(entry_id) and row.get(question)
        }
        return cls(run, read_qrels(found[0]) if found else None, texts, questions)


def grouped(paths: Sequence[Path]) -> list[list[Path]]:
    """Return which runs are to be compared with one another, each group by its first.

    Folders of several systems are compared system by system; one alone, its systems with the first
    of them. Raises RunError where folders share none, or stand beside single runs.
    """
    held = [_systems(path) for path in paths]
    if not any(held):
        return [list(paths)]
    if len(paths) == 1:
        return [[paths[0] / name for name in held[0]]]
    for path, names in zip(paths, held, strict=True):
        if not names:
            several = next(path for path, names in zip(paths, held, strict=True) if names)
            raise RunError(f"{path} is one run, but {_holds(several)}.")
    shared = [name for name in held[0] if all(name in names for names in held)]
    if not shared:
        told = "; ".join(
            f"{path} has {', '.join(names)}" for path, names in zip(paths, held, strict=True)
        )
        raise RunError(f"the folders share no system: {told}. Measure one system in all of them.")
    return [[path / name for path in paths] for name in shared]


def not_shared(paths: Sequence[Path], groups: Sequence[Sequence[Path]]) -> list[Path]:
    """Return the systems in the folders that no group of `grouped` has, as the others lack them."""
    compared = {path for group in groups for path in group}
    found = [path / name for path in paths for name in _systems(path)]
    return [path for path in found if path not in compared]


def read_saved_runs(paths: Sequence[Path]) -> dict[str, SavedRun]:
    """Read runs, each named by its path; raises RunError where one is named twice."""
    saved: dict[str, SavedRun] = {}
    for path in paths:
        if str(path) in saved:
            raise RunError(f"{path} is named twice; name two different runs to compare.")
        saved[str(path)] = SavedRun.read(path)
    return saved


def asked_of(
    saved: Mapping[str, SavedRun], queries: Path | None, qrels: Path | None
) -> tuple[Qrels, dict[str, str]]:
    """Return right entries and texts: from the files named, else from beside the runs."""
    if queries is not None and qrels is not None:
        raise RunError("--queries and --qrels both say which entries are right. Name one.")
    texts = {query_id: text for item in saved.values() for query_id, text in item.texts.items()}
    if queries is not None:
        asked = read_queries(queries)
        return qrels_of(asked), {query.query_id: query.text for query in asked}
    return read_qrels(qrels) if qrels is not None else _shared_qrels(saved), texts


def _shared_qrels(saved: Mapping[str, SavedRun]) -> Qrels:
    beside = {name: item.qrels for name, item in saved.items() if item.qrels is not None}
    if not beside:
        raise RunError(
            "the run files do not say which entries are right. Name the queries with --queries, "
            "or a TREC file with --qrels."
        )
    first, *others = beside
    for other in others:
        if beside[other] != beside[first]:
            raise RunError(
                f"{first} and {other} were measured on different queries. Measure both on the "
                "same ones, or name these with --queries or --qrels."
            )
    return beside[first]


def _run_file(folder: Path) -> Path:
    if (folder / RUN_FILE).is_file():
        return folder / RUN_FILE
    if _systems(folder):
        raise RunError(f"{_holds(folder)}.")
    raise RunError(
        f"{folder} holds no {RUN_FILE}. Give a run file, or the folder that "
        "`mundap eval retrieval --output` wrote."
    )


def _systems(path: Path) -> list[str]:
    """Return the names of several systems in a folder, what visitors meet first; else none."""
    if not path.is_dir() or (path / RUN_FILE).is_file():
        return []
    names = sorted(file.parent.name for file in path.glob(f"*/{RUN_FILE}"))
    return sorted(names, key=lambda name: SYSTEMS.index(name) if name in SYSTEMS else len(SYSTEMS))


def _holds(folder: Path) -> str:
    names = _systems(folder)
    named = ", ".join(str(folder / name) for name in names)
    return f"{folder} holds {len(names)} systems; name one: {named}"


def _rows(folder: Path) -> list[dict[str, str]]:
    file = folder / PER_QUERY_FILE
    if not file.is_file():
        return []
    table = read_table(file)
    if not {"query_id", "query"} <= set(table.columns):
        return []
    return [{name: str(value) for name, value in row.items() if value} for row in table.rows]
