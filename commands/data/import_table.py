"""`mundap data import`: what an owner has, as a FAQ, with a report on what became of it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said_columns
from mundap.index.faq.columns import FaqColumns

if TYPE_CHECKING:
    from mundap.index.faq.entry import FaqEntry

app = typer.Typer()


@app.command("import", epilog="Example: `mundap data import raw.xlsx faq.parquet`")
@with_fields
def data_import(
    source: Annotated[
        Path,
        typer.Argument(
            help="Questions and answers: a spreadsheet, CSV, JSON, Markdown, HTML; or a folder."
        ),
    ],
    output: Annotated[
        Path | None, typer.Argument(help="FAQ to write; its suffix names the format.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be taken for what, and write nothing.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse the file where a row cannot be taken.")
    ] = False,
    drop_boilerplate: Annotated[
        bool, typer.Option("--drop-boilerplate", help="Leave out what most answers end with.")
    ] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="CSV file for the rows that were not taken, with reasons.")
    ] = None,
    *,
    columns: FaqColumns,
) -> None:
    """Turn any table or page of questions and answers into a FAQ.

    The shortest way is `mundap data import FILE faq.parquet`: what is what is found out and shown.
    """
    from rich.console import Console

    from mundap.index.faq.entry import read_with_report, require_all, write_faq
    from mundap.index.faq.table import SUFFIXES

    if output is None and not dry_run:
        raise typer.BadParameter("Name the FAQ to write, such as faq.parquet, or say --dry-run.")
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"{output}: unknown table type {output.suffix!r}; use {', '.join(SUFFIXES)}."
        )
    entries, reading = read_with_report(source, said_columns(source, columns))
    Console(stderr=True).print(reading.table())
    for line in reading.notes():
        typer.echo(line, err=True)
    entries = _without_boilerplate(entries, drop=drop_boilerplate)
    if rejected is not None:
        reading.write_rejected(rejected)
        typer.echo(f"{len(reading.rejected):,} rejected rows written to {rejected}", err=True)
    if strict:
        require_all(reading)
    if output is None or dry_run:
        typer.echo(f"{len(entries):,} entries; nothing was written.", err=True)
        return
    write_faq(entries, output)
    typer.echo(f"{len(entries):,} entries written to {output}", err=True)


def _without_boilerplate(entries: "list[FaqEntry]", *, drop: bool) -> "list[FaqEntry]":
    """Say what most answers begin or end with, and leave it out where that was asked for."""
    from mundap.index.faq.boilerplate import find_boilerplate, without_boilerplate

    found = find_boilerplate([entry.answer for entry in entries])
    for one in found:
        what = f"{one.count:,} answers {one.place} with {' '.join(one.text.split())!r}"
        done = "; it was left out." if drop else ". Leave it out with --drop-boilerplate."
        typer.echo(f"{what}{done}", err=True)
    if not (found and drop):
        return entries
    return [replace(e, answer=without_boilerplate(e.answer, found)) for e in entries]
