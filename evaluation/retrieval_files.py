"""Retrieval figures and the runs they are of, as files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mundap.evaluation.queries import Query
from mundap.evaluation.retrieval import RetrievalFigures
from mundap.evaluation.run import Run, qrels_of, trec_order, write_qrels, write_run
from mundap.index.tables.table_writer import write_table

METRICS_FILE, QRELS_FILE = "metrics.json", "qrels.trec"
RUN_FILE, PER_QUERY_FILE = "run.trec", "per_query.csv"


def write_retrieval(
    directory: Path,
    queries: Sequence[Query],
    runs: Mapping[str, Run],
    figures: Mapping[str, RetrievalFigures],
    questions: Mapping[str, str],
) -> None:
    """Write metrics.json, qrels.trec and, of each system, run.trec and per_query.csv.

    `runs` and `figures` have the same systems for keys; `questions` are by entry id. One system's
    files lie beside the others; several have a sub-directory each, named after the system.
    """
    directory.mkdir(parents=True, exist_ok=True)
    metrics = (
        json.dumps({name: found.to_dict() for name, found in figures.items()}, indent=2) + "\n"
    )
    (directory / METRICS_FILE).write_text(metrics, encoding="utf-8")
    write_qrels(qrels_of(queries), directory / QRELS_FILE)
    for system, found in figures.items():
        home = directory / system if len(figures) > 1 else directory
        home.mkdir(exist_ok=True)
        write_run(runs[system], home / RUN_FILE, tag=system)
        write_table(per_query_table(queries, runs[system], found, questions), home / PER_QUERY_FILE)


def per_query_table(
    queries: Sequence[Query], run: Run, figures: RetrievalFigures, questions: Mapping[str, str]
) -> "pd.DataFrame":
    """Return a row for each query: what was asked, what came first, where the right entry is.

    `rank` is empty when the right entry is not in the run, what begins with
    `top_` when nothing is.
    """
    rows = []
    for query in queries:
        scores = run.get(query.query_id, {})
        order = trec_order(scores)
        rows.append(
            {
                "query_id": query.query_id,
                "query": query.text,
                "entry_id": query.entry_id,
                "question": questions.get(query.entry_id, ""),
                "rank": str(order.index(query.entry_id) + 1) if query.entry_id in scores else "",
                "top_entry_id": order[0] if order else "",
                "top_question": questions.get(order[0], "") if order else "",
                "top_score": repr(scores[order[0]]) if order else "",
                **figures.per_query[query.query_id],
            }
        )
    return pd.DataFrame(rows)
