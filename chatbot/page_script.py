"""What the browser does by itself, as JavaScript for gradio's events."""

from chatbot.page_turns import NOTE_MARK

# Empties the box at once and shows what was typed before the server has replied; what is
# blank goes nowhere.
SEND = """(text, chat) => {
    if (!text.trim()) return [text, "", chat];
    const literal = text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
        .replaceAll('src="/file', "src=&quot;/file");
    const content = [{type: "text", text: literal}];
    return ["", text, [...(chat ?? []), {role: "user", content, metadata: null, options: null}]];
}"""

# gradio's own labels follow the browser's language; they are to follow the page's. Should a
# later gradio lack this function, they stay as they are.
SPEAK = r"""(language) => {
    const names = performance.getEntriesByType("resource").map((entry) => entry.name);
    const core = names.find((name) => /\/assets\/core-[^/]+\.js$/.test(name));
    if (core) import(core).then((module) => module.changeLocale?.(language));
    return [];
}"""

# Once, when the page opens. The copy button would copy the HTML that `literal` made, and the
# note under an answer. And an Enter that ends a composed syllable is the input method's: it
# must not send the half of a question.
START = f"""() => {{
    document.addEventListener("keypress", (event) => {{
        if (event.key !== "Enter" || !event.isComposing) return;
        event.preventDefault();
        event.stopImmediatePropagation();
    }}, true);
    const clipboard = navigator.clipboard;
    if (!clipboard) return;
    const write = clipboard.writeText.bind(clipboard);
    clipboard.writeText = (html) => write(
        html.split("\\n{NOTE_MARK}")[0]
            .replace(/&quot;/g, '"').replace(/&lt;/g, "<").replace(/&amp;/g, "&")
    );
}}"""
