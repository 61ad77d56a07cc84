"""`mundap eval sts`: what an encoder finds alike, against people's scores."""

from pathlib import Path

import typer

from mundap.commands.inputs import prepared_encoder
from mundap.commands.options import AsJson, EncoderName, ScoredPairs
from mundap.commands.terminal import print_json

app = typer.Typer()


@app.command("sts", epilog="Example: `mundap eval sts --data korsts_dev.parquet --json`")
def eval_sts(
    data: ScoredPairs,
    encoder: EncoderName = "default",
    as_json: AsJson = False,
) -> None:
    """Measure how well an encoder, or a cross-encoder, agrees with people's similarity scores."""
    from mundap.evaluation.sts import cosines_of, read_sts, sts_figures
    from mundap.index.similarity.cross_encoder import CrossEncoder, is_cross_encoder

    pairs = read_sts(data)
    if is_cross_encoder(Path(encoder)):
        judge = CrossEncoder.open(Path(encoder))
        closeness = judge.closeness([(pair.sentence1, pair.sentence2) for pair in pairs])
    else:
        closeness = cosines_of(prepared_encoder(encoder), pairs)
    report = sts_figures(closeness, pairs).to_dict()
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        typer.echo(f"{name:9} {value:.4f}" if isinstance(value, float) else f"{name:9} {value}")
