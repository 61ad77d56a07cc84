"""`mundap eval compare`: saved runs, one against the other."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.options import AsJson
from mundap.commands.terminal import print_json

app = typer.Typer()


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
