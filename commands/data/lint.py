"""`mundap data lint`: what is wrong with a FAQ."""

from typing import Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepared_encoder, read_faq_option
from mundap.commands.options import AsJson, EncoderName, Faq
from mundap.commands.terminal import print_json
from mundap.index.faq.columns import FaqColumns

app = typer.Typer()


@app.command("lint", epilog="Example: `mundap data lint --faq my_faq.csv --strict`")
@with_fields
def data_lint(
    faq: Faq = None,
    encoder: EncoderName = "default",
    cosine: Annotated[
        float | None, typer.Option(help="Least cosine of two questions to call confusable.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 on a fault; the rest is advice.")
    ] = False,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Find what will confuse visitors, with row and cure.

    Faults: unreadable text, HTML, template markers, contradictions, duplicates, odd texts. Advice:
    answers that name another, dead links, categories as questions, boilerplate, close questions.
    """
    from mundap.evaluation.lint import CONFUSABLE, lint
    from mundap.index.faq.problems import places, problem_lines

    entries = read_faq_option(faq, columns)
    least = CONFUSABLE if cosine is None else cosine
    problems = lint(entries, prepared_encoder(encoder), confusable=least)
    if as_json:
        of = places(entries)
        found = [
            {**problem.to_dict(), "places": [of[name] for name in problem.entry_ids]}
            for problem in problems
        ]
        print_json({"entries": len(entries), "problems": found})
    else:
        typer.echo("\n".join(problem_lines(problems, entries)))
    if strict and any(problem.is_fault for problem in problems):
        raise typer.Exit(1)
