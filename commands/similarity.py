"""`mundap sts`, `sts-rank` and `sts-calibrate`: how similar sentences are."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mundap.commands.inputs import prepare_encoder
from mundap.commands.options import AsJson, StsEncoder
from mundap.commands.terminal import print_json
from mundap.index.progress import progress

app = typer.Typer()


@app.command(epilog='Example: `mundap sts "환불 되나요?" "환불 가능한가요?"`')
def sts(
    sentence1: Annotated[str, typer.Argument(help="One sentence.")],
    sentence2: Annotated[str, typer.Argument(help="Another one.")],
    encoder: StsEncoder = None,
    as_json: AsJson = False,
) -> None:
    """Say how similar two sentences are: 0 unrelated, 5 the same."""
    from dataclasses import asdict

    found = _similarity(encoder).score([(sentence1, sentence2)])[0]
    if as_json:
        print_json(asdict(found))
        return
    cosine = "" if found.cosine is None else f"  (cosine {found.cosine:.3f})"
    typer.echo(f"{found.score:.2f}{cosine}")


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
        ranked = _counted(_similarity(encoder).rank(base, table.texts()), table.rows, advance)
        if output is not None:
            with replaced_file(output) as partial, partial.open("wb") as written:
                written.writelines(csv_pieces(ranked))
            shown = None
        else:
            shown = json.loads(b"".join(json_pieces(ranked, column=table.heading, rows=table.rows)))
    if shown is None:
        typer.echo(f"{table.rows} sentences compared in {output}", err=True)
    elif as_json:
        print_json(shown)
    else:
        for item in shown["top"][:TOP]:
            typer.echo(f"{item['score']:.2f}  {item['row']}  {item['text']}")


@app.command(epilog="Example: `mundap sts-calibrate --data korsts_train.parquet`")
def sts_calibrate(
    data: Annotated[Path, typer.Option(help="Columns sentence1, sentence2, score (0-5).")],
    development: Annotated[
        Path | None, typer.Option(help="Other pairs, to measure the calibration on.")
    ] = None,
    encoder: StsEncoder = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; without it, where the others look.")
    ] = None,
) -> None:
    """Fit the scores of `mundap sts` for an encoder on pairs that people have scored."""
    from mundap.chatbot.settings import ChatSettings
    from mundap.evaluation.fit.similarity import fit_scale
    from mundap.evaluation.sts import read_sts
    from mundap.index.similarity.pair_encoder import load_pair_encoder
    from mundap.index.similarity.scale import scale_path

    held_out = read_sts(development) if development is not None else []
    pairs = read_sts(data)
    loaded = load_pair_encoder(_source(encoder))
    fitted = fit_scale(loaded, pairs, held_out, source=data.name)
    path = output or scale_path(ChatSettings.load().home, loaded.fingerprint)
    fitted.write(path)
    typer.echo(f"Calibration written to {path}", err=True)
    print_json(fitted.fit)


def _similarity(encoder: str | None) -> Any:
    from mundap.chatbot.settings import ChatSettings
    from mundap.chatbot.similarity.similarity import Similarity

    return Similarity.load(_source(encoder), ChatSettings.load().home)


def _source(encoder: str | None) -> str:
    """Return the encoder that was named or else the one that `mundap serve` compares with."""
    from mundap.chatbot.api.settings import ApiSettings
    from mundap.chatbot.home.first_run import Home
    from mundap.chatbot.settings import ChatSettings
    from mundap.chatbot.similarity.similarity import similarity_source

    settings = ChatSettings.load()
    chosen = similarity_source(encoder or ApiSettings.load().sts_encoder, settings.home)
    source = str(chosen or Home.of(settings).retrieval_encoder())
    with progress("Preparing the base encoder") as advance:
        prepare_encoder(source, advance)
    return source


def _counted(items: Any, total: int, advance: Any) -> Any:
    for done, item in enumerate(items, start=1):
        yield item
        if done % 256 == 0 or done == total:
            advance(done, total)
