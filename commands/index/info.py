"""`mundap index info`: what an index says of itself."""

import json

import typer

from mundap.commands.options import (
    BundleDirectory,
)
from mundap.commands.terminal import print_json

app = typer.Typer()


@app.command("info", epilog="Example: `mundap index info my_index`")
def index_info(directory: BundleDirectory) -> None:
    """Print the manifest and the thresholds of the serving generation."""
    from dataclasses import asdict

    from mundap.index.bundle.bundle import verify_generation
    from mundap.index.bundle.contents import CONFIDENCE_FILE
    from mundap.index.bundle.generations import Generations

    path = Generations(directory).current()
    manifest = asdict(verify_generation(path))
    confidence = json.loads((path / CONFIDENCE_FILE).read_text(encoding="utf-8"))
    print_json({**manifest, "confidence": confidence})
