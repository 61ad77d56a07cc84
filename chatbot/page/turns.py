"""One reply as the page takes it: everything that is shown of it, in both languages."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mundap.chatbot.answer_html import answer_html
from mundap.chatbot.page.reasons import percent, reasons_html
from mundap.chatbot.page.text import page_text
from mundap.chatbot.reply import Reply
from mundap.chatbot.small_talk import letters
from mundap.index.korean.hangul import instrumental
from mundap.index.languages import LANGUAGES, Language
from mundap.index.search.reasons import Reasons

# JSON; `chat_turns.js` reads it.
Told = dict[str, Any]


def told(
    reply: Reply,
    query: str,
    request_id: str,
    reasons: Reasons | None = None,
    *,
    with_reasons: bool = False,
    translated: Mapping[Language, str] = MappingProxyType({}),
    image_hosts: tuple[str, ...] = (),
) -> Told:
    """Return what the page shows of `reply` to `query`.

    `text` is the answer as it is stored, `html` as it is shown, safe wherever it stands, and
    `lang` the language it is in; `translated` has the same for a visitor who switches to another
    language. All other texts are text.
    """
    why = None
    if with_reasons and reasons and reply.confidence is not None and reply.kind != "unknown":
        why = {each: reasons_html(reasons, reply.confidence, each) for each in LANGUAGES}
    return {
        "id": request_id,
        "kind": reply.kind,
        "text": reply.text,
        "html": answer_html(reply.text, image_hosts),
        "lang": reply.language,
        "translated": {
            each: {"text": text, "html": answer_html(text), "lang": each}
            for each, text in translated.items()
        },
        "notes": {
            each: list(_notes(reply, query, reasons, each, with_percent=why is not None))
            for each in LANGUAGES
        },
        "why": why,
        "options": [{"id": item.entry_id, "question": item.question} for item in reply.suggestions],
    }


def _notes(
    reply: Reply, query: str, reasons: Reasons | None, language: Language, *, with_percent: bool
) -> Iterator[str]:
    """Yield what is to be known of a reply beside its text."""
    text = page_text(language)
    if reply.read_with is not None:
        yield text.read_with.format(text=reply.read_with)
    if reasons is not None and reasons.steps:
        particle = instrumental(reasons.searched)
        yield text.searched.format(text=reasons.searched, particle=particle)
    if reasons is None or reply.question is None or reply.confidence is None:
        return
    if with_percent:
        yield text.matched_percent.format(
            question=reply.question, percent=percent(reply.confidence)
        )
    elif letters(reply.question) != letters(query):
        yield text.matched.format(question=reply.question)
