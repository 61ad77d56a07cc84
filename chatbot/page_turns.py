"""A conversation as the page keeps it, and how gradio is told to show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chatbot.page_text import PageText
from chatbot.reply import Reply

Message = dict[str, Any]
# As gradio calls them.
Thumb = Literal["Like", "Dislike"]

# Invisible; where the copy button's text ends.
NOTE_MARK = "\u2063"


@dataclass(frozen=True, slots=True)
class Turn:
    """One query and its reply; `picked` is the entry where the visitor chose a candidate."""

    query: str
    reply: Reply
    category: str | None = None
    picked: str | None = None
    thumb: Thumb | None = None


def messages(turns: Sequence[Turn], text: PageText) -> list[Message]:
    """Return the two messages of each turn, in gradio's message format."""
    last = len(turns) - 1
    return [
        message
        for place, turn in enumerate(turns)
        for message in (_user(turn), _bot(turn, text, is_last=place == last))
    ]


def literal(text: str) -> str:
    """Return HTML that shows `text` as it is.

    gradio sets messages as HTML even where Markdown is off, and makes an address of the
    server of a `src="/file`. `page_script` does the same in the browser, and undoes it.
    """
    # Only & and < begin anything but text. What need not change stays, so that a copy is
    # right even where no script may touch the clipboard.
    html = text.replace("&", "&amp;").replace("<", "&lt;")
    return html.replace('src="/file', "src=&quot;/file")


def _user(turn: Turn) -> Message:
    return {"role": "user", "content": [_content(turn.query)]}


def _bot(turn: Turn, text: PageText, *, is_last: bool) -> Message:
    reply = turn.reply
    content = [_content(reply.text)]
    if reply.question is not None and reply.score is not None:
        note = text.matched.format(question=reply.question, score=reply.score)
        content.append(_content(NOTE_MARK + note))
    elif reply.kind == "suggest" and not is_last:
        # gradio has buttons under the last message only; this one still speaks of them.
        listed = "\n".join(f"· {item.question}" for item in reply.suggestions)
        content.append(_content(NOTE_MARK + listed))
    # Labels of buttons are set as text, so they need no escape.
    options = [{"value": item.entry_id, "label": item.question} for item in reply.suggestions]
    return {"role": "assistant", "content": content, "options": options}


def _content(text: str) -> Message:
    # As a bare string it would lose its indentation.
    return {"type": "text", "text": literal(text)}
