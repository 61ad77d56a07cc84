"""The sub-commands of `mundap data`, in the order of its help."""

import typer

from mundap.commands.data.download import app as download
from mundap.commands.data.export import app as export
from mundap.commands.data.import_table import app as import_table
from mundap.commands.data.lint import app as lint

app = typer.Typer(help="Import, export, lint and download data.", no_args_is_help=True)
for command in (import_table, export, lint, download):
    app.add_typer(command)
