"""`mundap sts-calibrate`: scores of an encoder on the scale of people."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.options import ScoredPairs, StsEncoder
from mundap.commands.similarity.encoder import encoder_source
from mundap.commands.terminal import print_json

app = typer.Typer()


@app.command(epilog="Example: `mundap sts-calibrate --data korsts_train.parquet`")
def sts_calibrate(
    data: ScoredPairs,
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
    loaded = load_pair_encoder(encoder_source(encoder))
    fitted = fit_scale(loaded, pairs, held_out, source=data.name)
    path = output or scale_path(ChatSettings.load().home, loaded.fingerprint)
    fitted.write(path)
    typer.echo(f"Calibration written to {path}", err=True)
    print_json(fitted.fit)
