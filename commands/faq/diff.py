"""`mundap faq diff`: what parts two states of a FAQ."""

from typing import Annotated

import typer

from mundap.commands.faq.opened import opened_draft
from mundap.commands.options import AsJson, Faq, HomeFolder
from mundap.commands.terminal import print_json

app = typer.Typer()
_STATE = 'A generation by its number, "serving", or "draft" for what is edited.'


@app.command("diff", epilog="Example: `mundap faq diff 3 5 --faq my_faq.csv`")
def faq_diff(
    before: Annotated[str, typer.Argument(help=_STATE)] = "serving",
    after: Annotated[str, typer.Argument(help=_STATE)] = "draft",
    faq: Faq = None,
    home: HomeFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show which entries were added, changed and removed; by default since the last publication."""
    from dataclasses import asdict

    draft = opened_draft(faq, home)
    difference = draft.difference(before, after)
    if as_json:
        print_json(asdict(difference) | {"counts": difference.counts()})
        return
    for line in difference.lines():
        typer.echo(line)
    typer.echo(f"{before} -> {after}: {difference}", err=True)
