"""`mundap eval report`: a page on everything that can be measured."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.options import (
    Faq,
    JudgedQueries,
    MeasuredEncoder,
    MeasuredIndex,
    ReportLanguage,
)
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.progress import progress

app = typer.Typer()


@app.command(
    "report", epilog="Example: `mundap eval report --queries Q --out-of-scope O --output report`"
)
@with_fields
def eval_report(
    queries: JudgedQueries,
    output: Annotated[Path, typer.Option(help="Folder for report.html, .md and .json.")],
    out_of_scope: Annotated[
        Path | None, typer.Option(help="Column query: what the FAQ cannot answer.")
    ] = None,
    faq: Faq = None,
    index: MeasuredIndex = None,
    encoder: MeasuredEncoder = None,
    reranker: Annotated[
        str | None, typer.Option(help="A cross-encoder that looks at the first hits again.")
    ] = None,
    careless: Annotated[
        bool, typer.Option("--careless/--no-careless", help="Measure typing mistakes too.")
    ] = True,
    language: ReportLanguage = "en",
    *,
    columns: FaqColumns,
) -> None:
    """Write a page on accuracy, confidence, robustness, what to mend, time and memory.

    It measures what visitors meet; with `--encoder` vectors and words alone, fitted to nothing.
    """
    from mundap.commands.measured_index import measured_retriever
    from mundap.evaluation.queries import check_against, read_queries, read_texts
    from mundap.evaluation.report.full_report import measure, write_documents
    from mundap.index.bundle.large import require_small
    from mundap.index.search.reranker import Reranker

    asked = read_queries(queries)
    met = measured_retriever(faq, index, encoder, columns)
    entries = met.retriever.passages.entries
    require_small(
        len(entries),
        "`mundap eval report`",
        "`mundap eval retrieval --index I --mode hybrid` and `mundap eval robustness --index I` "
        "measure an index of it.",
    )
    check_against(asked, entries)
    beside = read_texts(out_of_scope) if out_of_scope else []
    # A deadline would make the figures depend on what else the machine does.
    second = Reranker.load(reranker, deadline=600) if reranker else None
    with progress("Typing carelessly") as advance:
        measured = measure(
            met.retriever,
            met.confidence,
            asked,
            facts=met.facts,
            out_of_scope=beside,
            reranker=second,
            careless=careless,
            advance=advance,
        )
    for path in write_documents(measured, output, language=language):
        typer.echo(path)
