"""Puts the page where the API's server can serve it."""

from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from mundap.chatbot.bot import Bot
from mundap.chatbot.page.calls import Calls, Input
from mundap.chatbot.page.preview import Preview
from mundap.chatbot.page.style import ICON, head, theme
from mundap.chatbot.page.window import look
from mundap.chatbot.settings import ChatSettings
from mundap.index.languages import LANGUAGES


def mount_page(application: Any, page: gr.Blocks, bot: Bot) -> Calls:
    """Make `page` the root of a FastAPI application; return what it may be called with."""
    settings = bot.settings
    gr.mount_gradio_app(
        application,
        page,
        path="/",
        # None of these: Node, a copy of each call in the browser.
        ssr_mode=False,
        pwa=False,
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        footer_links=[],
        theme=theme(),
        head=head(settings.page),
        favicon_path=settings.page.logo or ICON,
    )
    # Around gradio's own page, before it is compressed.
    application.routes[-1].app.user_middleware.append(
        Middleware(Preview, settings=lambda: bot.settings)
    )
    steps = {number: step for number, step in page.fns.items() if callable(step.fn)}
    return Calls({number: tuple(map(_input, step.inputs)) for number, step in steps.items()})


def dress(page: gr.Blocks, settings: ChatSettings) -> None:
    """Give the words and the look of `settings` to whoever opens the page from now on."""
    page.title = settings.title
    page.head = head(settings.page)
    page.favicon_path = settings.page.logo or ICON
    for block in page.blocks.values():
        if isinstance(block, gr.HTML) and "config" in block.props:
            block.props["config"] = {**block.props["config"], **look(settings)}
    # What gradio puts into the page; it makes it once, as it mounts it.
    page.config = page.get_config_file()


def _input(component: Any) -> Input:
    # The conversation's value is the language that the page speaks.
    return Input(choices=LANGUAGES) if isinstance(component, gr.HTML) else Input()
