"""`mundap search`: find the values that an encoder trains best with."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepare_encoder, remembered
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.progress import progress

app = typer.Typer()


@app.command(epilog="Example: `mundap search --data my_faq.csv --output my_search --trials 30`")
@with_fields
def search(
    data: Annotated[
        list[str],
        typer.Option(help="What `mundap train` takes: FILE, or NAME=FILE for a task; repeatable."),
    ],
    output: Annotated[
        Path, typer.Option(help="Directory of the search; the same one again goes on with it.")
    ],
    trials: Annotated[int, typer.Option(min=1, help="In all, with those before.")] = 20,
    recipe: Annotated[
        str, typer.Option(help="What to search for: a recipe of one stage, by name or TOML file.")
    ] = "mnrl",
    base: Annotated[
        list[str] | None, typer.Option(help="Base to choose from; repeatable. Else the recipe's.")
    ] = None,
    batch_size: Annotated[
        list[int] | None, typer.Option(help="Size to choose from; repeatable. Else 16, 32, 64.")
    ] = None,
    learning_rate: Annotated[
        tuple[float, float] | None,
        typer.Option(help="From, to (logarithmic); else a decade around the usual."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="At most this many.")] = 4,
    development: Annotated[
        float | None, typer.Option(help="Share held out to judge by; else the recipe's.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the trials and of each run.")] = None,
    *,
    columns: FaqColumns,
) -> None:
    """Search base, batch size, learning rate, weight decay, warm-up and epochs by short runs.

    Writes best.toml for `mundap train --recipe`, history.png and importances.png.
    """
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from mundap.training.data.sources import Sources, named_paths
    from mundap.training.fit.recipe import Recipe
    from mundap.training.search.search import search as find
    from mundap.training.search.space import SearchSpace

    chosen = Recipe.read(recipe)
    given: dict[str, Any] = {"development": development, "seed": seed}
    chosen = chosen.changed(**{name: value for name, value in given.items() if value is not None})
    space = SearchSpace(
        bases=tuple(base or [chosen.stages[0].config.base]),
        batch_sizes=tuple(batch_size or SearchSpace().batch_sizes),
        learning_rate=learning_rate,
        epochs=epochs,
    )
    named = named_paths(data, chosen.data_names)
    with progress("Preparing the base encoder") as advance:
        for name in space.bases:
            prepare_encoder(name, advance)
    found = find(
        chosen,
        {name: Sources(paths, columns, remembered(paths)) for name, paths in named.items()},
        space,
        trials=trials,
        directory=output,
        told=lambda line: typer.echo(line, err=True),
    )
    typer.echo(
        f"Best of {found.finished} trials ({found.pruned} more pruned): {found.value:.4f}. "
        f"Train it: mundap train --recipe {found.recipe} --data {' --data '.join(data)} --output "
        "my_encoder",
        err=True,
    )
