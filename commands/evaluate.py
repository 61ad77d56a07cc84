"""`mundap eval`: measure retrieval and similarity offline."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepared_encoder, read_faq_option
from mundap.commands.options import AsJson, EncoderName, Faq
from mundap.commands.terminal import print_json
from mundap.index.faq.columns import FaqColumns
from mundap.index.progress import progress

app = typer.Typer(help="Measure retrieval and similarity offline.", no_args_is_help=True)


class Mode(StrEnum):
    """A retrieval system that can be measured."""

    HYBRID = "hybrid"
    DENSE = "dense"
    BM25 = "bm25"
    TFIDF = "tfidf"


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
        write_retrieval(output, asked, runs, reports)
    if as_json:
        print_json({name: report.to_dict() for name, report in reports.items()})
    else:
        Console().print(accuracy_table(reports))


@app.command(
    "compare", epilog="Example: `mundap eval compare reports/old reports/new --queries Q --gate`"
)
def eval_compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="TREC run files or folders of `eval retrieval`; the first is before."),
    ],
    queries: Annotated[Path | None, typer.Option(help="Columns query and entry_id.")] = None,
    qrels: Annotated[Path | None, typer.Option(help="TREC file of the right entries.")] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Exit 1 where a system is significantly worse.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare saved runs with the first of them: paired tests, queries fixed and broken."""
    from rich.console import Console

    from mundap.evaluation.comparison import compare
    from mundap.evaluation.report.comparison_table import comparison_table
    from mundap.evaluation.saved_run import asked_of, read_saved_runs

    saved = read_saved_runs(runs)
    right, texts = asked_of(saved, queries, qrels)
    compared = compare({name: item.run for name, item in saved.items()}, right)
    if as_json:
        print_json([item.to_dict() for item in compared])
    else:
        for item in compared:
            Console().print(comparison_table(item, texts))
    if gate and any(item.worse for item in compared):
        raise typer.Exit(1)


@app.command(
    "report", epilog="Example: `mundap eval report --queries Q --out-of-scope O --output report`"
)
@with_fields
def eval_report(
    queries: Annotated[Path, typer.Option(help="Columns query and entry_id.")],
    output: Annotated[Path, typer.Option(help="Folder for report.html, .md and .json.")],
    out_of_scope: Annotated[
        Path | None, typer.Option(help="Column query: what the FAQ cannot answer.")
    ] = None,
    faq: Faq = None,
    encoder: EncoderName = "default",
    reranker: Annotated[
        str | None, typer.Option(help="A cross-encoder that looks at the first hits again.")
    ] = None,
    careless: Annotated[
        bool, typer.Option("--careless/--no-careless", help="Measure typing mistakes too.")
    ] = True,
    *,
    columns: FaqColumns,
) -> None:
    """Write a page on accuracy, confidence, robustness, what to mend, time and memory."""
    from mundap.chatbot.home.bundled import bundled_far_queries
    from mundap.evaluation.queries import check_against, read_queries, read_texts
    from mundap.evaluation.report.full_report import measure, write_documents
    from mundap.index.search.reranker import Reranker

    entries = read_faq_option(faq, columns)
    asked = read_queries(queries)
    check_against(asked, entries)
    beside = read_texts(out_of_scope) if out_of_scope else []
    # A deadline would make the figures depend on what else the machine does.
    second = Reranker.load(reranker, deadline=600) if reranker else None
    loaded = prepared_encoder(encoder)
    with progress("Typing carelessly") as advance:
        measured = measure(
            loaded,
            entries,
            asked,
            out_of_scope=beside,
            far=bundled_far_queries(),
            reranker=second,
            careless=careless,
            advance=advance,
        )
    for path in write_documents(measured, output):
        typer.echo(path)


@app.command(
    "robustness", epilog="Example: `mundap eval robustness --queries Q --encoder E --output robust`"
)
@with_fields
def eval_robustness(
    queries: Annotated[Path, typer.Option(help="Columns query and entry_id.")],
    faq: Faq = None,
    encoder: EncoderName = "default",
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
    from mundap.index.search.retriever import Retriever

    entries = read_faq_option(faq, columns)
    asked = read_queries(queries)
    check_against(asked, entries)
    retriever = Retriever.build(prepared_encoder(encoder), entries)
    reports = {}
    for name in [name.value for name in mode or (Mode.HYBRID, Mode.BM25)]:
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


@app.command("sts", epilog="Example: `mundap eval sts --data korsts_dev.parquet --json`")
def eval_sts(
    data: Annotated[Path, typer.Option(help="Columns sentence1, sentence2, score (0-5).")],
    encoder: EncoderName = "default",
    as_json: AsJson = False,
) -> None:
    """Measure how well cosines agree with people's similarity scores."""
    from mundap.evaluation.sts import evaluate_sts, read_sts

    report = evaluate_sts(prepared_encoder(encoder), read_sts(data)).to_dict()
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        typer.echo(f"{name:9} {value:.4f}" if isinstance(value, float) else f"{name:9} {value}")
