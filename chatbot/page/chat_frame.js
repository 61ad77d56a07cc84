// The frame around the conversation: head, first screen, input.

function starters() {
    $("#welcome").replaceChildren(
        h("p", { class: "greeting" }, config.greeting[language] ?? say().greeting),
        h(
            "div",
            { class: "examples" },
            ...config.starters[language].map((question) =>
                h(
                    "button",
                    {
                        type: "button",
                        class: "example",
                        lang: languageOf(question),
                        onclick: () => focusOn(ask(question)),
                    },
                    question,
                ),
            ),
        ),
    );
}

function categories() {
    const select = $("#category");
    const before = select.value;
    select.replaceChildren(
        h("option", { value: "" }, say().all_categories),
        ...config.categories.map((name) => h("option", { value: name }, name)),
    );
    // A category that a rebuild dropped cannot stay chosen.
    select.value = config.categories.includes(before) ? before : "";
    select.hidden = !config.categories.length;
    select.setAttribute("aria-label", say().category);
}

// Puts every word of the page into the visitor's language.
function translate() {
    document.documentElement.lang = language;
    $("#subtitle").textContent = config.subtitle[language] ?? say().subtitle;
    $("#new-chat").textContent = say().new_chat;
    $("#save").textContent = say().save;
    $("#print").textContent = say().print;
    $("#more > summary").setAttribute("aria-label", say().more);
    $("#languages").setAttribute("aria-label", say().language);
    $("#chat").setAttribute("aria-label", say().conversation);
    $("#box").setAttribute("aria-label", say().message);
    $("#box").placeholder = say().message;
    $("#send").textContent = say().send;
    $(`#languages input[value=${language}]`).checked = true;
    const ways = contacts();
    $("#contact").hidden = !ways;
    $("#contact > summary").textContent = say().contact;
    $("#contact > div").replaceChildren(...(ways ? [ways] : []));
    starters();
    categories();
    for (const turn of turns) show(turn);
    speakGradio();
}

// gradio's own labels, of the second tab, follow the browser's language; they are to follow the
// page's. Should a later gradio lack this function, they stay as they are.
function speakGradio() {
    const names = performance.getEntriesByType("resource").map((entry) => entry.name);
    const core = names.find((name) => /\/assets\/core-[^/]+\.js$/.test(name));
    if (core && $("#sts")) import(core).then((module) => module.changeLocale?.(language));
    props.value = language;
    trigger("input");
}

function asText() {
    const lines = [config.title, new Date().toLocaleString(language), ""];
    for (const { query, reply } of turns) {
        lines.push(`${say().you}: ${query}`, `${config.title}: ${reply ? shownOf(reply).text : "…"}`);
        for (const { question } of reply?.options ?? []) lines.push(`  · ${question}`);
        lines.push("");
    }
    return lines.join("\n");
}

function save() {
    const address = URL.createObjectURL(new Blob([asText()], { type: "text/plain;charset=utf-8" }));
    const day = new Date().toLocaleDateString("sv");
    h("a", { href: address, download: `${config.title}-${day}.txt` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function restart() {
    turns = [];
    conversation = newName();
    nodes.clear();
    for (const turn of document.querySelectorAll("#chat .turn")) turn.remove();
    $("#welcome").hidden = false;
    $("#spoken").textContent = "";
    keep();
    $("#box").focus();
}

function grow() {
    const box = $("#box");
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
}

function send(event) {
    event?.preventDefault();
    const box = $("#box");
    if (!box.value.trim()) return;
    ask(box.value, { category: $("#category").value });
    box.value = "";
    grow();
}

function connect() {
    $("#foot").addEventListener("submit", send);
    $("#box").addEventListener("input", grow);
    $("#box").addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey) return;
        // An Enter that ends a composed syllable is the input method's: it must not send the half
        // of a question.
        event.preventDefault();
        if (!event.isComposing && event.keyCode !== 229) send();
    });
    $("#new-chat").addEventListener("click", restart);
    $("#save").addEventListener("click", save);
    $("#print").addEventListener("click", () => print());
    $("#languages").addEventListener("change", (event) => {
        language = event.target.value;
        try {
            localStorage.setItem("mundap:language", language);
        } catch {}
        translate();
    });
    // What is unfolded comes into sight, and a menu folds when one leaves it.
    element.addEventListener(
        "toggle",
        ({ target }) => target.open && target.scrollIntoView({ block: "nearest" }),
        true,
    );
    for (const menu of document.querySelectorAll("#head details")) {
        menu.addEventListener("keydown", (event) => {
            if (event.key !== "Escape") return;
            menu.open = false;
            menu.querySelector("summary").focus();
        });
        const leave = ({ target }) => {
            if (!menu.contains(target) || target.closest("button")) menu.open = false;
        };
        document.addEventListener("click", leave);
        document.addEventListener("focusin", ({ target }) => menu.contains(target) || leave({ target }));
    }
}

function begin() {
    if (!$("#head h1")) return setTimeout(begin, 10);
    language = chosenLanguage();
    $("#head h1").textContent = config.title;
    if (config.logo) $("#head h1").prepend(h("img", { src: config.logo, alt: "" }));
    turns = recall();
    connect();
    translate();
    for (const turn of turns) if (!turn.reply) answer(turn);
    visit.begin(ask);
    // A page opened after a rebuild is up to date.
    call("words")
        .then((words) => (Object.assign(config, words, visit.look), starters(), categories()))
        .catch(() => {});
    element.dataset.ready = "yes";
}

begin();
