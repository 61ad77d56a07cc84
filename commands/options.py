"""Options that several commands take."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mundap.index.languages import Language

Faq = Annotated[
    Path | None, typer.Option("--faq", help="FAQ file or folder; without it the bundled one.")
]
HomeFolder = Annotated[
    Path | None, typer.Option("--home", help="Folder of what is made; else MUNDAP_HOME, or yours.")
]
Owner = Annotated[str, typer.Option("--owner", help="Who does it, for the history.")]
# Who works on the command line has no name that could be checked.
NOBODY = "cli"
EncoderName = Annotated[
    str, typer.Option("--encoder", help='"default", an encoder directory or a hub name.')
]
MeasuredIndex = Annotated[
    Path | None,
    typer.Option("--index", help="Measure this index; without it the one that `chat` serves."),
]
MeasuredEncoder = Annotated[
    str | None,
    typer.Option(
        "--encoder", help='Measure this one instead: "default", an encoder directory, a hub name.'
    ),
]
ReportLanguage = Annotated[Language, typer.Option("--language", help="In English or in Korean.")]
StsEncoder = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        help="Else api.sts_encoder, the trained one (`mundap doctor`), or mundap-small.",
    ),
]
BundleDirectory = Annotated[Path, typer.Argument(help="The directory of `index build`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
JudgedQueries = Annotated[Path, typer.Option("--queries", help="Columns query and entry_id.")]
ScoredPairs = Annotated[
    Path, typer.Option("--data", help="Columns sentence1, sentence2, score (0-5).")
]
DevelopmentQueries = Annotated[
    Path | None,
    typer.Option("--queries", help="Queries (columns query, entry_id) to fit the confidence on."),
]
OutOfScope = Annotated[
    Path | None, typer.Option(help="Queries (column query) that the FAQ cannot answer.")
]
TargetAccuracy = Annotated[
    float | None,
    typer.Option(help="An answer is given when it is right this often; default: what is usual."),
]
InScopeShare = Annotated[
    float | None, typer.Option(help="Share of visitors' queries that the FAQ can answer.")
]
Speed = Annotated[
    Literal["full", "fast"] | None,
    typer.Option(help='"fast" leaves the pretrained encoder out: quicker, and it knows less.'),
]
Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait for another rebuild.")]
