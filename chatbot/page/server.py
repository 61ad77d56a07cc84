"""Puts the page where the API's server can serve it."""

from typing import Any

import gradio as gr

from mundap.chatbot.page.script import START
from mundap.chatbot.page.style import CSS, HEAD, theme

# The labels that gradio has not translated.
_KOREAN = {"chatbot": {"copy_message": "복사", "copied_message": "복사했어요"}}


def mount_page(application: Any, page: gr.Blocks, *, max_upload_bytes: int) -> None:
    """Make `page` the root of a FastAPI application, which another server runs."""
    gr.mount_gradio_app(
        application,
        page,
        path="/",
        # None of these: Node, a copy of each chat in the browser.
        ssr_mode=False,
        pwa=False,
        run_history=False,
        enable_monitoring=False,
        max_file_size=max_upload_bytes,
        show_error=False,
        footer_links=[],
        i18n=gr.I18n(ko=_KOREAN),
        theme=theme(),
        css=CSS,
        head=HEAD,
        js=START,
    )
