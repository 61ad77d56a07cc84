"""`mundap sts`: how similar two sentences are."""

from typing import Annotated

import typer

from mundap.commands.options import AsJson, StsEncoder
from mundap.commands.similarity.encoder import load_similarity
from mundap.commands.terminal import print_json

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

    found = load_similarity(encoder).score([(sentence1, sentence2)])[0]
    if as_json:
        print_json(asdict(found))
        return
    cosine = "" if found.cosine is None else f"  (cosine {found.cosine:.3f})"
    typer.echo(f"{found.score:.2f}{cosine}")
