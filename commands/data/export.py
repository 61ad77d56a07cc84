"""`mundap data export`: a FAQ in another format."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import read_faq_option
from mundap.commands.terminal import counted
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()


@app.command("export", epilog="Example: `mundap data export faq.parquet faq.csv --encoding cp949`")
@with_fields
def data_export(
    faq: Annotated[Path, typer.Argument(help="FAQ file or folder.")],
    output: Annotated[Path, typer.Argument(help="File to write; its suffix names the format.")],
    encoding: Annotated[
        Literal["utf-8", "utf-8-sig", "cp949"], typer.Option(help="Of a CSV file.")
    ] = "utf-8",
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Write what comes nearest to what CP949 lacks, and say so."),
    ] = False,
    *,
    columns: FaqColumns,
) -> None:
    """Write a FAQ in another format, losing nothing that you have not allowed."""
    from mundap.index.faq.code_page import losses, replaced
    from mundap.index.faq.entry import write_faq
    from mundap.index.tables.table import TableError

    entries = read_faq_option(faq, columns)
    if encoding == "cp949" and output.suffix.lower() == ".csv":
        lost = losses(entries, encoding)
        for loss in lost:
            typer.echo(f"{'replaced' if replace else 'lost'}: {loss}", err=True)
        if lost and not replace:
            characters = "character" if len(lost) == 1 else f"{len(lost):,} characters"
            raise TableError(
                f"{output}: CP949 lacks the {characters} above. Write UTF-8 instead "
                "(--encoding utf-8-sig, which Excel opens too), or what comes nearest (--replace)."
            )
        entries = replaced(entries, encoding)
    write_faq(entries, output, encoding=encoding)
    typer.echo(f"{counted(len(entries), 'entry', 'entries')} written to {output}", err=True)
