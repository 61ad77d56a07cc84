"""`mundap data lint`: what is wrong with a FAQ."""

from collections.abc import Callable
from typing import Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.options import AsJson, Faq, MeasuredEncoder, MeasuredIndex, ReportLanguage
from mundap.commands.terminal import print_json
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()


@app.command("lint", epilog="Example: `mundap data lint --faq my_faq.csv --strict`")
@with_fields
def data_lint(
    faq: Faq = None,
    index: MeasuredIndex = None,
    encoder: MeasuredEncoder = None,
    cosine: Annotated[
        float | None, typer.Option(help="Least cosine of two questions to call confusable.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 on a fault; the rest is advice.")
    ] = False,
    language: ReportLanguage = "en",
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Find what will confuse visitors, with row and cure.

    Faults: unreadable text, HTML, template markers, contradictions, duplicates, odd texts. Advice:
    answers that name another, dead links, categories as questions, boilerplate, close questions.
    """
    from mundap.commands.measured_index import measured_faq
    from mundap.evaluation.lint import CONFUSABLE, lint
    from mundap.index.bundle.large import require_small
    from mundap.index.faq.problems import places, problem_lines

    met = measured_faq(faq, index, encoder, columns)
    entries = met.entries
    require_small(
        len(entries),
        "`mundap data lint`",
        "Look through it in parts: `mundap data lint --faq PART.csv`.",
    )
    least = CONFUSABLE if cosine is None else cosine
    problems = lint(entries, met.encoder, confusable=least)
    say: Callable[[str], str] = str
    if language == "ko":
        from mundap.evaluation.report.korean import korean, problems_in_korean

        problems, say = problems_in_korean(problems), korean
    if as_json:
        of = places(entries)
        found = [
            {**problem.to_dict(), "places": [of[name] for name in problem.entry_ids]}
            for problem in problems
        ]
        print_json({**met.facts, "entries": len(entries), "problems": found})
    else:
        typer.echo("\n".join(map(say, problem_lines(problems, entries))))
        # Of which FAQ, when and by what: such a list is sent by mail and found again.
        typer.echo("\n" + " · ".join(map(say, met.facts.values())))
    if strict and any(problem.is_fault for problem in problems):
        raise typer.Exit(1)
