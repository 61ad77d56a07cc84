"""`mundap faq rollback`: back to the generation before, index and FAQ."""

import typer

from mundap.commands.faq.opened import opened_draft
from mundap.commands.options import NOBODY, Faq, HomeFolder, Owner, Speed
from mundap.index.progress import Result, write_event

app = typer.Typer()


@app.command("rollback", epilog="Example: `mundap faq rollback --faq my_faq.csv`")
def faq_rollback(
    faq: Faq = None, home: HomeFolder = None, speed: Speed = None, owner: Owner = NOBODY
) -> None:
    """Let the generation before serve again, and make the working copy what that one holds."""
    done = opened_draft(faq, home, speed).roll_back(owner)
    told = {"generation": done.generation, **done.difference.counts()}
    write_event(Result({**told, "unpublished": len(done.unpublished), "deed": done.deed}))
    typer.echo(f"Generation {done.generation} serves again; the FAQ is its own: {done.difference}.")
    if done.unpublished:
        typer.echo(
            f"That took {len(done.unpublished):,} edits out that were not published yet. They stay "
            f"in the history; `mundap faq undo {done.deed}` brings them back."
        )
