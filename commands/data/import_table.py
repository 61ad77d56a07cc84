"""`mundap data import`: what an owner has, as a FAQ, with a report on what became of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said_columns
from mundap.commands.terminal import counted
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.progress import watched

if TYPE_CHECKING:
    from mundap.index.faq.cells.boilerplate import Boilerplate
    from mundap.index.faq.entry import FaqEntry

app = typer.Typer()

# What names a part of a file, in the order in which it is found.
_OTHERWISE = (
    *("--sheet", "--header-row", "--question-column", "--answer-column", "--category-column"),
    *("--alternates-column", "--alternates-separator", "--keep-html"),
)
# Answers that are looked at to tell what most of them begin or end with.
_LOOKED_AT = 20_000


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

    from mundap.index.faq.entry import FaqError, filled_english, read_stored, require_all, write_faq
    from mundap.index.tables.table import SUFFIXES

    if output is None and not dry_run:
        raise typer.BadParameter("Name the FAQ to write, such as faq.parquet, or say --dry-run.")
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"{output}: unknown table type {output.suffix!r}; use {', '.join(SUFFIXES)}."
        )
    entries, reading = read_stored(source, said_columns(source, columns))
    Console(stderr=True).print(reading.table())
    if dry_run:
        typer.echo(f"Say otherwise with {', '.join(_OTHERWISE)}.", err=True)
    if rejected is not None:
        reading.write_rejected(rejected)
    if strict:
        try:
            require_all(reading)
        except FaqError as error:
            raise FaqError(f"{error}\nMend them; without --strict the others go in.") from None
    for line in reading.notes():
        typer.echo(line, err=True)
    boilerplate = _boilerplate(entries, drop=drop_boilerplate)
    if rejected is not None:
        rows = counted(len(reading.rejected), "rejected row", "rejected rows")
        typer.echo(f"{rows} written to {rejected}", err=True)
    count = counted(len(entries), "entry", "entries")
    if output is None or dry_run:
        typer.echo(f"{count}; nothing was written.", err=True)
        return
    written = _without(entries, boilerplate) if drop_boilerplate else entries
    english = filled_english(entries, reading.english)
    shown = watched(written, "Writing", "entry", len(entries))
    write_faq(shown, output, english=english)
    typer.echo(f"{count} written to {output}", err=True)


def _boilerplate(entries: "Sequence[FaqEntry]", *, drop: bool) -> "list[Boilerplate]":
    """Find what most answers begin or end with, and say so."""
    from mundap.index.faq.cells.boilerplate import find_boilerplate

    step = -(-len(entries) // _LOOKED_AT)
    answers = [entries[place].answer for place in range(0, len(entries), step)]
    found = find_boilerplate(answers)
    of = f" of {len(answers):,} that were looked at" if step > 1 else ""
    for one in found:
        what = f"{one.count:,} answers{of} {one.place} with {' '.join(one.text.split())!r}"
        done = "; it was left out." if drop else ". Leave it out with --drop-boilerplate."
        typer.echo(f"{what}{done}", err=True)
    return found


def _without(
    entries: "Sequence[FaqEntry]", boilerplate: "Sequence[Boilerplate]"
) -> "Iterator[FaqEntry]":
    from mundap.index.faq.cells.boilerplate import without_boilerplate

    for entry in entries:
        yield replace(entry, answer=without_boilerplate(entry.answer, boilerplate))
