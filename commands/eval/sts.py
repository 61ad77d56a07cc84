"""`mundap eval sts`: cosines against people's scores."""

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
    """Measure how well cosines agree with people's similarity scores."""
    from mundap.evaluation.sts import evaluate_sts, read_sts

    report = evaluate_sts(prepared_encoder(encoder), read_sts(data)).to_dict()
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        typer.echo(f"{name:9} {value:.4f}" if isinstance(value, float) else f"{name:9} {value}")
