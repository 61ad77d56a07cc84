"""How the page looks: theme and style sheet; nothing in them is fetched from anywhere."""

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


_CSS = """
.gradio-container {
    --card: white;
    --edge: var(--neutral-300);
    --accent: var(--own);
    --accent-soft: color-mix(in srgb, var(--own) 8%, white);
    --accent-text: var(--own);
    --quiet: var(--neutral-600);
}
.dark .gradio-container, .gradio-container.dark {
    --card: var(--neutral-900);
    --edge: var(--neutral-600);
    --accent-soft: var(--neutral-800);
    --accent-text: color-mix(in srgb, var(--own) 40%, white);
    --quiet: var(--neutral-300);
}

/* The conversation scrolls; head and foot stay in sight, also above a phone's keyboard. */
.gradio-container { height: 100dvh; max-width: none !important; overflow: hidden !important; }
.gradio-container .main.fillable { max-width: 760px; padding: 16px 20px; min-height: 0; }
.gradio-container .wrap, .gradio-container .contain, .gradio-container .column { min-height: 0; }
.gradio-container .contain > .column { gap: 8px; }
.unseen {
    position: absolute; width: 1px; height: 1px; margin: 0; padding: 0; border: 0;
    overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
:where(#head, #talk) :where(button, summary, select, textarea, input) {
    font: inherit; color: inherit;
}
:where(#head, #talk) :where(button, summary, select, label) { cursor: pointer; }
#category, #chat [type="radio"] { appearance: auto; background-image: none; }
:is(#head, #talk) :is(button, a, summary, select, .turn, #chat, input):focus-visible {
    outline: 2px solid var(--accent-text); outline-offset: 2px;
}
#chat:focus-visible, #chat .turn:focus-visible { outline-offset: -2px; border-radius: 10px; }

#head { flex: none; overflow: visible; padding: 0; }
#head .html-container { padding: 0; overflow: visible; }
#head :is(button, summary, label) { white-space: nowrap; }
#head header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
#head h1 {
    display: flex; flex: 1 1 auto; align-items: center; gap: 8px; min-width: 0; margin: 0;
    font-size: 24px; font-weight: 800; letter-spacing: -0.02em; line-height: 1.3;
    word-break: keep-all; overflow-wrap: anywhere;
}
#head h1 img { max-width: 120px; height: 32px; margin: 0; object-fit: contain; }
#subtitle { flex: 1 0 100%; margin: 0; color: var(--quiet); word-break: keep-all; }
#languages { display: flex; padding: 3px; border-radius: 999px; background: var(--accent-soft); }
#languages label {
    display: flex; align-items: center; min-height: 26px; padding: 0 9px; border-radius: 999px;
    color: var(--quiet); font-size: 13px;
}
#languages label:has(:checked) { background: var(--card); color: var(--body-text-color); }
#languages label:has(:focus-visible) { outline: 2px solid var(--accent-text); }
#languages input { position: absolute; width: 1px; height: 1px; margin: 0; opacity: 0; }
#new-chat, #head summary {
    min-height: 32px; padding: 4px 12px; border: 1px solid var(--edge); border-radius: 999px;
    background: var(--card); font-size: 13px; font-weight: 500; line-height: 22px; list-style: none;
}
#head summary::-webkit-details-marker { display: none; }
#new-chat:hover, #head summary:hover { border-color: var(--accent); color: var(--accent-text); }
#head details { position: relative; }
#head details > div {
    position: absolute; z-index: 10; top: calc(100% + 6px); right: 0; width: max-content;
    max-width: min(320px, 90vw); padding: 8px; border: 1px solid var(--edge); border-radius: 14px;
    background: var(--card); box-shadow: 0 8px 24px rgb(0 0 0 / 18%);
}
#more > div button {
    display: block; width: 100%; padding: 7px 14px; border-radius: 8px; text-align: left;
    font-size: 14px;
}
#more > div button:hover { background: var(--accent-soft); }

#talk {
    display: flex; flex: 1 1 0 !important; min-height: 0; padding: 0; overflow: visible;
}
#talk > div, #talk .html-container { flex: 1; min-width: 0; min-height: 0; padding: 0; }
#talk div:has(> #chat) { display: flex; flex-direction: column; gap: 8px; height: 100%; }
#chat {
    position: relative; flex: 1 1 0; min-height: 0; overflow: hidden auto;
    border-top: 1px solid var(--edge); overscroll-behavior: contain;
}
#welcome {
    display: flex; flex-direction: column; justify-content: safe center; gap: 20px;
    min-height: 100%; padding: 12px 2px;
}
#welcome[hidden] { display: none; }
#welcome .greeting { margin: 0; font-size: 22px; font-weight: 700; text-align: center; }
#chat .examples {
    display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; width: 100%;
    max-width: 600px; margin: 0 auto;
}
#chat :is(.option, .example, .none, .way, .plain) {
    max-width: 100%; min-height: 36px; margin: 0; border: 1px solid var(--edge);
    background: var(--card); color: var(--accent-text); font-size: 14px; line-height: 1.45;
    text-align: left; text-decoration: none; word-break: keep-all; overflow-wrap: anywhere;
}
#chat :is(.option, .none, .way, .plain) { padding: 6px 14px; border-radius: 18px; }
#chat .example { padding: 14px 16px; border-radius: 14px; }
#chat :is(.option, .example, .none, .way, .plain):hover {
    border-color: var(--accent); background: var(--accent-soft);
}
#chat .none { border-style: dashed; color: var(--body-text-color); }
#chat .none[aria-pressed="true"] { background: var(--accent-soft); }
#chat .turn { padding: 10px 2px; }
#chat .turn + .turn { padding-top: 4px; }
#chat .question { display: flex; justify-content: flex-end; margin: 0 0 10px; }
#chat .asked, #chat .answer {
    max-width: 88%; padding: 10px 15px; border-radius: 18px; font-size: 15.5px; line-height: 1.65;
    overflow-wrap: anywhere; word-break: keep-all;
}
#chat .asked {
    border-bottom-right-radius: 5px; background: var(--accent); color: white; white-space: pre-wrap;
}
#chat .answer {
    width: fit-content; margin: 0; border: 1px solid var(--edge); border-bottom-left-radius: 5px;
    background: var(--card); color: var(--body-text-color);
}
#chat .answer > :first-child { margin-top: 0; }
#chat .answer > :last-child { margin-bottom: 0; }
#chat .answer :is(p, ul, ol, pre, table) { margin: 0 0 8px; }
#chat .answer :is(ul, ol) { padding-left: 22px; }
#chat .answer ul { list-style: disc; }
#chat .answer ol { list-style: decimal; }
#chat .answer a { color: var(--accent-text); text-decoration: underline; }
#chat .answer a[href^="tel:"] { white-space: nowrap; }
#chat .answer img { max-width: 100%; height: auto; border-radius: 8px; }
#chat .answer :is(code, pre) {
    padding: 1px 5px; border-radius: 5px; background: var(--accent-soft); font-size: 0.92em;
    font-family: var(--font-mono); white-space: pre-wrap; color: inherit;
}
#chat .answer pre { padding: 8px 10px; }
#chat .answer pre code { padding: 0; background: none; }
#chat .answer table { border-collapse: collapse; font-size: 0.95em; }
#chat .answer :is(th, td) {
    padding: 4px 10px; border: 1px solid var(--edge); text-align: left; vertical-align: top;
}
#chat .answer th { background: var(--accent-soft); font-weight: 600; }
#chat .dots::after { content: "● ● ●"; color: var(--quiet); font-size: 10px; letter-spacing: 2px; }
@media (prefers-reduced-motion: no-preference) {
    #chat .dots::after { animation: wait 1.2s ease-in-out infinite alternate; }
    @keyframes wait { from { opacity: 0.6; } to { opacity: 1; } }
}
/* What was searched for, the matched question and its score, under the answer. */
#chat .note { margin: 6px 4px 0; color: var(--quiet); font-size: 12.5px; line-height: 1.5; }
#chat .heading { flex: 1 0 100%; margin: 0; color: var(--quiet); font-size: 13.5px; }
#chat .why { scroll-margin: 28px; }
#chat .why summary {
    display: inline-block; min-height: 24px; padding: 2px 0; border-radius: 4px;
    color: var(--accent-text); list-style: none;
}
#chat .why summary::-webkit-details-marker { display: none; }
#chat .why summary::before { content: "▸"; display: inline-block; width: 1.2em; }
#chat .why[open] summary::before { content: "▾"; }
#chat .why summary:hover { text-decoration: underline; }
#chat .why dl {
    display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 14px;
    margin: 4px 0 2px; padding: 8px 12px; border-radius: 10px; background: var(--accent-soft);
}
#chat .why dt { font-weight: 500; }
#chat .why dd { margin: 0; color: var(--body-text-color); overflow-wrap: anywhere; }
#chat :is(.options, .contacts) { display: flex; flex-wrap: wrap; gap: 8px; padding: 10px 2px 2px; }
.contacts .way { display: inline-flex; align-items: center; }
#head .contacts { display: flex; flex-direction: column; gap: 4px; }
#head .way {
    padding: 7px 12px; border-radius: 8px; color: var(--accent-text); font-size: 14px;
    overflow-wrap: anywhere;
}
.hand { flex: 1 0 100%; }
.hand summary { width: fit-content; list-style: none; }
.hand summary::-webkit-details-marker { display: none; }
#head .hand summary { border: 0; background: none; }
#head .hand .better { padding: 4px 12px 8px; }
#head .hand [type="text"] {
    width: 100%; margin: 4px 0 8px; padding: 6px 10px; border: 1px solid var(--edge);
    border-radius: 8px; background: none;
}
#head .hand .main { border-radius: 999px; }
#head .way:hover { background: var(--accent-soft); }
.contacts .hours { align-self: center; padding: 2px 6px; color: var(--quiet); font-size: 13px; }
#chat .buttons { display: flex; gap: 4px; padding: 4px 2px 0; }
#chat .icon { width: 30px; height: 30px; padding: 6px; border-radius: 8px; color: var(--quiet); }
#chat .icon:hover { background: var(--accent-soft); color: var(--accent-text); }
#chat .icon svg {
    width: 18px; height: 18px; fill: none; stroke: currentcolor; stroke-width: 1.7;
    stroke-linecap: round; stroke-linejoin: round;
}
#chat .icon[aria-pressed="true"] { color: var(--accent-text); }
#chat .icon[aria-pressed="true"] svg { fill: currentcolor; }
#chat .better {
    max-width: 420px; margin: 6px 2px 0; padding: 12px 14px; border: 1px solid var(--edge);
    border-radius: 14px; background: var(--card); font-size: 14px;
}
#chat .better fieldset { margin: 0; padding: 0; border: 0; }
#chat .better legend { margin-bottom: 4px; padding: 0; font-weight: 600; }
#chat .better label { display: flex; align-items: center; gap: 8px; min-height: 30px; }
#chat .better [type="radio"] { width: 18px; height: 18px; margin: 0; accent-color: var(--own); }
#chat .better [type="text"] {
    width: 100%; margin: 6px 0 10px; padding: 7px 10px; border: 1px solid var(--edge);
    border-radius: 8px; background: none;
}
#chat .better > div { display: flex; gap: 8px; }
#chat .better [placeholder]::placeholder, #box::placeholder { color: var(--quiet); opacity: 1; }
:is(#talk, #head) .main, #send {
    min-height: 36px; padding: 6px 16px; border-radius: 999px; background: var(--accent);
    color: white; font-size: 14px; font-weight: 600; white-space: nowrap;
}

#foot {
    display: flex; flex: none; align-items: flex-end; gap: 4px; padding: 5px;
    border: 1px solid var(--edge); border-radius: 22px; background: var(--card);
}
#foot:focus-within { border-color: var(--accent-text); }
#category {
    flex: 0 1 130px; min-width: 0; min-height: 36px; padding: 0 6px 0 12px; border: 0;
    border-radius: 16px; background: var(--card); font-size: 14px; text-overflow: ellipsis;
}
#category[hidden] { display: none; }
#box {
    flex: 1 1 0; min-width: 0; max-height: 150px; margin: 0; padding: 6px 10px; border: 0;
    outline: 0; background: none; font-size: 16px; line-height: 1.5; resize: none;
}
#box::placeholder { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

/* Two tabs, where sentences can be compared. The chat's fills the page, the other one scrolls. */
#tabs { display: flex; flex: 1 1 0; flex-direction: column; min-height: 0; gap: 0; }
#tabs > .tabitem { flex: 1 1 0; min-height: 0; padding: 0; border: 0; }
#tabs #chat { border-top: 0; }
#tabs [role="tab"] { color: var(--quiet); transition: none; }
#tabs [role="tab"][aria-selected="true"] { color: var(--accent-text); }
#chat-tab > .column { height: 100%; gap: 12px; }
#sts { overflow: hidden auto; }
#sts > .column { gap: 12px; padding: 14px 2px; }
#sts > .column > * { flex: none; }
#sts .form { border: 0; background: none; }
#sts .row { gap: 12px; }
#sts .html-container { padding: 0; }
#sts .or { color: var(--quiet); }
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
    .gradio-container .main.fillable { padding: 10px 12px; }
    #head h1 { font-size: 20px; }
    #head h1 img { height: 26px; }
    #subtitle { font-size: 13px; }
    #chat .asked, #chat .answer { max-width: 94%; }
    #chat .examples { grid-template-columns: minmax(0, 1fr); }
    #chat .why dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
    #chat .why dd + dt { margin-top: 4px; }
    #category { flex-basis: 84px; }
}
@media (max-width: 400px) {
    #category { flex-basis: 66px; padding-inline: 6px 0; }
    #head h1 { flex-basis: 100%; }
    #head header { justify-content: flex-end; }
    #languages { margin-right: auto; }
    #head header > details > summary, #new-chat { padding: 4px 9px; }
}
/* A phone on its side, or a page that is enlarged four times: words before ornament. */
@media (max-height: 420px) {
    .gradio-container .main.fillable { padding: 4px 10px; }
    .gradio-container .contain > .column, #talk div:has(> #chat) { gap: 4px; }
    #subtitle { display: none; }
    #head h1 { flex: 1 1 0; font-size: 16px; overflow: hidden; white-space: nowrap; }
    #head h1 img { height: 20px; }
    #head header { flex-wrap: nowrap; gap: 4px; }
    #new-chat, #head summary { min-height: 26px; padding: 1px 7px; font-size: 12px; }
    #languages label { font-size: 12px; }
    #languages { margin: 0; padding: 1px; }
    #languages label { min-height: 24px; padding: 0 5px; }
    #welcome { justify-content: flex-start; gap: 8px; padding-top: 6px; }
    #welcome .greeting { font-size: 16px; }
    #chat .example { padding: 6px 12px; }
    #foot { padding: 2px; }
}
@media (prefers-contrast: more) {
    .gradio-container { --edge: var(--neutral-700); --quiet: var(--body-text-color); }
    .dark .gradio-container { --edge: var(--neutral-300); --quiet: var(--body-text-color); }
    #chat .answer a, #chat :is(.option, .example, .none, .way) { font-weight: 600; }
}
@media (forced-colors: active) {
    #chat .asked, #send, #languages label:has(:checked) { border: 1px solid CanvasText; }
    #chat .icon[aria-pressed="true"] { outline: 2px solid Highlight; }
}
/* In a panel on another site, whose button to close it lies in the corner. */
.in-panel .gradio-container .main.fillable { padding: 10px 12px; }
.in-panel #head h1 { flex: 1 0 100%; min-height: 34px; padding-right: 44px; font-size: 18px; }
.in-panel #head h1 img { height: 26px; }
.in-panel #languages { margin-right: auto; }
.in-panel #subtitle { display: none; }
.in-panel #chat .examples { grid-template-columns: minmax(0, 1fr); }
/* The whole conversation, and nothing to press. */
@media print {
    html, body, gradio-app, .gradio-container,
    .gradio-container :is(.main, .wrap, .contain, .column),
    #tabs, #tabs > .tabitem, #talk, #talk div:has(> #chat), #chat {
        display: block !important; height: auto !important; min-height: 0 !important;
        overflow: visible !important;
    }
    #languages, #contact, #new-chat, #more, #foot, #tabs .tab-wrapper, #chat .buttons,
    #chat .better, #chat .none, #welcome { display: none !important; }
    #chat .turn { break-inside: avoid; }
    #chat .asked { border: 1px solid #000; background: none; color: #000; }
    #chat .answer a[href^="http"]::after { content: " (" attr(href) ")"; }
}
"""
