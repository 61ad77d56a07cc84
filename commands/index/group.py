"""The sub-commands of `mundap index`, in the order of its help."""

import typer

from mundap.commands.index.amend import app as amend
from mundap.commands.index.build import app as build
from mundap.commands.index.info import app as info
from mundap.commands.index.list import app as listing
from mundap.commands.index.promote import app as promote
from mundap.commands.index.rollback import app as rollback
from mundap.commands.index.verify import app as verify

app = typer.Typer(help="Build, check, promote and roll back a search index.", no_args_is_help=True)
for command in (build, amend, verify, listing, promote, rollback, info):
    app.add_typer(command)
