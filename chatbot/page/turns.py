"""A conversation as the page keeps it, and how gradio is told to show it."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mundap.chatbot.page.reasons import percent, reasons_html
from mundap.chatbot.page.text import page_text
from mundap.chatbot.reply import Reply
from mundap.chatbot.settings import Language
from mundap.index.korean.hangul import instrumental
from mundap.index.search.reasons import Reasons

Message = dict[str, Any]
# A thumb on a reply, as gradio calls it.
Mark = Literal["Like", "Dislike"]

# What begins the note under an answer: there the copy button's text ends. No text that is shown
# holds it, as `literal` leaves none a "<".
NOTE_START = '<div class="note">'


@dataclass(frozen=True, slots=True)
class Turn:
    """One query and its reply; `picked` is the entry where the visitor chose a candidate.

    `request_id` names their exchange.
    """

    query: str
    reply: Reply
    request_id: str = ""
    category: str | None = None
    picked: str | None = None
    mark: Mark | None = None
    reasons: Reasons | None = None


def messages(turns: Sequence[Turn], language: Language) -> list[Message]:
    """Return the two messages of each turn, in gradio's message format."""
    last = len(turns) - 1
    return [
        message
        for place, turn in enumerate(turns)
        for message in (_user(turn), _bot(turn, language, is_last=place == last))
    ]


def literal(text: str) -> str:
    """Return HTML that shows `text` as it is.

    gradio sets messages as HTML even where Markdown is off, and makes an address of the
    server of a `src="/file`. `page_script` does the same in the browser, and undoes it.
    """
    # Only & and < begin anything but text. What need not change stays, so that a copy is
    # right even where no script may touch the clipboard.
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return escaped.replace('src="/file', "src=&quot;/file")


def _user(turn: Turn) -> Message:
    return {"role": "user", "content": [_content(turn.query)]}


def _bot(turn: Turn, language: Language, *, is_last: bool) -> Message:
    reply = turn.reply
    content = [_content(reply.text)]
    note = "".join(_note(turn, language, is_last=is_last))
    if note:
        content.append({"type": "text", "text": f"{NOTE_START}{note}</div>"})
    # Labels of buttons are set as text, so they need no escape.
    options = [{"value": item.entry_id, "label": item.question} for item in reply.suggestions]
    return {"role": "assistant", "content": content, "options": options}


def _note(turn: Turn, language: Language, *, is_last: bool) -> Iterator[str]:
    """Yield, as HTML, what is to be known of a reply beside its text."""
    text, reply, reasons = page_text(language), turn.reply, turn.reasons
    if reply.read_with is not None:
        yield _line(text.read_with.format(text=reply.read_with))
    if reasons is not None and reasons.steps:
        particle = instrumental(reasons.searched)
        yield _line(text.searched.format(text=reasons.searched, particle=particle))
    if reply.kind == "suggest" and not is_last:
        # gradio has buttons under the last message only; this one still speaks of them.
        yield _line("\n".join(f"· {item.question}" for item in reply.suggestions))
    if reasons is None or reply.confidence is None or reply.kind == "unknown":
        return
    if reply.question is not None:
        likely = percent(reply.confidence)
        yield _line(text.matched.format(question=reply.question, percent=likely))
    yield reasons_html(reasons, reply.confidence, language)


def _line(text: str) -> str:
    return f"<div>{html.escape(text)}</div>"


def _content(text: str) -> Message:
    # As a bare string it would lose its indentation.
    return {"type": "text", "text": literal(text)}
