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
        typer.Argument(help="Folders of `eval retrieval`, or TREC runs; the first is before."),
    ],
    queries: Annotated[Path | None, typer.Option(help="Columns query and entry_id.")] = None,
    qrels: Annotated[Path | None, typer.Option(help="TREC file of the right entries.")] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Exit 1 where a system is significantly worse.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare saved runs with the first of them: paired tests, queries fixed and broken.

    Folders of several systems are compared system by system; one folder alone, its systems with the
    first of them.
    """
    from rich.console import Console

    from mundap.evaluation.comparison import Comparison, compare
    from mundap.evaluation.report.comparison_table import comparison_table
    from mundap.evaluation.saved_run import asked_of, grouped, not_shared, read_saved_runs

    compared: list[Comparison] = []
    texts: dict[str, str] = {}
    questions: dict[str, str] = {}
    groups = grouped(runs)
    for group in groups:
        saved = read_saved_runs(group)
        right, asked = asked_of(saved, queries, qrels)
        compared += compare({name: item.run for name, item in saved.items()}, right)
        texts |= asked
        questions |= {key: text for item in saved.values() for key, text in item.questions.items()}
    for path in not_shared(runs, groups):
        typer.echo(f"{path}: not compared, as another folder has no such system.", err=True)
    if as_json:
        print_json([item.to_dict() for item in compared])
    else:
        for item in compared:
            Console().print(comparison_table(item, texts, questions))
    if gate and any(item.worse for item in compared):
        raise typer.Exit(1)
