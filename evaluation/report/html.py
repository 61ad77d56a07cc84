"""A report as one HTML page that needs nothing but itself: no script, no font, no address."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mundap.evaluation.report.document import Document
from mundap.evaluation.report.korean import korean

# Rows of texts in sight.
_OPEN = 10
_FOLDER = Path(__file__).parent


def to_html(document: Document) -> str:
    """Return the page; every text in it is escaped, charts are taken as they are."""
    pages = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    page = pages.get_template("report.html.j2")
    say = korean if document.language == "ko" else str
    return page.render(document=document, style=style, open=_OPEN, say=say)
