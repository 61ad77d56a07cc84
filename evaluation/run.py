"""Rankings and right answers in the TREC file formats, which every retrieval tool reads."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import TypeVar

import numpy as np

from mundap.evaluation.queries import Query

# query_id -> entry_id -> score, higher is better.
Run = dict[str, dict[str, float]]
# query_id -> entry_id -> relevance, right from 1 on.
Qrels = dict[str, dict[str, int]]

_Value = TypeVar("_Value", float, int)

# An id may hold a space, which parts the fields of these files: this sign for one stands in it.
_SPACE = "␠"


class RunError(ValueError):
    """A run or qrels file, or what it holds, cannot be used."""


def qrels_of(queries: Iterable[Query]) -> Qrels:
    """Return the one right entry of each query."""
    return {query.query_id: {query.entry_id: 1} for query in queries}


def trec_order(scores: Mapping[str, float]) -> list[str]:
    """Return the ids in the order in which trec_eval ranks them, best first.

    Scores in single precision descending, then ids descending: whatever rank a file states
    or order it has, a system that gives equal scores gains nothing. Raises RunError on a
    score that is no finite number.
    """
    with np.errstate(over="ignore"):
        single = np.fromiter(scores.values(), dtype=np.float32, count=len(scores))
    if not np.isfinite(single).all():
        bad = list(scores.items())[int(np.flatnonzero(~np.isfinite(single))[0])]
        raise RunError(f"entry {bad[0]!r} has score {bad[1]}; wanted a finite number.")
    best_first = sorted(zip(single.tolist(), scores, strict=True), reverse=True)
    return [entry_id for _, entry_id in best_first]


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write `query_id Q0 entry_id rank score tag` lines; a query without hits leaves no line.

    Scores have all their digits: what `read_run` gives back is equal.
    """
    lines = (
        f"{_field(query_id)} Q0 {_field(entry_id)} {rank} {float(scores[entry_id])!r} {tag}\n"
        for query_id, scores in run.items()
        for rank, entry_id in enumerate(trec_order(scores), start=1)
    )
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def write_qrels(qrels: Qrels, path: Path) -> None:
    """Write `query_id 0 entry_id relevance` lines."""
    lines = (
        f"{_field(query_id)} 0 {_field(entry_id)} {relevance}\n"
        for query_id, right in qrels.items()
        for entry_id, relevance in right.items()
    )
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_run(path: Path) -> Run:
    """Read the run file of any TREC tool; raises RunError naming file and line."""
    # The tag may hold spaces; nothing else may.
    rows = _rows(path, 6, "query_id Q0 entry_id rank score tag")
    return _collect(((_id(row[0]), _id(row[2]), row[4], place) for row, place in rows), _score)


def read_qrels(path: Path) -> Qrels:
    """Read the qrels file of any TREC tool; raises RunError naming file and line."""
    rows = _rows(path, 4, "query_id 0 entry_id relevance")
    return _collect(((_id(row[0]), _id(row[2]), row[3], place) for row, place in rows), _relevance)


def _field(text: str) -> str:
    return text.replace(" ", _SPACE)


def _id(field: str) -> str:
    return field.replace(_SPACE, " ")


def _rows(path: Path, width: int, wanted: str) -> Iterator[tuple[list[str], str]]:
    """Yield the fields of each line that is not blank, and where it stands."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise RunError(f"{path}: cannot be read ({reason}).") from None
    for number, line in enumerate(text.split("\n"), start=1):
        row = line.split(maxsplit=width - 1)
        if row and len(row) < width:
            raise RunError(f"{path}, line {number}: {len(row)} fields; wanted `{wanted}`.")
        if row:
            yield row, f"{path}, line {number}"


def _collect(
    rows: Iterable[tuple[str, str, str, str]], parse: Callable[[str, str], _Value]
) -> dict[str, dict[str, _Value]]:
    collected: dict[str, dict[str, _Value]] = {}
    for query_id, entry_id, value, place in rows:
        of_query = collected.setdefault(query_id, {})
        if entry_id in of_query:
            raise RunError(
                f"{place}: {entry_id!r} stands twice for query {query_id!r}. Keep one line."
            )
        of_query[entry_id] = parse(value, place)
    return collected


def _score(text: str, place: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = float("nan")
    if not isfinite(score):
        raise RunError(f"{place}: score {text!r}; wanted a finite number.")
    return score


def _relevance(text: str, place: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise RunError(f"{place}: relevance {text!r}; wanted a whole number.") from None
