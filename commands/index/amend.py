"""`mundap index amend`: some entries of a large FAQ changed, without a build of all."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import read_faq_option
from mundap.commands.options import BundleDirectory, Wait
from mundap.commands.terminal import say_done
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()


@app.command("amend", epilog="Example: `mundap index amend my_index --faq changed.csv`")
@with_fields
def index_amend(
    directory: BundleDirectory,
    faq: Annotated[
        Path | None, typer.Option(help="Entries that are new, or changed under their entry_id.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="entry_id of an entry that goes; can be repeated.")
    ] = None,
    wait: Wait = 0,
    *,
    columns: FaqColumns,
) -> None:
    """Change some entries of a FAQ of more than 50,000, which serves with them in seconds.

    A build of the whole FAQ takes the changes in for good.
    """
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.writer import BundleWriter

    if faq is None and not remove:
        raise typer.BadParameter("Name entries with --faq, or those that go with --remove.")
    Generations(directory).require_any()
    with BundleWriter.locked(directory, wait=wait) as writer:
        changed = [] if faq is None else list(read_faq_option(faq, columns))
        manifest = writer.amend(changed, remove or [])
        writer.promote(manifest.generation)
        writer.prune()
    amended = manifest.large["amended"]
    say_done(
        {"generation": manifest.generation},
        f"Generation {manifest.generation}: {manifest.entries} entries. Since its files were made "
        f"{amended['entries']} are new or changed, {amended['gone']} gone or changed.",
    )
