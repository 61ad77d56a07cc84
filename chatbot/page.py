"""The chat window: what is on it and what moves it."""

import html
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from chatbot.bot import Bot
from chatbot.feedback import FeedbackLog
from chatbot.page_events import PageEvents, Turns
from chatbot.page_style import LISTEN, SEND, SPEAK
from chatbot.page_text import page_text
from chatbot.page_turns import messages
from chatbot.settings import ChatSettings, Language


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components of one page."""

    turns: gr.State
    # What was typed, between the moment the box is emptied and the reply.
    sent: gr.Textbox
    heading: gr.HTML
    language: gr.Radio
    new_chat: gr.Button
    chat: gr.Chatbot
    category: gr.Dropdown
    box: gr.Textbox

    @property
    def worded(self) -> list[Any]:
        """The components that `_words` has something for, in its order."""
        return [self.heading, self.new_chat, self.chat, self.category, self.box]


def build_page(bot: Bot, settings: ChatSettings, feedback: FeedbackLog) -> gr.Blocks:
    """Return the chat window; `page_server.launch_page` puts it on the network."""
    with gr.Blocks(title=settings.title, analytics_enabled=False, fill_height=True) as page:
        parts = _lay_out(bot, settings)
        _connect_questions(parts, PageEvents(bot, settings, feedback))
        _connect_page(page, parts, bot, settings)
    return page


def _lay_out(bot: Bot, settings: ChatSettings) -> _Parts:
    heading, new_chat, chat, category, box = _words(bot, settings, settings.language)
    turns, sent = gr.State(()), gr.Textbox(visible=False)
    with gr.Row(elem_id="head"):
        heading_part = gr.HTML(**heading, elem_id="heading")
        language_part = gr.Radio(
            [("한국어", "ko"), ("English", "en")],
            value=settings.language,
            label="한국어 / English",
            show_label=False,
            container=False,
            elem_id="language",
        )
        new_chat_part = gr.Button(**new_chat, size="sm", elem_id="new-chat")
    chat_part = gr.Chatbot(
        **chat,
        elem_id="chat",
        show_label=False,
        container=False,
        height="auto",
        scale=1,
        buttons=["copy"],
        render_markdown=False,
        latex_delimiters=[],
        allow_tags=False,
    )
    with gr.Row(elem_id="foot"):
        category_part = gr.Dropdown(
            **category, value="", filterable=False, container=False, elem_id="category"
        )
        box_part = gr.Textbox(
            **box,
            lines=1,
            max_lines=6,
            container=False,
            autofocus=True,
            submit_btn=True,
            elem_id="box",
        )
    return _Parts(
        turns,
        sent,
        heading_part,
        language_part,
        new_chat_part,
        chat_part,
        category_part,
        box_part,
    )


def _words(bot: Bot, settings: ChatSettings, language: Language) -> list[dict[str, Any]]:
    """Return what the components of `_Parts.worded` say, from the bundle that serves now."""
    text, categories = page_text(language), bot.categories()
    title = f"<h1>{html.escape(settings.title)}</h1><p>{html.escape(text.subtitle)}</p>"
    examples = [{"text": question} for question in bot.example_questions()]
    choices = [(text.all_categories, ""), *((name, name) for name in categories)]
    return [
        {"value": title},
        {"value": text.new_chat},
        {"placeholder": text.greeting, "examples": examples},
        {"choices": choices, "label": text.category, "visible": bool(categories)},
        {"placeholder": text.message, "label": text.message},
    ]


def _connect_questions(parts: _Parts, events: PageEvents) -> None:
    """Let everything a visitor asks, picks and thinks reach `events`."""
    turns, chat, box, sent = parts.turns, parts.chat, parts.box, parts.sent
    category, language, shown = parts.category, parts.language, [turns, chat]
    box.submit(None, [box, chat], [box, sent, chat], js=SEND, **_QUICK).then(
        events.ask, [turns, sent, category, language], shown, **_QUICK
    )
    chat.example_select(events.ask_example, [turns, language], shown, **_QUICK)
    chat.option_select(events.pick, [turns, language], shown, **_QUICK)
    chat.retry(events.retry, [turns, category, language], shown, **_QUICK)
    chat.like(events.like, [turns], None, **_QUICK)
    parts.new_chat.click(lambda: ((), []), None, shown, **_QUICK)


def _connect_page(page: gr.Blocks, parts: _Parts, bot: Bot, settings: ChatSettings) -> None:
    """Keep the words of the page in the visitor's language and up to date with the FAQ."""
    words = partial(_words, bot, settings)

    def speak(turns: Turns, language: Language) -> list[Any]:
        updates = [gr.update(**kwargs) for kwargs in words(language)]
        updates[2]["value"] = messages(turns, page_text(language))
        return updates

    inputs = [parts.turns, parts.language]
    parts.language.input(speak, inputs, parts.worded, **_QUICK)
    parts.language.input(None, [parts.language], js=SPEAK, **_QUICK)
    # A page opened after a rebuild shows the new examples and categories.
    page.load(speak, inputs, parts.worded, **_QUICK)
    page.load(None, [parts.language], js=SPEAK, **_QUICK)
    page.load(None, js=LISTEN, **_QUICK)


# A reply takes milliseconds: a queue, by default one visitor at a time, would only delay it.
_QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
