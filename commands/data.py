"""`mundap data`: import, export, lint and download data."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepared_encoder, read_faq_option
from mundap.commands.options import AsJson, EncoderName, Faq
from mundap.commands.terminal import print_json
from mundap.index.faq.columns import FaqColumns
from mundap.index.progress import progress

app = typer.Typer(help="Import, export, lint and download data.", no_args_is_help=True)


@app.command("import", epilog="Example: `mundap data import raw.csv faq.parquet`")
@with_fields
def data_import(
    source: Annotated[Path, typer.Argument(help="Parquet, CSV, JSON Lines, Excel or a folder.")],
    output: Annotated[Path, typer.Argument(help="FAQ to write; its suffix names the format.")],
    *,
    columns: FaqColumns,
) -> None:
    """Turn any table of questions and answers into a FAQ."""
    from mundap.index.faq.entry import read_faq, write_faq

    entries = read_faq(source, columns)
    write_faq(entries, output)
    typer.echo(f"{len(entries)} entries written to {output}", err=True)


@app.command("export", epilog="Example: `mundap data export faq.parquet faq.csv --encoding cp949`")
def data_export(
    faq: Annotated[Path, typer.Argument(help="FAQ file or folder.")],
    output: Annotated[Path, typer.Argument(help="File to write; its suffix names the format.")],
    encoding: Annotated[
        Literal["utf-8", "utf-8-sig", "cp949"], typer.Option(help="Of a CSV file.")
    ] = "utf-8",
) -> None:
    """Write a FAQ in another format, losing nothing."""
    from mundap.index.faq.entry import read_faq, write_faq

    entries = read_faq(faq)
    write_faq(entries, output, encoding=encoding)
    typer.echo(f"{len(entries)} entries written to {output}", err=True)


@app.command("lint", epilog="Example: `mundap data lint --faq my_faq.csv --strict`")
@with_fields
def data_lint(
    faq: Faq = None,
    encoder: EncoderName = "default",
    cosine: Annotated[
        float | None, typer.Option(help="Least cosine of two questions to call confusable.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 on a contradiction, duplicate or odd text.")
    ] = False,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Find contradictions, duplicates, odd texts and confusable questions, with what to do."""
    from mundap.evaluation.lint import CONFUSABLE, lint
    from mundap.index.faq.problems import problem_lines

    entries = read_faq_option(faq, columns)
    least = CONFUSABLE if cosine is None else cosine
    problems = lint(entries, prepared_encoder(encoder), confusable=least)
    if as_json:
        found = [problem.to_dict() for problem in problems]
        print_json({"entries": len(entries), "problems": found})
    else:
        typer.echo("\n".join(problem_lines(problems, entries)))
    if strict and any(problem.is_fault for problem in problems):
        raise typer.Exit(1)


@app.command("download", epilog="Example: `mundap data download korsts --output data`")
def data_download(
    name: Annotated[str, typer.Argument(help="Name of a data set, or `list`.")],
    output: Annotated[Path, typer.Option(help="Folder for the Parquet files.")] = Path("."),
    base_url: Annotated[
        str | None, typer.Option(envvar="MUNDAP_DATA_URL", help="A mirror to download from.")
    ] = None,
) -> None:
    """Download public Korean data, verify it and convert it to Parquet."""
    from mundap.training.data.catalogue import CATALOGUE
    from mundap.training.data.download import BASE_URL, download_dataset

    if name == "list":
        for dataset in CATALOGUE.values():
            typer.echo(f"{dataset.name:16} {dataset.licence:14} {dataset.description}")
        return
    with progress(f"Downloading {name}") as advance:
        paths = download_dataset(
            name,
            output,
            progress=lambda held, total: advance(held, total or held),
            base_url=base_url or BASE_URL,
        )
    for path in paths:
        typer.echo(path)
