"""What commands write to the terminal."""

import json
from typing import Any

import typer


def progress(description: str) -> Any:
    """Return a context whose value, called with (done, total), shows a bar on standard error."""
    from contextlib import contextmanager

    from tqdm import tqdm

    @contextmanager
    def shown() -> Any:
        bar: Any = None

        def advance(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                bar = tqdm(total=total, desc=description, dynamic_ncols=True)
            bar.total = total
            bar.update(done - bar.n)

        try:
            yield advance
        finally:
            if bar is not None:
                bar.close()

    return shown()


def print_json(value: Any) -> None:
    """Print one JSON value, Korean as it is, and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
