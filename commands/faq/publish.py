"""`mundap faq publish`: what was edited serves."""

from typing import Annotated

import typer

from mundap.commands.faq.opened import opened_draft
from mundap.commands.generation import write_generation
from mundap.commands.options import NOBODY, Faq, HomeFolder, Owner, Speed, Wait
from mundap.commands.terminal import say_done

app = typer.Typer()


@app.command("publish", epilog="Example: `mundap faq publish --faq my_faq.csv`")
def faq_publish(
    faq: Faq = None,
    home: HomeFolder = None,
    speed: Speed = None,
    owner: Owner = NOBODY,
    again: Annotated[
        bool, typer.Option("--again", help="Make an index of what was published last, once more.")
    ] = False,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Make it to try it: nobody is served by it.")
    ] = False,
    wait: Wait = 60,
) -> None:
    """Make one generation of the working copy and let it serve; a running server takes it up.

    What serves goes on serving until then, and altogether where this fails.
    """
    from mundap.index.bundle.writer import BundleWriter

    draft = opened_draft(faq, home, speed)
    with BundleWriter.locked(draft.home.index, wait=wait) as writer:
        draft.finish()
        state, entries, changes = draft.to_publish(again=again)
        generation = draft.serving()
        told: list[str] = []
        if sealed or again or changes or generation is None:
            try:
                manifest, told = write_generation(
                    writer,
                    entries,
                    draft.build_options(),
                    edited=True,
                    promote=not sealed,
                    sealed=lambda number: draft.begin_to_publish(number, owner, state, changes),
                )
            finally:
                draft.finish()
            generation = manifest.generation
        else:
            draft.record_published()
    if sealed:
        result = {"generation": generation, "state": state}
        say_done(result, f"Generation {generation} is there to try: {changes}.")
        return
    say_done(
        {"generation": generation, **changes.counts()},
        f"Generation {generation} serves: {len(entries):,} entries, {changes}.",
        told,
    )
