"""`mundap eval robustness`: what careless typing costs."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.eval.mode import Mode
from mundap.commands.fields import with_fields
from mundap.commands.options import AsJson, Faq, JudgedQueries, MeasuredEncoder, MeasuredIndex
from mundap.commands.terminal import print_json
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.progress import progress

app = typer.Typer()


@app.command("robustness", epilog="Example: `mundap eval robustness --queries Q --output robust`")
@with_fields
def eval_robustness(
    queries: JudgedQueries,
    faq: Faq = None,
    index: MeasuredIndex = None,
    encoder: MeasuredEncoder = None,
    mode: Annotated[
        list[Mode] | None, typer.Option(help="Systems to measure; without it hybrid and bm25.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the slips.")] = 0,
    output: Annotated[Path | None, typer.Option(help="Directory for the JSON and chart.")] = None,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Measure what typos, other spacing, a wrong keyboard, ... cost, with and without repair.

    It measures what visitors meet; with `--encoder` vectors and words alone, fitted to nothing.
    """
    from rich.console import Console

    from mundap.commands.measured_index import met_retriever
    from mundap.evaluation.queries import check_against, read_queries
    from mundap.evaluation.report.robustness import robustness_table, write_robustness
    from mundap.evaluation.robustness import measure_robustness, with_and_without

    asked = read_queries(queries)
    retriever = met_retriever(faq, index, encoder, columns)
    check_against(asked, retriever.passages.entries)
    reports = {}
    for name in (each.value for each in mode or (Mode.HYBRID, Mode.BM25)):
        pair = with_and_without(retriever, name)
        with progress(name) as advance:
            reports[name] = measure_robustness(
                *pair, retriever.query_layer, asked, seed=seed, advance=advance
            )
    if output is not None:
        write_robustness(output, reports)
    if as_json:
        print_json({name: report.to_dict() for name, report in reports.items()})
        return
    for name, report in reports.items():
        Console().print(robustness_table(name, report))
