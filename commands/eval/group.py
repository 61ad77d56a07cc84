"""The sub-commands of `mundap eval`, in the order of its help."""

import typer

from mundap.commands.eval.compare import app as compare
from mundap.commands.eval.report import app as report
from mundap.commands.eval.retrieval import app as retrieval
from mundap.commands.eval.robustness import app as robustness
from mundap.commands.eval.sts import app as sts

app = typer.Typer(help="Measure retrieval and similarity offline.", no_args_is_help=True)
for command in (retrieval, compare, report, robustness, sts):
    app.add_typer(command)
