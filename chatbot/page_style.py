"""How the page looks and what its browser does by itself: theme, style sheet, scripts."""

import gradio as gr

from chatbot.page_text import PageText, page_text

# What is on the visitor's machine; nothing is fetched from anywhere.
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
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
    )


def translations() -> gr.I18n:
    """Return our words for gradio's own buttons."""
    return gr.I18n(ko=_button_labels(page_text("ko")), en=_button_labels(page_text("en")))


def _button_labels(text: PageText) -> dict[str, dict[str, str]]:
    labels = {
        "copy_message": text.copy,
        "copied_message": text.copied,
        "retry": text.retry,
        "like": text.like,
        "dislike": text.dislike,
    }
    return {"chatbot": labels}


# Empties the box at once and shows what was typed before the server has replied. A blank
# text goes nowhere.
SEND = """(text, chat) => {
    if (!text.trim()) return [text, "", chat];
    const literal = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    const content = [{type: "text", text: literal}];
    return ["", text, [...(chat ?? []), {role: "user", content, metadata: null, options: null}]];
}"""

# gradio follows the browser's language; its own labels are to follow the page's. Where a
# later gradio has no such function, they stay in the browser's.
SPEAK = r"""(language) => {
    const names = performance.getEntriesByType("resource").map((entry) => entry.name);
    const core = names.find((name) => /\/assets\/core-[^/]+\.js$/.test(name));
    if (core) import(core).then((module) => module.changeLocale?.(language));
    return [];
}"""

# The copy button copies the HTML that `literal` made; hand over the text instead.
LISTEN = """() => {
    const clipboard = navigator.clipboard;
    if (!clipboard) return;
    const write = clipboard.writeText.bind(clipboard);
    clipboard.writeText = (html) =>
        write(html.replace(/&lt;/g, "<").replace(/&amp;/g, "&"));
}"""

HEAD = """<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='9' fill='%234f46e5'/%3E%3Cpath d='M9 10h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-6l-5 4v-4H9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z' fill='white'/%3E%3C/svg%3E">"""

CSS = """
.gradio-container { max-width: 760px !important; margin: 0 auto !important; }
"""
