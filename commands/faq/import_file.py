"""`mundap faq import`: a file takes the place of what was edited, as one deed."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.faq.opened import opened_draft
from mundap.commands.fields import with_fields
from mundap.commands.inputs import read_faq_option
from mundap.commands.options import NOBODY, Faq, HomeFolder, Owner
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()


@app.command("import", epilog="Example: `mundap faq import my_faq.xlsx --faq my_faq.xlsx`")
@with_fields
def faq_import(
    file: Annotated[Path, typer.Argument(help="The FAQ to take over, a file or a folder.")],
    faq: Faq = None,
    home: HomeFolder = None,
    owner: Owner = NOBODY,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    *,
    columns: FaqColumns,
) -> None:
    """Make the working copy of the FAQ that `--faq` names what a file says.

    Nothing of it is served before `mundap faq publish`, and `mundap faq undo` takes it back.
    """
    draft = opened_draft(faq, home)
    entries = read_faq_option(file, columns)
    difference = draft.difference_of(entries) if dry_run else draft.take_over(entries, owner, file)
    for line in difference.lines():
        typer.echo(line)
    done = (
        "nothing was changed" if dry_run or not difference else "`mundap faq publish` lets it serve"
    )
    typer.echo(f"{draft.home.faq}: {difference}; {done}.", err=True)
