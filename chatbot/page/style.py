"""How the page looks: theme and style sheet; nothing in them is fetched from anywhere."""

import gradio as gr

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


_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='9' fill='%234f46e5'/%3E%3Cpath fill='white' d='M9 10h14"
    "a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-6l-5 4v-4H9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z'/%3E%3C/svg%3E"
)
HEAD = f'<link rel="icon" href="{_ICON}">'

CSS = """
.gradio-container {
    --card: white;
    --edge: var(--neutral-200);
    --accent: var(--primary-600);
    --accent-soft: var(--primary-50);
    --accent-text: var(--primary-700);
    --quiet: var(--neutral-500);
    --quiet-on-soft: var(--neutral-600);
}
.dark .gradio-container, .gradio-container.dark {
    --card: var(--neutral-900);
    --edge: var(--neutral-700);
    --accent: var(--primary-500);
    --accent-soft: var(--neutral-800);
    --accent-text: var(--primary-200);
    --quiet: var(--neutral-400);
    --quiet-on-soft: var(--neutral-400);
}

/* The conversation scrolls; head and foot stay in sight, also above a phone's keyboard. */
.gradio-container { height: 100dvh; max-width: none !important; overflow: hidden !important; }
.gradio-container .main.fillable { max-width: 760px; padding: 20px 20px 16px; min-height: 0; }
.gradio-container .wrap, .gradio-container .contain, .gradio-container .column { min-height: 0; }
.gradio-container .contain > .column { gap: 12px; }

#head { align-items: center; gap: 8px; flex-wrap: nowrap; flex-grow: 0; }
#head > * { min-width: 0 !important; flex: none; width: auto; }
#title { flex: 1 1 auto !important; }
#title h1 { margin: 0; font-size: 26px; font-weight: 800; letter-spacing: -0.02em; }
#title .html-container, #subtitle .html-container { padding: 0; }
#subtitle { flex-grow: 0; margin-top: -8px; }
#subtitle p { margin: 0; color: var(--quiet); word-break: keep-all; }
#language, #language .wrap { overflow: visible; flex-wrap: nowrap; gap: 2px; }
#language .wrap { padding: 3px; border-radius: 999px; background: var(--accent-soft); }
#language label {
    padding: 3px 10px; border: 0; border-radius: 999px; background: none; box-shadow: none;
    color: var(--quiet); font-size: 13px;
}
#language label.selected { background: var(--card); color: var(--body-text-color); }
#language label span { margin: 0; }
#language input { position: absolute; opacity: 0; width: 0; height: 0; }
#language label:has(:focus-visible) { outline: 2px solid var(--accent); }
#new-chat {
    padding: 5px 12px; border: 1px solid var(--edge); border-radius: 999px;
    background: var(--card); font-size: 13px; font-weight: 500;
}
#new-chat:hover { border-color: var(--accent); color: var(--accent-text); }

#chat {
    flex: 1 1 0 !important; min-height: 0; height: 0 !important; overflow: hidden !important;
    border-top: 1px solid var(--edge); border-radius: 0;
}
#chat .bubble-wrap { background: none; padding: 14px 0 4px; height: 100%; overflow-x: hidden; }
#chat .message-wrap { padding: 0; }
/* gradio's own bin would lie over the first message; the button in the head does the same. */
#chat .top-panel, #chat .message-buttons-right { display: none; }
#chat .message-row { margin: 14px 2px 4px; max-width: 88%; }
#chat .message-wrap > .message-row:first-child { margin-top: 0; }
#chat .user, #chat .bot {
    padding: 10px 15px; border: 0; border-radius: 18px; box-shadow: none; width: auto;
}
#chat .user { border-bottom-right-radius: 5px; background: var(--accent); color: white; }
#chat .bot {
    border: 1px solid var(--edge); border-bottom-left-radius: 5px; background: var(--card);
}
#chat .message-content, #chat .message-content .md {
    font-size: 15.5px; line-height: 1.65; white-space: pre-wrap; overflow-wrap: anywhere;
    word-break: keep-all; color: inherit;
}
/* The matched question and its score, under the answer. */
#chat .bot .thought { margin-top: 6px; }
#chat .bot .thought .md {
    font-size: 12.5px; line-height: 1.5; color: var(--quiet);
}
#chat .why { margin-top: 2px; scroll-margin: 28px; }
#chat .why summary {
    display: inline-block; padding: 2px 0; border-radius: 4px; cursor: pointer;
    color: var(--accent-text); list-style: none;
}
#chat .why summary::-webkit-details-marker { display: none; }
#chat .why summary::before { content: "▸"; display: inline-block; width: 1.2em; }
#chat .why[open] summary::before { content: "▾"; }
#chat .why summary:hover { text-decoration: underline; }
#chat .why summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#chat .why dl {
    display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 14px;
    margin: 4px 0 2px; padding: 8px 12px; border-radius: 10px; background: var(--accent-soft);
}
#chat .why dt { color: var(--quiet-on-soft); font-weight: 500; }
#chat .why dd { margin: 0; color: var(--body-text-color); }
#chat .message-buttons .icon-button-wrapper {
    margin: 0 4px; padding: 0; border: 0; background: none; box-shadow: none;
}
#chat .message-buttons .icon-button-wrapper button { margin: 0 2px; }
#chat .message-buttons button::after { display: none; }
/* Up before down. */
#chat .message-buttons-left button:last-of-type { order: 1; }
#chat .message-buttons-left button:nth-last-of-type(2) { order: 2; }
#chat .options {
    display: flex; flex-wrap: wrap; justify-content: flex-start; align-items: flex-start;
    gap: 8px; width: 100%; margin: 0; padding: 10px 2px 4px;
}
#chat .option, #chat .example {
    width: auto; min-width: 0; max-width: 100%; margin: 0; border: 1px solid var(--edge);
    background: var(--card); color: var(--accent-text); font-size: 14px; text-align: left;
    word-break: keep-all; cursor: pointer; box-shadow: none;
}
#chat .option { padding: 8px 14px; border-radius: 999px; }
#chat .example { padding: 14px 16px; border-radius: 14px; }
#chat .option:hover, #chat .example:hover {
    border-color: var(--accent); background: var(--accent-soft);
}
#chat .placeholder-content { height: 100%; justify-content: center; overflow: hidden auto; }
#chat .placeholder { flex: none; height: auto; margin-bottom: 20px; }
#chat .placeholder p { margin: 0; font-size: 22px; font-weight: 700; }
#chat .examples {
    display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; width: 100%;
    max-width: 600px; margin: 0 auto; padding: 0;
}

#foot {
    flex-grow: 0; flex-wrap: nowrap; align-items: center; gap: 0; padding: 5px;
    border: 1px solid var(--edge); border-radius: 22px; background: var(--card);
}
#foot:focus-within { border-color: var(--accent); }
#category { flex: 0 0 150px; min-width: 0 !important; border-right: 1px solid var(--edge); }
#category .wrap, #category input { background: none; border: 0; box-shadow: none; font-size: 14px; }
/* Longer than the box it belongs to. */
.options:has([role="listbox"]) { min-width: 200px; border-radius: 12px; }
.options [role="listbox"], .options [role="option"] { width: 100% !important; }
#box { flex: 1 1 0; min-width: 0 !important; overflow: visible !important; }
#box textarea {
    padding: 8px 12px; border: 0; background: none; box-shadow: none; font-size: 16px;
    line-height: 1.5;
}
#box .submit-button {
    align-self: flex-end; width: auto; height: 38px; padding: 0 16px; border-radius: 999px;
    background: var(--accent); color: white; font-size: 14px; font-weight: 600;
    white-space: nowrap;
}

/* Two tabs, where sentences can be compared. The chat's fills the page, the other one scrolls. */
#tabs { display: flex; flex: 1 1 0; flex-direction: column; min-height: 0; gap: 0; }
#tabs > .tabitem { flex: 1 1 0; min-height: 0; padding: 0; border: 0; }
#tabs #chat { border-top: 0; }
#chat-tab > .column { height: 100%; gap: 12px; }
#sts { overflow: hidden auto; }
#sts > .column { gap: 12px; padding: 14px 2px; }
#sts > .column > * { flex: none; }
#sts .form { border: 0; background: none; }
#sts .row { gap: 12px; }
#sts .html-container { padding: 0; }
#sts h2 { margin: 0; font-size: 17px; font-weight: 700; }
#sts h2 + p, #sts small { color: var(--quiet); font-size: 13px; }
#sts p { margin: 2px 0 0; word-break: keep-all; overflow-wrap: anywhere; }
#sts textarea, #sts input {
    border: 1px solid var(--edge); border-radius: 10px; background: var(--card); font-size: 15px;
}
#sts-compare, #sts-rank { width: auto; padding: 8px 18px; font-size: 14px; }
#sts-compare, #sts-rank { background: var(--accent); color: white; }
#sts > .column > button { align-self: flex-start; border-radius: 999px; }
#sts .sts-score strong { font-size: 24px; }
#sts .sts-score meter { width: 160px; margin: 0 10px; vertical-align: middle; }
#sts .sts-alert { color: var(--error-text-color); }
#sts .sts-alert small { display: block; }
#sts-download { display: inline-block; margin-top: 8px; color: var(--accent); font-size: 14px; }
#sts table { width: 100%; margin-top: 8px; border-collapse: collapse; font-size: 14.5px; }
#sts th, #sts td { padding: 6px 10px; border: 0; text-align: left; }
#sts tr { border: 0; border-bottom: 1px solid var(--edge); }
#sts td { overflow-wrap: anywhere; }
#sts td:not(:last-child) { font-variant-numeric: tabular-nums; }

@media (max-width: 560px) {
    .gradio-container .main.fillable { padding: 12px 12px 10px; }
    .gradio-container .contain > .column { gap: 8px; }
    #title h1 { font-size: 22px; }
    #subtitle p { font-size: 13px; }
    #chat .message-row { max-width: 94%; }
    #chat .examples { grid-template-columns: minmax(0, 1fr); }
    #chat .why dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
    #chat .why dd + dt { margin-top: 4px; }
    #category { flex-basis: 92px; }
}
"""
