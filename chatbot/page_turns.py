"""A conversation as the page keeps it, and how gradio is told to show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.page_text import PageText
from chatbot.reply import Reply

Message = dict[str, Any]

# Invisible; where the copy button's text ends.
NOTE_MARK = "\u2063"


@dataclass(frozen=True, slots=True)
class Turn:
    """One query and its reply; `picked` is the entry where the visitor chose a candidate."""

    query: str
    reply: Reply
    category: str | None = None
    picked: str | None = None


def messages(turns: Sequence[Turn], text: PageText) -> list[Message]:
    """Return the two messages of each turn, in gradio's message format."""
    return [message for turn in turns for message in (_user(turn), _bot(turn, text))]


def literal(text: str) -> str:
    """Return HTML that shows `text` as it is.

    gradio sets messages as HTML even where Markdown is off. Only these two characters can
    begin anything but text. `page_script` does the same in the browser, and undoes it.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _user(turn: Turn) -> Message:
    return {"role": "user", "content": [_content(turn.query)]}


def _bot(turn: Turn, text: PageText) -> Message:
    reply = turn.reply
    content = [_content(reply.text)]
    if reply.question is not None and reply.score is not None:
        note = text.matched.format(question=reply.question, score=reply.score)
        content.append(_content(NOTE_MARK + note))
    # Labels of buttons are set as text, so they need no escape.
    options = [{"value": item.entry_id, "label": item.question} for item in reply.suggestions]
    return {"role": "assistant", "content": content, "options": options}


def _content(text: str) -> Message:
    # As a bare string it would lose its indentation.
    return {"type": "text", "text": literal(text)}
