"""What the tab that compares sentences shows, as HTML; nothing of a visitor's is markup in it."""

import html
from collections.abc import Sequence

from mundap.chatbot.page.text import StsText
from mundap.chatbot.similarity.similarity import RankedText, StsScore
from mundap.chatbot.similarity.table import SentenceTable


def alert(problem: str, detail: str = "") -> str:
    """Return a sentence about what is wrong, with its detail under it."""
    more = f"<small>{html.escape(detail)}</small>" if detail else ""
    return f'<p class="sts-alert" role="alert">{html.escape(problem)}{more}</p>'


def score(found: StsScore, text: StsText) -> str:
    """Return a score as a number and a bar, and the cosine where there is one."""
    cosine = "" if found.cosine is None else text.cosine.format(cosine=found.cosine)
    return (
        f'<p class="sts-score" role="status"><strong>{found.score:.2f}</strong> / 5 '
        f'<meter min="0" max="5" value="{found.score}"></meter> <small>{cosine}</small></p>'
    )


def table(items: Sequence[RankedText], found: SentenceTable, text: StsText) -> str:
    """Return the closest sentences of a file, closest first."""
    note = text.ranked.format(rows=found.rows, column=html.escape(found.heading))
    heading = "".join(f'<th scope="col">{name}</th>' for name in text.headings)
    rows = "".join(
        f"<tr><td>{item.score.score:.2f}</td><td>{item.row}</td><td>{html.escape(item.text)}</td></tr>"
        for item in items
    )
    return (
        f'<p role="status">{note}</p>'
        f"<table><thead><tr>{heading}</tr></thead><tbody>{rows}</tbody></table>"
    )


def download(token: str, text: StsText) -> str:
    """Return the link to a file that is kept under `token`."""
    href = f"gradio_api/file={token}"
    return f'<a id="sts-download" href="{href}" download="similarity.csv">{text.download}</a>'
