"""`mundap faq undo`: a deed is taken back."""

from typing import Annotated

import typer

from mundap.commands.faq.opened import opened_draft
from mundap.commands.options import NOBODY, Faq, HomeFolder, Owner

app = typer.Typer()


@app.command("undo", epilog="Example: `mundap faq undo 12 --faq my_faq.csv`")
def faq_undo(
    deed: Annotated[int, typer.Argument(help="Its number in `mundap faq history`.")],
    faq: Faq = None,
    home: HomeFolder = None,
    owner: Owner = NOBODY,
) -> None:
    """Take one deed back: the entries that it changed are as they were before it."""
    undone = opened_draft(faq, home).copy.undo(deed, owner)
    typer.echo(f"Deed {deed} is undone, by deed {undone}; `mundap faq publish` lets it serve.")
