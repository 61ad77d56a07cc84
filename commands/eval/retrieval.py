"""`mundap eval retrieval`: how often the right entry comes first."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.eval.mode import Mode
from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepared_encoder, read_faq_option
from mundap.commands.options import AsJson, EncoderName, Faq
from mundap.commands.terminal import print_json
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()


@app.command(
    "retrieval", epilog="Example: `mundap eval retrieval --faq F --queries Q --encoder E --json`"
)
@with_fields
def eval_retrieval(
    queries: Annotated[Path, typer.Option(help="Columns query and entry_id.")],
    faq: Faq = None,
    encoder: EncoderName = "default",
    mode: Annotated[
        list[Mode] | None,
        typer.Option(help="Systems to measure; without it all."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Directory for the files.")] = None,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Measure answer-level retrieval accuracy with 95% intervals."""
    from rich.console import Console

    from mundap.evaluation.queries import check_against, read_queries
    from mundap.evaluation.ranking import rank_all
    from mundap.evaluation.report.accuracy_table import accuracy_table
    from mundap.evaluation.retrieval import evaluate
    from mundap.evaluation.retrieval_files import write_retrieval
    from mundap.evaluation.run import qrels_of
    from mundap.evaluation.systems import build_systems

    entries = read_faq_option(faq, columns)
    asked = read_queries(queries)
    check_against(asked, entries)
    names = [name.value for name in mode or list(Mode)]
    systems = build_systems(names, entries, lambda: prepared_encoder(encoder))
    runs = {name: rank_all(ranker, asked) for name, ranker in systems.items()}
    reports = {name: evaluate(run, qrels_of(asked)) for name, run in runs.items()}
    if output is not None:
        questions = {entry.entry_id: entry.question for entry in entries}
        write_retrieval(output, asked, runs, reports, questions)
    if as_json:
        print_json({name: report.to_dict() for name, report in reports.items()})
    else:
        Console().print(accuracy_table(reports))
