"""Puts the page where the API's server can serve it."""

from typing import Any

import gradio as gr

from mundap.chatbot.page.calls import Calls, Input
from mundap.chatbot.page.script import START
from mundap.chatbot.page.style import CSS, HEAD, theme

# The labels that gradio has not translated.
_KOREAN = {"chatbot": {"copy_message": "복사", "copied_message": "복사했어요"}}
# Conversations kept; a visitor who comes back to a forgotten one begins anew.
CONVERSATIONS = 1000


def mount_page(application: Any, page: gr.Blocks) -> Calls:
    """Make `page` the root of a FastAPI application; return what it may be called with."""
    page.state_session_capacity = CONVERSATIONS
    gr.mount_gradio_app(
        application,
        page,
        path="/",
        # None of these: Node, a copy of each chat in the browser.
        ssr_mode=False,
        pwa=False,
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        footer_links=[],
        i18n=gr.I18n(ko=_KOREAN),
        theme=theme(),
        css=CSS,
        head=HEAD,
        js=START,
    )
    steps = {number: step for number, step in page.fns.items() if callable(step.fn)}
    return Calls({number: tuple(map(_input, step.inputs)) for number, step in steps.items()})


def _input(component: Any) -> Input:
    if isinstance(component, gr.State):
        return Input(is_kept=True)
    if isinstance(component, gr.Radio):
        return Input(choices=[value for _, value in component.choices])
    return Input()
