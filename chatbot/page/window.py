"""The chat window: what is on it and what it may ask the server."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict
from functools import partial, wraps
from pathlib import Path
from typing import Any

import gradio as gr

from mundap.chatbot.bot import Bot
from mundap.chatbot.home.service import Service
from mundap.chatbot.page.events import NONE, REASONS, PageEvents
from mundap.chatbot.page.files import Files
from mundap.chatbot.page.similarity_tab import StsEvents, add_sts_tab
from mundap.chatbot.page.text import page_text, sts_text
from mundap.chatbot.settings import ChatSettings
from mundap.index.languages import LANGUAGES

_LOG = logging.getLogger("mundap.page")
# Characters. Reading a longer query may take long.
_QUICK_LENGTH = 100

# gradio's own conversation asks for a server that remembers it, and cannot be told apart by a
# screen reader: so it is HTML of ours, which the scripts fill. Nothing in these is a visitor's.
_FILES = Path(__file__).parent
_SCRIPTS = ("visit.js", "chat_server.js", "chat_turns.js", "chat_frame.js")
_SCRIPT = "\n".join((_FILES / name).read_text(encoding="utf-8") for name in _SCRIPTS)
_HEAD = (_FILES / "head.html").read_text(encoding="utf-8")
_CHAT = (_FILES / "chat.html").read_text(encoding="utf-8")

# A reply takes milliseconds: a queue, by default one visitor at a time, would only delay it.
_QUICK: dict[str, Any] = {"queue": False, "api_visibility": "private"}
_PLAIN: dict[str, Any] = {"apply_default_css": False, "container": False}


def build_page(service: Service, files: Files, *, max_rows: int) -> gr.Blocks:
    """Return the chat window; where a second tab compares sentences, files have `max_rows`."""
    settings = service.chat
    events = PageEvents(service.bot, service.exchanges)
    with gr.Blocks(title=settings.title, analytics_enabled=False, fill_height=True) as page:
        config = _config(settings, events, _calls(events, service.bot))
        gr.HTML(elem_id="head", html_template=_HEAD, js_on_load=None, **_PLAIN)
        if not settings.page.similarity_tab:
            _chat(config)
            return page
        tab_events = StsEvents(
            service.similarity,
            files,
            service.rankings,
            max_rows=max_rows,
            max_length=settings.max_query_length,
        )
        with gr.Tabs(elem_id="tabs"):
            text = sts_text(settings.language)
            with gr.Tab(text.chat_tab, id="chat", elem_id="chat-tab") as tab:
                language = _chat(config)
            add_sts_tab(tab, language, tab_events)
    return page


def _chat(config: dict[str, Any]) -> gr.HTML:
    """Put the conversation there; its value is the language that the visitor chose."""
    return gr.HTML(
        config["language"],
        elem_id="talk",
        html_template=_CHAT,
        js_on_load=_SCRIPT,
        config=config,
        **_PLAIN,
    )


def _calls(events: PageEvents, bot: Bot) -> dict[str, int]:
    """Let the page call each of `events`, and return their numbers."""
    # Long texts wait for each other; nothing else for them.
    threads = ThreadPoolExecutor(2, thread_name_prefix="mundap-page")

    def waits(arguments: tuple[Any, ...]) -> bool:
        return bot.waits or _is_long(arguments)

    steps = {
        "ask": _aside(events.ask, threads, waits),
        "pick": _aside(events.pick, threads, waits),
        "rate": _aside(events.rate, threads, lambda _: False),
        # It may wait for a server of the owner's: nothing else is to wait for that.
        "hand_over": _aside(events.hand_over, ThreadPoolExecutor(4), lambda _: True),
        "words": _aside(events.words, threads, lambda _: False),
    }
    return {name: gr.api(step, api_name=name, **_QUICK)["id"] for name, step in steps.items()}


def _config(settings: ChatSettings, events: PageEvents, calls: dict[str, int]) -> dict[str, Any]:
    """Return what the scripts are told of the owner's settings and of the FAQ."""
    return {
        **look(settings),
        "calls": calls,
        "words": {language: asdict(page_text(language)) for language in LANGUAGES},
        "language": settings.language,
        "hands_over": settings.handover.url is not None,
        "keeps": settings.page.keep_conversation,
        "longest": settings.max_query_length,
        "reasons": REASONS,
        "none": NONE,
        **events.words(),
    }


def look(settings: ChatSettings) -> dict[str, Any]:
    """Return what an owner may change of the page while it is served."""
    page = settings.page
    return {
        "title": settings.title,
        "subtitle": _both(page.subtitle, page.subtitle_en),
        "greeting": _both(page.greeting, page.greeting_en),
        "logo": page.logo_address(),
        "contact": settings.contact.model_dump(),
    }


def _both(korean: str | None, english: str | None) -> dict[str, str | None]:
    return {"ko": korean or english, "en": english or korean}


def _aside(
    step: Callable[..., Any], threads: Executor, when: Callable[[tuple[Any, ...]], bool]
) -> Callable[..., Any]:
    """Let gradio run `step` in its event loop, or in `threads` where its arguments ask for it.

    A step takes a few milliseconds, about what the handing over to one of gradio's many threads
    costs, and the analyser and FAISS keep memory, and FAISS threads, for every thread that ever
    called them. A failure is one line of the log.
    """

    @wraps(step)
    async def done(*args: Any) -> Any:
        work = partial(step, *args)
        try:
            if when(args):
                return await asyncio.get_running_loop().run_in_executor(threads, work)
            return work()
        except Exception:  # gradio would print it over many lines
            _LOG.exception("an event of the page failed")
            raise gr.Error(print_exception=False) from None

    return done


def _is_long(args: tuple[Any, ...]) -> bool:
    """Whether a text among the arguments takes long to read."""
    return any(len(text) > _QUICK_LENGTH for text in args if isinstance(text, str))
