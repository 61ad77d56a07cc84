"""`mundap export`: encoders in other formats."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import read_faq_option
from mundap.commands.options import AsJson, Faq
from mundap.commands.terminal import print_json
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer(help="Write encoders in other formats.", no_args_is_help=True)


@app.command(
    "onnx", epilog="Example: `mundap export onnx my_encoder my_encoder_int8 --int8 --sts sts.csv`"
)
@with_fields
def export_onnx(
    encoder: Annotated[str, typer.Argument(help="A transformer encoder's directory or hub name.")],
    output: Annotated[Path, typer.Argument(help="Directory for the ONNX encoder.")],
    int8: Annotated[
        bool, typer.Option("--int8", help="Weights as 8-bit integers: a quarter of the size.")
    ] = False,
    sts: Annotated[
        Path | None, typer.Option(help="Columns sentence1, sentence2, score (0-5), to measure on.")
    ] = None,
    queries: Annotated[
        Path | None, typer.Option(help="Columns query and entry_id, to measure on with the FAQ.")
    ] = None,
    faq: Faq = None,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Export an encoder to ONNX, and show what that costs and gains before anyone trusts it.

    The cosines and speeds are of the questions of the FAQ.
    """
    from mundap.index.encoders.registry import load_encoder, require_exportable

    require_exportable(encoder)  # before torch is loaded and the FAQ read
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from mundap.evaluation.queries import check_against, read_queries
    from mundap.evaluation.sts import read_sts
    from mundap.index.faq.passages.passages import Passages
    from mundap.training.export.comparison import ExportComparison
    from mundap.training.export.onnx import export_onnx as write
    from mundap.training.export.onnx import require_tools
    from mundap.training.pretrained.export import export_trained

    require_tools()
    entries = read_faq_option(faq, columns)
    asked = read_queries(queries) if queries is not None else []
    check_against(asked, entries)
    scored = read_sts(sts) if sts is not None else []
    texts = Passages.of(entries).texts
    path = export_trained(Path(encoder), output, texts[:: 1 + len(texts) // 200]) if int8 else None
    path = path or write(encoder, output, int8=int8)
    report = ExportComparison.measure(
        load_encoder(encoder),
        load_encoder(path),
        texts,
        scored,
        asked,
        entries,
    )
    typer.echo(f"ONNX encoder written to {path}", err=True)
    if as_json:
        print_json(report.to_dict())
    else:
        _show(report)


def _show(report: Any) -> None:
    from rich.console import Console

    Console().print(report.table())
