"""The chat window: what is on it and what moves it."""

import asyncio
import html
import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import gradio as gr

from mundap.chatbot.bot import Bot
from mundap.chatbot.home.service import Service
from mundap.chatbot.page.events import PageEvents, Turns, conversation
from mundap.chatbot.page.files import Files
from mundap.chatbot.page.script import CHOSEN, SEND, SPEAK
from mundap.chatbot.page.similarity_tab import StsEvents, add_sts_tab
from mundap.chatbot.page.text import page_text, sts_text
from mundap.chatbot.settings import ChatSettings, Language

_LOG = logging.getLogger("mundap.page")
# Characters. Reading a longer query may take long.
_QUICK_LENGTH = 100

# A reply takes milliseconds: a queue, by default one visitor at a time, would only delay it.
_QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components of one page."""

    turns: gr.State
    # What was typed, from the moment the box is emptied until the reply.
    sent: gr.Textbox
    language: gr.Radio
    new_chat: gr.Button
    subtitle: gr.HTML
    chat: gr.Chatbot
    category: gr.Dropdown
    # What is chosen there. gradio takes no choice that it did not offer, and a rebuild changes what
    # an open page may still send.
    chosen: gr.Textbox
    box: gr.Textbox


def build_page(service: Service, files: Files, *, max_rows: int) -> gr.Blocks:
    """Return the chat window, with a second tab to compare sentences; files have `max_rows`."""
    bot, settings = service.bot, service.chat
    with gr.Blocks(title=settings.title, analytics_enabled=False, fill_height=True) as page:
        tab_events = StsEvents(
            service.similarity,
            files,
            service.rankings,
            max_rows=max_rows,
            max_length=settings.max_query_length,
        )
        parts = _lay_out(settings, _words(bot, settings.language), tab_events)
        _connect_conversation(parts, PageEvents(bot, settings, service.exchanges))
        _connect_words(page, parts, bot)
    return page


def _lay_out(
    settings: ChatSettings, words: dict[str, dict[str, Any]], tab_events: StsEvents
) -> _Parts:
    turns, sent = gr.State([]), gr.Textbox(visible=False)
    with gr.Row(elem_id="head"):
        gr.HTML(f"<h1>{html.escape(settings.title)}</h1>", elem_id="title")
        language = gr.Radio(
            [("한국어", "ko"), ("English", "en")],
            value=settings.language,
            label="한국어 / English",
            show_label=False,
            container=False,
            elem_id="language",
        )
        new_chat = gr.Button(elem_id="new-chat", **words["new_chat"])
    subtitle = gr.HTML(elem_id="subtitle", **words["subtitle"])
    with gr.Tabs(elem_id="tabs"):
        with gr.Tab(sts_text(settings.language).chat_tab, id="chat", elem_id="chat-tab") as tab:
            chat = _lay_out_chat(words)
        add_sts_tab(tab, language, tab_events)
    return _Parts(turns, sent, language, new_chat, subtitle, *chat)


def _lay_out_chat(
    words: dict[str, dict[str, Any]],
) -> tuple[gr.Chatbot, gr.Dropdown, gr.Textbox, gr.Textbox]:
    chat = gr.Chatbot(
        elem_id="chat",
        show_label=False,
        container=False,
        scale=1,
        buttons=["copy"],
        render_markdown=False,
        latex_delimiters=[],
        allow_tags=False,
        **words["chat"],
    )
    with gr.Row(elem_id="foot"):
        category = gr.Dropdown(
            elem_id="category", value="", filterable=False, container=False, **words["category"]
        )
        chosen = gr.Textbox("", visible=False)
        box = gr.Textbox(
            elem_id="box", lines=1, max_lines=6, container=False, autofocus=True, **words["box"]
        )
    return chat, category, chosen, box


def _words(bot: Bot, language: Language) -> dict[str, dict[str, Any]]:
    """Return what each part of the page says, with the FAQ that serves now."""
    text, categories = page_text(language), bot.categories()
    return {
        "new_chat": {"value": text.new_chat},
        "subtitle": {"value": f"<p>{html.escape(text.subtitle)}</p>"},
        "chat": {
            "placeholder": text.greeting,
            "examples": [{"text": question} for question in bot.example_questions()],
        },
        "category": {
            "label": text.category,
            "choices": [(text.all_categories, ""), *((name, name) for name in categories)],
            "visible": bool(categories),
        },
        "box": {"label": text.message, "placeholder": text.message, "submit_btn": text.send},
    }


def _connect_conversation(parts: _Parts, events: PageEvents) -> None:
    """Let everything a visitor asks, picks and thinks reach `events`."""
    # Long texts, and thumbs, which go to the disk, wait for each other; nothing else for them.
    threads = ThreadPoolExecutor(2, thread_name_prefix="mundap-page")
    turns, chat, box, sent = parts.turns, parts.chat, parts.box, parts.sent
    category, language, shown = parts.chosen, parts.language, [turns, chat]
    parts.category.change(None, [parts.category], [category], js=CHOSEN, **_QUICK)
    # Another question may be sent while a reply is on its way; gradio would drop it.
    box.submit(
        None, [box, chat], [box, sent, chat], js=SEND, trigger_mode="multiple", **_QUICK
    ).then(
        _aside(events.ask, threads, _is_long),
        [turns, sent, category, language],
        shown,
        trigger_mode="multiple",
        **_QUICK,
    )
    chat.example_select(_at_once(events.ask_example), [turns, language], shown, **_QUICK)
    chat.option_select(_at_once(events.pick), [turns, language], shown, **_QUICK)
    chat.retry(
        _aside(events.retry, threads, _is_long), [turns, category, language], shown, **_QUICK
    )
    chat.like(_aside(events.like, threads, lambda _: True), [turns], [chat], **_QUICK)
    parts.new_chat.click(_at_once(events.clear), [turns], shown, **_QUICK)


def _connect_words(page: gr.Blocks, parts: _Parts, bot: Bot) -> None:
    """Keep the page in the visitor's language, and a page opened after a rebuild up to date."""

    def speak(turns: Turns, category: str, language: Language) -> list[Any]:
        words = _words(bot, language)
        words["chat"] |= conversation(turns, language)
        # A category that a rebuild dropped cannot stay chosen.
        words["category"]["value"] = category if category in bot.categories() else ""
        return [gr.update(**part) for part in words.values()]

    def open_page(language: Language) -> list[Any]:
        return [gr.update(**part) for part in _words(bot, language).values()]

    worded = [parts.new_chat, parts.subtitle, parts.chat, parts.category, parts.box]
    said = [parts.turns, parts.chosen, parts.language]
    parts.language.input(_at_once(speak), said, worded, **_QUICK)
    parts.language.input(None, [parts.language], None, js=SPEAK, **_QUICK)
    page.load(_at_once(open_page), [parts.language], worded, **_QUICK)
    page.load(None, [parts.language], None, js=SPEAK, **_QUICK)


