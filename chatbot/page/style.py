"""How the page looks: theme and style sheet; nothing in them is fetched from anywhere."""

from pathlib import Path
from urllib.parse import quote

import gradio as gr

from mundap.chatbot.page_settings import PageSettings

# What the visitor's machine has, a Korean font of each system among them.
_FONTS = (
    "Pretendard",
    "-apple-system",
    "BlinkMacSystemFont",
    "'Apple SD Gothic Neo'",
    "'Segoe UI'",
    "'Noto Sans KR'",
    "'Noto Sans CJK KR'",
    "'Malgun Gothic'",
    "sans-serif",
)
_MONO_FONTS = ("ui-monospace", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Return the theme, light and dark."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.indigo,
        secondary_hue=gr.themes.colors.indigo,
        neutral_hue=gr.themes.colors.slate,
        font=_FONTS,
        font_mono=_MONO_FONTS,
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
    )


_CSS = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
# Where the owner has no logo.
ICON = Path(__file__).with_name("icon.svg")


def head(settings: PageSettings) -> str:
    """Return what stands in the head of the page: its icon, and the style in the owner's colour.

    As a style sheet of gradio's it would be taken apart at every comma.
    """
    own = ICON.read_text(encoding="utf-8").replace("#4f46e5", settings.colour)
    icon = settings.logo_address() or f"data:image/svg+xml,{quote(own)}"
    style = f":root {{ --own: {settings.colour}; }}{_CSS}"
    return f'<link rel="icon" href="{icon}"><style>{style}</style>'
