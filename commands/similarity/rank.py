"""`mundap sts-rank`: every sentence of a file against one."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mundap.commands.options import AsJson, StsEncoder
from mundap.commands.similarity.encoder import load_similarity
from mundap.commands.terminal import counted, print_json
from mundap.index.progress import progress

app = typer.Typer()


@app.command(epilog='Example: `mundap sts-rank "환불 되나요?" sentences.csv --output ranked.csv`')
def sts_rank(
    base: Annotated[str, typer.Argument(help="The sentence to compare with.")],
    file: Annotated[Path, typer.Argument(help="CSV file (UTF-8 or CP949) with a heading.")],
    column: Annotated[
        str | None, typer.Option(help="Column of the sentences; else the first with text.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="CSV file to write, with a line for each sentence.")
    ] = None,
    encoder: StsEncoder = None,
    as_json: AsJson = False,
) -> None:
    """Compare every sentence of a CSV file with one; without --output show the closest ten."""
    from mundap.chatbot.similarity.output import TOP, csv_pieces, json_pieces
    from mundap.chatbot.similarity.table import SentenceTable, SentenceTableError
    from mundap.index.durable import replaced_file

    with file.open("rb") as opened, progress("Comparing") as advance:
        try:
            table = SentenceTable.check(opened, column=column)
        except SentenceTableError as error:
            raise ValueError(f"{file}: {error}") from None
        ranked = _counted(load_similarity(encoder).rank(base, table.texts()), table.rows, advance)
        if output is not None:
            with replaced_file(output) as partial, partial.open("wb") as written:
                written.writelines(csv_pieces(ranked))
            shown = None
        else:
            shown = json.loads(b"".join(json_pieces(ranked, column=table.heading, rows=table.rows)))
    # A file without a heading loses its first line to it, which is seen here.
    compared = f"{counted(table.rows, 'sentence', 'sentences')} of column {table.heading!r}"
    if shown is None:
        typer.echo(f"{compared} compared in {output}", err=True)
    elif as_json:
        print_json(shown)
    else:
        typer.echo(f"{compared} compared", err=True)
        for item in shown["top"][:TOP]:
            typer.echo(f"{item['score']:.2f}  {item['row']}  {item['text']}")


def _counted(items: Any, total: int, advance: Any) -> Any:
    for done, item in enumerate(items, start=1):
        yield item
        if done % 256 == 0 or done == total:
            advance(done, total)
