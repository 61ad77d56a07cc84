"""`mundap log`: what visitors asked, shown, taken out and forgotten."""

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mundap.commands.options import Faq

app = typer.Typer(help="Show, export and delete what visitors asked and did.", no_args_is_help=True)

Kind = Annotated[
    Literal["answer", "suggest", "unknown", "chosen"] | None,
    typer.Option(help="Only replies of this kind; chosen: a visitor took what was offered."),
]
Contains = Annotated[
    str | None, typer.Option(help="Only with this text in what was typed; capitals are alike.")
]
_DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
Since = Annotated[datetime | None, typer.Option(formats=_DAY, help="From this day or time on.")]
Before = Annotated[datetime | None, typer.Option(formats=_DAY, help="Before this day or time.")]


@app.command(epilog="Example: `mundap log show --kind unknown --limit 50`")
def show(
    kind: Kind = None,
    contains: Contains = None,
    since: Since = None,
    before: Before = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 20,
    faq: Faq = None,
) -> None:
    """Print the last exchanges, one a line, the newest first."""
    from mundap.feedback.exchanges.exchange_log import page

    wanted = _wanted(kind, contains, since, before)
    with _store(faq) as database, database.reading() as connection:
        found = page(connection, wanted, limit)
    for one in found:
        typer.echo(_line(one))
    if not found:
        typer.echo("Nothing of that is recorded.", err=True)


@app.command(epilog="Example: `mundap log export november.csv --since 2026-11-01`")
def export(
    output: Annotated[Path, typer.Argument(help="A file that ends with .csv or .jsonl.")],
    kind: Kind = None,
    contains: Contains = None,
    since: Since = None,
    before: Before = None,
    faq: Faq = None,
) -> None:
    """Write exchanges to a file, the newest first, with what the visitor did then."""
    from mundap.feedback.exchanges.exchange_log import everything
    from mundap.index.durable import replaced_file

    if output.suffix not in _WRITERS:
        raise typer.BadParameter(f"{output}: wanted a name that ends with .csv or .jsonl.")
    wanted = _wanted(kind, contains, since, before)
    with (
        _store(faq) as database,
        database.reading() as connection,
        replaced_file(output) as partial,
    ):
        records = (one.record() for one in everything(connection, wanted))
        number = _WRITERS[output.suffix](records, partial)
    typer.echo(f"{output}: {number:,} exchanges")


@app.command(epilog="Example: `mundap log delete --contains 홍길동`")
def delete(
    contains: Contains = None,
    before: Before = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    faq: Faq = None,
) -> None:
    """Delete exchanges for good: their texts are in no file of the store any more."""
    if not contains and before is None:
        raise typer.BadParameter("Say which: --contains TEXT or --before DATE.")
    from mundap.feedback.exchanges.forgetting import count, forget

    wanted = _wanted(None, contains, None, before)
    with _store(faq) as database:
        number = count(database, wanted)
        if number and not yes and not typer.confirm(f"Delete {number:,} exchanges for good?"):
            typer.echo("Nothing was deleted.")
            return
        deleted = forget(database, wanted)
    typer.echo(f"{deleted:,} exchanges deleted.")


@contextmanager
def _store(faq: Any) -> Iterator[Any]:
    from mundap.chatbot.home.store import store_of
    from mundap.chatbot.settings import ChatSettings

    database = store_of(ChatSettings.load(faq=faq))
    try:
        yield database
    finally:
        database.close()


def _wanted(
    kind: Any, contains: str | None, since: datetime | None, before: datetime | None
) -> Any:
    from mundap.feedback.exchanges.exchange_log import Wanted

    # Of this machine's time zone.
    return Wanted(kind, contains, since and since.astimezone(), before and before.astimezone())


def _line(one: Any) -> str:
    record = one.record()
    time = one.exchange.time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    did = [record["thumb"], record["reason"], record["comment"]]
    did += [f"chose {record['chosen']}" if record["chosen"] else None]
    did += ["handed over" if record["handed_over"] else None]
    did += ["asked again" if record["asked_again"] else None]
    parts = [time, record["channel"], record["kind"], record["entry_id"] or "-", record["query"]]
    return "  ".join([*parts, *(f"[{each}]" for each in did if each)]).replace("\n", " ")


def _write_csv(records: Iterable[dict[str, Any]], path: Path) -> int:
    from mundap.chatbot.similarity.output import csv_cell

    number = 0
    # The mark without which Excel garbles Korean.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for number, record in enumerate(records, start=1):
            if number == 1:
                writer.writerow(record)
            record["candidates"] = " ".join(record["candidates"])
            writer.writerow(
                csv_cell(cell) if isinstance(cell, str) else cell for cell in record.values()
            )
    return number


def _write_jsonl(records: Iterable[dict[str, Any]], path: Path) -> int:
    number = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            number += 1
    return number


_WRITERS = {".csv": _write_csv, ".jsonl": _write_jsonl}