def _at_once(step: Callable[..., Any]) -> Callable[..., Any]:
    """Let gradio run `step` in its event loop instead of handing it to one of many threads.

    A step takes a few milliseconds, about what the handing over costs, and the analyser and
    FAISS keep memory, and FAISS threads, for every thread that ever called them.
    """
    return _told(step, lambda work, _: work())


def _aside(
    step: Callable[..., Any], threads: Executor, when: Callable[[tuple[Any, ...]], bool]
) -> Callable[..., Any]:
    """Let gradio run `step` in its event loop, or in `threads` where its arguments ask for it."""

    def run(work: Callable[[], Any], args: tuple[Any, ...]) -> Any:
        return asyncio.get_running_loop().run_in_executor(threads, work) if when(args) else work()

    return _told(step, run)


def _told(
    step: Callable[..., Any], run: Callable[[Callable[[], Any], tuple[Any, ...]], Any]
) -> Callable[..., Any]:
    """Return `step` as gradio calls it, done by `run`; a failure is one line of the log."""

    @wraps(step)
    async def done(*args: Any) -> Any:
        try:
            result = run(partial(step, *args), args)
            return await result if isinstance(result, asyncio.Future) else result
        except Exception:  # gradio would print it over many lines
            _LOG.exception("an event of the page failed")
            raise gr.Error(print_exception=False) from None

    return done


def _is_long(args: tuple[Any, ...]) -> bool:
    """Whether a text among the arguments, or the last one asked, takes long to read."""
    turns, *rest = args
    texts = [*rest, *(turn.query for turn in turns[-1:])]
    return any(len(text) > _QUICK_LENGTH for text in texts if isinstance(text, str))
