"""`mundap data import`: any table of questions and answers as a FAQ."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.index.faq.columns import FaqColumns

app = typer.Typer()


@app.command("import", epilog="Example: `mundap data import raw.csv faq.parquet`")
@with_fields
def data_import(
    source: Annotated[Path, typer.Argument(help="Parquet, CSV, JSON Lines, Excel or a folder.")],
    output: Annotated[Path, typer.Argument(help="FAQ to write; its suffix names the format.")],
    *,
    columns: FaqColumns,
) -> None:
    """Turn any table of questions and answers into a FAQ."""
    from mundap.index.faq.entry import read_faq, write_faq

    entries = read_faq(source, columns)
    write_faq(entries, output)
    typer.echo(f"{len(entries)} entries written to {output}", err=True)
