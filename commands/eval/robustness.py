"""`mundap eval robustness`: what careless typing costs."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.eval.mode import Mode
from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepared_encoder, read_faq_option
from mundap.commands.options import AsJson, EncoderName, Faq, PretrainedName
from mundap.commands.terminal import print_json
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.faq.columns import FaqColumns
from mundap.index.progress import progress

app = typer.Typer()


@app.command(
    "robustness", epilog="Example: `mundap eval robustness --queries Q --encoder E --output robust`"
)
@with_fields
def eval_robustness(
    queries: Annotated[Path, typer.Option(help="Columns query and entry_id.")],
    faq: Faq = None,
    encoder: EncoderName = "default",
    pretrained: PretrainedName = SHIPPED,
    mode: Annotated[
        list[Mode] | None, typer.Option(help="Systems to measure; without it hybrid and bm25.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the slips.")] = 0,
    output: Annotated[Path | None, typer.Option(help="Directory for the JSON and chart.")] = None,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Measure what typos, other spacing, a wrong keyboard, ... cost, with and without repair."""
    from rich.console import Console

    from mundap.evaluation.queries import check_against, read_queries
    from mundap.evaluation.report.robustness import robustness_table, write_robustness
    from mundap.evaluation.robustness import measure_robustness, with_and_without
    from mundap.index.encoders.registry import wanted_pretrained
    from mundap.index.search.retriever import Retriever

    entries = read_faq_option(faq, columns)
    asked = read_queries(queries)
    check_against(asked, entries)
    names = [name.value for name in mode or (Mode.HYBRID, Mode.BM25)]
    reader, _ = wanted_pretrained(pretrained if Mode.HYBRID in names else None)
    retriever = Retriever.build(prepared_encoder(encoder), entries, pretrained=reader)
    reports = {}
    for name in names:
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
