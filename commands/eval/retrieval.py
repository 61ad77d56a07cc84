"""`mundap eval retrieval`: how often the right entry comes first."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.eval.mode import Mode
from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepared_encoder, read_faq_option
from mundap.commands.options import AsJson, EncoderName, Faq, JudgedQueries
from mundap.commands.terminal import print_json
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()


@app.command(
    "retrieval", epilog="Example: `mundap eval retrieval --faq F --queries Q --encoder E --json`"
)
@with_fields
def eval_retrieval(
    queries: JudgedQueries,
    faq: Faq = None,
    index: Annotated[
        Path | None, typer.Option(help="Measure this index, as it is searched, instead of a FAQ.")
    ] = None,
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

    from mundap.commands.measured_index import met_retriever
    from mundap.evaluation.queries import check_against, read_queries
    from mundap.evaluation.ranking import rank_all
    from mundap.evaluation.report.accuracy_table import accuracy_table
    from mundap.evaluation.retrieval import evaluate
    from mundap.evaluation.retrieval_files import write_retrieval
    from mundap.evaluation.run import qrels_of
    from mundap.evaluation.systems import around, build_systems
    from mundap.index.bundle.large import require_small
    from mundap.index.encoders.encoder import DEFAULT_ENCODER

    names = [name.value for name in mode or list(Mode)]
    asked = read_queries(queries)
    if index is not None:
        given = None if encoder == DEFAULT_ENCODER else encoder
        retriever = met_retriever(faq, index, given, columns)
        entries = retriever.passages.entries
        if Mode.TFIDF.value in names:
            require_small(len(entries), "tfidf", "Name the others: --mode hybrid --mode bm25.")
        check_against(asked, entries)
        systems = around(retriever, names)
    else:
        entries = read_faq_option(faq, columns)
        require_small(
            len(entries),
            "`mundap eval retrieval --faq`",
            "Build an index of it, and measure that: --index I --mode hybrid --mode bm25.",
        )
        check_against(asked, entries)
        systems = build_systems(names, entries, lambda: prepared_encoder(encoder))
    runs = {name: rank_all(ranker, asked) for name, ranker in systems.items()}
    reports = {name: evaluate(run, qrels_of(asked)) for name, run in runs.items()}
    if output is not None:
        listed = {entry_id for run in runs.values() for each in run.values() for entry_id in each}
        listed |= {query.entry_id for query in asked}
        questions = {e.entry_id: e.question for e in entries if e.entry_id in listed}
        write_retrieval(output, asked, runs, reports, questions)
    if as_json:
        print_json({name: report.to_dict() for name, report in reports.items()})
    else:
        Console().print(accuracy_table(reports))
