"""`mundap faq export`: what was edited, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.faq.opened import opened_draft
from mundap.commands.options import Faq, HomeFolder
from mundap.commands.terminal import counted

app = typer.Typer()


@app.command("export", epilog="Example: `mundap faq export my_faq.xlsx --faq my_faq.csv`")
def faq_export(
    file: Annotated[Path, typer.Argument(help="FAQ to write; its suffix names the format.")],
    faq: Faq = None,
    home: HomeFolder = None,
    generation: Annotated[
        int | None, typer.Option(help="What this generation holds, instead of the working copy.")
    ] = None,
) -> None:
    """Write the working copy as Excel, CSV, Parquet or JSON Lines; an import of it changes nothing.

    Where nothing was edited yet that is the file itself.
    """
    from mundap.index.faq.entry import write_faq

    draft = opened_draft(faq, home)
    entries = draft.entries() if generation is None else draft.entries_of(generation)
    # What Excel is to open needs to say that it is UTF-8.
    write_faq(entries, file, encoding="utf-8-sig" if file.suffix.lower() == ".csv" else "utf-8")
    typer.echo(f"{counted(len(entries), 'entry', 'entries')} written to {file}", err=True)
