"""How the page looks: theme and style sheet; nothing in them is fetched from anywhere."""

from pathlib import Path

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
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='9' fill='%23{colour}'/%3E%3Cpath fill='white' d='M9 10h14"
    "a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-6l-5 4v-4H9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z'/%3E%3C/svg%3E"
)


def head(settings: PageSettings) -> str:
    """Return what stands in the head of the page: its icon, and the style in the owner's colour.

    As a style sheet of gradio's it would be taken apart at every comma.
    """
    icon = settings.logo_address() or _ICON.format(colour=settings.colour[1:])
    style = f":root {{ --own: {settings.colour}; }}{_CSS}"
    return f'<link rel="icon" href="{icon}"><style>{style}</style>'
