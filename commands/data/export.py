"""`mundap data export`: a FAQ in another format."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer()


@app.command("export", epilog="Example: `mundap data export faq.parquet faq.csv --encoding cp949`")
def data_export(
    faq: Annotated[Path, typer.Argument(help="FAQ file or folder.")],
    output: Annotated[Path, typer.Argument(help="File to write; its suffix names the format.")],
    encoding: Annotated[
        Literal["utf-8", "utf-8-sig", "cp949"], typer.Option(help="Of a CSV file.")
    ] = "utf-8",
) -> None:
    """Write a FAQ in another format, losing nothing."""
    from mundap.index.faq.entry import read_faq, write_faq

    entries = read_faq(faq)
    write_faq(entries, output, encoding=encoding)
    typer.echo(f"{len(entries)} entries written to {output}", err=True)
