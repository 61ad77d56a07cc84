"""A run on disk: a TREC file, or the folder that `mundap eval retrieval --output` left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mundap.evaluation.queries import read_queries
from mundap.evaluation.retrieval_files import PER_QUERY_FILE, QRELS_FILE, RUN_FILE
from mundap.evaluation.run import Qrels, Run, RunError, qrels_of, read_qrels, read_run
from mundap.index.faq.table import read_table


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run with what lies beside it: right entries, and what was asked (query_id -> text)."""

    run: Run
    qrels: Qrels | None
    texts: dict[str, str]

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
        return cls(run, read_qrels(found[0]) if found else None, _texts(file.parent, path.is_dir()))


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
    systems = sorted(str(file.parent) for file in folder.glob(f"*/{RUN_FILE}"))
    if systems:
        raise RunError(f"{folder} holds {len(systems)} systems; name one: {', '.join(systems)}.")
    raise RunError(
        f"{folder} holds no {RUN_FILE}. Give a run file, or the folder that "
        "`mundap eval retrieval --output` wrote."
    )


def _texts(folder: Path, is_ours: bool) -> dict[str, str]:
    file = folder / PER_QUERY_FILE
    if not is_ours or not file.is_file():
        return {}
    table = read_table(file)
    if not {"query_id", "query"} <= set(table.columns):
        return {}
    return {str(row["query_id"]): str(row["query"]) for row in table.rows}
