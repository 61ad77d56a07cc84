"""Retrieval reports as files and as a table in the terminal."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table

from mundap.evaluation.queries import Query
from mundap.evaluation.retrieval import RetrievalReport
from mundap.evaluation.run import Run, qrels_of, trec_order, write_qrels, write_run
from mundap.evaluation.statistics.bootstrap import Estimate
from mundap.index.faq.table_writer import write_table

METRICS_FILE, QRELS_FILE = "metrics.json", "qrels.trec"
RUN_FILE, PER_QUERY_FILE = "run.trec", "per_query.csv"


def to_json(reports: Mapping[str, RetrievalReport]) -> dict[str, dict[str, list[float]]]:
    """Return system -> measure -> [value, low, high]."""
    return {system: report.to_json() for system, report in reports.items()}


def write_report(
    directory: Path,
    queries: Sequence[Query],
    runs: Mapping[str, Run],
    reports: Mapping[str, RetrievalReport],
) -> None:
    """Write metrics.json, qrels.trec and, of each system, run.trec and per_query.csv.

    `runs` and `reports` have the same systems for keys. One system's files lie beside the
    others; several have a sub-directory each, named after the system.
    """
    directory.mkdir(parents=True, exist_ok=True)
    metrics = json.dumps(to_json(reports), indent=2) + "\n"
    (directory / METRICS_FILE).write_text(metrics, encoding="utf-8")
    write_qrels(qrels_of(queries), directory / QRELS_FILE)
    for system, report in reports.items():
        home = directory / system if len(reports) > 1 else directory
        home.mkdir(exist_ok=True)
        write_run(runs[system], home / RUN_FILE, tag=system)
        write_table(per_query_table(queries, runs[system], report), home / PER_QUERY_FILE)


def per_query_table(queries: Sequence[Query], run: Run, report: RetrievalReport) -> "pd.DataFrame":
    """Return a row for each query: what was asked, what came first, where the right entry is.

    `rank` is empty when the right entry is not in the run, `top_entry_id` and `top_score`
    when nothing is.
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
                "rank": str(order.index(query.entry_id) + 1) if query.entry_id in scores else "",
                "top_entry_id": order[0] if order else "",
                "top_score": repr(scores[order[0]]) if order else "",
                **report.per_query[query.query_id],
            }
        )
    return pd.DataFrame(rows)


def comparison(reports: Mapping[str, RetrievalReport]) -> Table:
    """Return a terminal table: a row for each system, a column for each measure."""
    first = next(iter(reports.values()))
    table = Table(
        title="Retrieval accuracy",
        caption=f"{len(first.per_query):,} queries of {first.clusters:,} entries; "
        "95% intervals, clustered by entry",
    )
    table.add_column("system")
    for name in first.means:
        table.add_column(name, justify="right")
    for system, report in reports.items():
        table.add_row(system, *map(_cell, report.means.values()))
    return table


def _cell(value: Estimate) -> str:
    return f"{_short(value.mean)} [{_short(value.low)}, {_short(value.high)}]".replace("[", "\\[")


def _short(value: float) -> str:
    """Write .946 for 0.9459; 1.00 keeps its one."""
    return f"{value:.3f}".removeprefix("0") if value < 0.9995 else "1.00"
