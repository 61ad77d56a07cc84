"""What the browser does by itself, as JavaScript for gradio's events."""

from mundap.chatbot.page.turns import NOTE_START

# Empties the box at once and shows what was typed before the server has replied; what is
# blank goes nowhere.
SEND = """(text, chat) => {
    if (!text.trim()) return [text, "", chat];
    const literal = text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
        .replaceAll('src="/file', "src=&quot;/file");
    const content = [{type: "text", text: literal}];
    return ["", text, [...(chat ?? []), {role: "user", content, metadata: null, options: null}]];
}"""

# The category, "" for all of them, as a text of its own.
CHOSEN = "(category) => category ?? ''"

# gradio's own labels follow the browser's language; they are to follow the page's. Should a
# later gradio lack this function, they stay as they are.
SPEAK = r"""(language) => {
    const names = performance.getEntriesByType("resource").map((entry) => entry.name);
    const core = names.find((name) => /\/assets\/core-[^/]+\.js$/.test(name));
    if (core) import(core).then((module) => module.changeLocale?.(language));
    return [];
}"""

# Once, when the page opens. An Enter that ends a composed syllable is the input method's: it
# must not send the half of a question. What is unfolded comes into sight. gradio labels each
# message with its HTML; a screen reader is to read what is shown. And the copy button would copy
# the HTML that `literal` made, and the note under an answer.
START = f"""() => {{
    document.addEventListener("keypress", (event) => {{
        if (event.key !== "Enter" || !event.isComposing) return;
        event.preventDefault();
        event.stopImmediatePropagation();
    }}, true);
    document.addEventListener("toggle", (event) => {{
        if (event.target.open) event.target.scrollIntoView({{block: "nearest"}});
    }}, true);
    new MutationObserver(() => {{
        for (const message of document.querySelectorAll("#chat [data-testid][aria-label]")) {{
            message.removeAttribute("aria-label");
        }}
    }}).observe(document.body, {{subtree: true, childList: true, attributeFilter: ["aria-label"]}});
    const plain = (html) => html.split('\\n{NOTE_START}')[0]
        .replace(/&quot;/g, '"').replace(/&lt;/g, "<").replace(/&amp;/g, "&");
    // Without a clipboard (over plain HTTP) gradio copies from a text area of its own.
    document.addEventListener("copy", (event) => {{
        const area = event.target;
        if (area.tagName !== "TEXTAREA" || area.parentNode !== document.body) return;
        event.clipboardData.setData("text/plain", plain(area.value));
        event.preventDefault();
    }}, true);
    const clipboard = navigator.clipboard;
    if (!clipboard) return;
    const write = clipboard.writeText.bind(clipboard);
    clipboard.writeText = (html) => write(plain(html));
}}"""
