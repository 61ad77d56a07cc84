// The conversation in the visitor's browser. gradio runs this once, as a function of `element`, the
// part of the page that is ours, `props.config`, what `window.py` gives, and `trigger`.
const config = { ...JSON.parse(JSON.stringify(props.config)), ...visit.look };
const $ = (selector) => document.querySelector(selector);
const store = `mundap:${location.pathname}${visit.name}`;
// Seconds between two tries to reach a server that is away.
const LONGEST_WAIT = 15;
// Turns kept, of which each may hold a long answer.
const KEPT = 100;

let language = config.language;
let turns = [];
const nodes = new Map();

const say = () => config.words[language];
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function h(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
        else if (name === "html") made.innerHTML = value;
        else if (value === true) made.setAttribute(name, "");
        else if (value !== false && value != null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child != null && child !== false));
    return made;
}

// ---- what is kept between two visits of one tab -------------------------------------------------

function recall() {
    try {
        const kept = config.keeps ? JSON.parse(sessionStorage.getItem(store)) : null;
        return Array.isArray(kept) ? kept : [];
    } catch {
        return [];
    }
}

function keep() {
    if (!config.keeps) return;
    try {
        sessionStorage.setItem(store, JSON.stringify(turns));
    } catch {
        // Full or forbidden: the conversation lives as long as the page.
    }
}

function chosenLanguage() {
    const known = (name) => Object.keys(config.words).includes(name);
    let chosen = null;
    try {
        chosen = localStorage.getItem("mundap:language");
    } catch {}
    const wanted = [chosen, visit.language, ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
    return wanted.find(known) ?? config.language;
}

// ---- the server ---------------------------------------------------------------------------------

class Away extends Error {
    constructor(seconds) {
        super("the server is away");
        this.seconds = seconds;
    }
}

async function call(name, ...data) {
    let answer;
    try {
        answer = await fetch(new URL("gradio_api/run/predict", document.baseURI), {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ fn_index: config.calls[name], data, session_hash: "page" }),
        });
    } catch {
        throw new Away();
    }
    if ([429, 502, 503, 504].includes(answer.status)) {
        throw new Away(Number(answer.headers.get("Retry-After")) || undefined);
    }
    if (!answer.ok) throw new Error(`${answer.status}`);
    return (await answer.json()).data[0];
}

const pause = (seconds) =>
    new Promise((done) => {
        const timer = setTimeout(done, 1000 * seconds);
        addEventListener("online", () => (clearTimeout(timer), done()), { once: true });
    });

// Asks until there is a reply: neither a restart of the server nor a reload loses the question.
async function answer(turn) {
    const [name, ...data] = turn.picked
        ? ["pick", turn.picked, turn.query, language]
        : ["ask", turn.full ?? turn.query, turn.previous, turn.category, language];
    for (let wait = 1; turns.includes(turn); wait = Math.min(2 * wait, LONGEST_WAIT)) {
        try {
            turn.reply = await call(name, ...data);
            turn.state = "";
            break;
        } catch (problem) {
            const isAway = problem instanceof Away;
            const before = turn.state;
            turn.state = isAway ? "away" : "failed";
            if (before !== turn.state) show(turn, { isNew: true });
            if (!isAway) break;
            await pause(problem.seconds ?? wait);
        }
    }
    delete turn.full;
    if (!turns.includes(turn)) return;
    if (turn.reply) {
        show(turn, { isNew: true });
        visit.tell("reply", { query: turn.query, kind: turn.reply.kind, text: turn.reply.text });
    }
    keep();
}

function ask(query, more = {}) {
    const previous = turns.at(-1)?.query ?? "";
    const isLong = query.length > config.longest;
    const turn = { query, previous, category: "", state: "", ...more };
    // The reply says how long it was; keeping and showing a book helps nobody.
    if (isLong) Object.assign(turn, { query: `${query.slice(0, config.longest)}…`, full: query });
    turns.push(turn);
    for (const old of turns.splice(0, turns.length - KEPT)) forget(old);
    show(turn);
    keep();
    visit.tell("ask", { query });
    answer(turn);
    return turn;
}

async function rate(turn, value, reason = "", comment = "") {
    const { id } = turn.reply;
    const kept = await call("rate", id, value, reason, comment).catch(() => false);
    // A reply that the server has forgotten cannot be rated; the visitor is not to be troubled.
    if (kept && reason !== config.none) turn.mark = value === "none" ? "" : value;
    keep();
    return kept;
}

// ---- what is seen -------------------------------------------------------------------------------

const ICONS = {
    copy: "M9 9V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-4M5 9h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1z",
    up: "M7 11v9H4v-9zM7 11l4-8c1.500 0 2.500 1 2.500 2.500L13 9h5.500a2 2 0 0 1 2 2.400l-1.300 7a2 2 0 0 1-2 1.600H7",
    down: "M17 13V4h3v9zM17 13l-4 8c-1.500 0-2.500-1-2.500-2.500L11 15H5.500a2 2 0 0 1-2-2.400l1.300-7a2 2 0 0 1 2-1.600H17",
    again: "M20 11a8 8 0 1 0-2.300 6.300M20 4v7h-7",
};

function icon(name, label, onclick, more = {}) {
    const path = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    const about = { type: "button", class: "icon", "aria-label": label, title: label };
    return h("button", { ...about, "data-key": name, html: path, onclick, ...more });
}

function contacts() {
    const { telephone, email, link, form, hours } = config.contact;
    const out = { target: "_blank", rel: "noopener" };
    const ways = [
        telephone && [`tel:${telephone.replace(/[^\d+]/g, "")}`, fill(say().telephone, { telephone }), {}],
        email && [`mailto:${email}`, fill(say().email, { email }), {}],
        form && [form, say().form, out],
        link && [link, say().link, out],
    ].filter(Boolean);
    if (!ways.length && !hours && !config.hands_over) return null;
    return h(
        "div",
        { class: "contacts", role: "group", "aria-label": say().contact },
        ...ways.map(([href, text, more]) => h("a", { class: "way", href, ...more }, text)),
        hours && h("span", { class: "hours" }, fill(say().hours, { hours })),
        config.hands_over && handOver(),
    );
}

// Sends the conversation to the owner's people, where the visitor wants that.
function handOver() {
    const told = h("p", { class: "heading", role: "alert" });
    const send = async (event) => {
        event.preventDefault();
        const form = event.target;
        const button = form.querySelector("button");
        button.disabled = true;
        const said = turns.filter((turn) => turn.reply);
        const conversation = {
            conversation_id: said[0] ? `${said[0].reply.id}-${said.length}` : "nothing-asked",
            reach: form.elements.reach.value,
            address: visit.address,
            turns: said.map(({ query, reply }) => ({ request_id: reply.id, query, reply: reply.text })),
        };
        const isSent = await call("hand_over", JSON.stringify(conversation)).catch(() => false);
        button.disabled = false;
        told.textContent = isSent ? say().handed : say().not_handed;
        if (isSent) form.replaceChildren(told);
    };
    return h(
        "details",
        { class: "hand" },
        h("summary", { class: "way" }, say().hand_over),
        h(
            "form",
            { class: "better", onsubmit: send },
            h("label", {}, say().reach),
            h("input", { type: "text", name: "reach", maxlength: 200, required: true, "aria-label": say().reach }),
            h("button", { type: "submit", class: "main" }, say().hand),
            told,
        ),
    );
}

function options(turn) {
    const { options: offered, kind } = turn.reply;
    if (!offered.length) return null;
    const heading = { unknown: say().perhaps, answer: say().related }[kind];
    const none = h(
        "button",
        {
            type: "button",
            class: "none",
            "data-key": "none",
            "aria-pressed": String(Boolean(turn.none)),
            onclick: async () => {
                if (turn.none) return;
                turn.none = true;
                await rate(turn, "down", config.none);
                show(turn);
                speak(say().none_said);
            },
        },
        say().none,
    );
    return h(
        "div",
        { class: "options", role: "group", "aria-label": heading ?? say().offered },
        heading && h("p", { class: "heading" }, heading),
        ...offered.map(({ id, question }) =>
            h(
                "button",
                {
                    type: "button",
                    class: "option",
                    "data-key": `option ${id}`,
                    lang: languageOf(question),
                    onclick: () => focusOn(ask(question, { picked: id })),
                },
                question,
            ),
        ),
        kind !== "answer" && none,
        turn.none && h("p", { class: "heading" }, say().none_said),
    );
}

const languageOf = (text) => (/[ㄱ-ㅎㅏ-ㅣ가-힣]/.test(text) ? "ko" : /[A-Za-z]/.test(text) ? "en" : null);

function buttons(turn) {
    const { reply } = turn;
    const copy = icon("copy", say().copy, async (event) => {
        const { currentTarget: button } = event;
        await copied(reply.text);
        button.setAttribute("aria-label", say().copied);
        button.title = say().copied;
        speak(say().copied);
    });
    const thumb = (value, label) =>
        icon(
            value,
            label,
            async () => {
                const isOn = turn.mark === value;
                turn.asks = !isOn && value === "down";
                await rate(turn, isOn ? "none" : value);
                show(turn);
                if (!turn.asks) return;
                const form = nodes.get(turn).querySelector(".better");
                form.querySelector("input").focus();
                form.scrollIntoView({ block: "nearest" });
            },
            { "aria-pressed": String(turn.mark === value) },
        );
    const again = icon("again", say().again, () => {
        turns.splice(turns.indexOf(turn), 1);
        forget(turn);
        const { query, picked } = turn;
        const asked = ask(query, picked ? { picked } : { category: $("#category").value });
        focusOn(asked);
    });
    const isLast = turns.at(-1) === turn;
    return h(
        "div",
        { class: "buttons", role: "group", "aria-label": say().about_reply },
        copy,
        thumb("up", say().up),
        thumb("down", say().down),
        isLast && again,
    );
}

async function copied(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Over plain HTTP a browser has no clipboard for scripts.
    const area = h("textarea", { readonly: true, class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
}

// Why a thumb went down.
function better(turn) {
    if (!turn.asks) return turn.told ? h("p", { class: "heading" }, say().thanks) : null;
    const name = `better-${turn.reply.id}`;
    const close = () => {
        turn.asks = false;
        show(turn);
        nodes.get(turn).querySelector("[data-key=down]")?.focus();
    };
    const send = async (event) => {
        event.preventDefault();
        const given = new FormData(event.target);
        turn.told = true;
        await rate(turn, "down", given.get(name) ?? "", given.get("comment"));
        close();
        speak(say().thanks);
    };
    const choices = config.reasons.map((reason) =>
        h(
            "label",
            {},
            h("input", { type: "radio", name, value: reason, "data-key": reason }),
            say().reasons[reason],
        ),
    );
    return h(
        "form",
        { class: "better", onsubmit: send },
        h("fieldset", {}, h("legend", {}, say().why_down), ...choices),
        h("input", {
            type: "text",
            name: "comment",
            maxlength: 500,
            "aria-label": say().comment,
            placeholder: say().comment,
        }),
        h(
            "div",
            {},
            h("button", { type: "submit", class: "main" }, say().tell),
            h("button", { type: "button", class: "plain", onclick: close }, say().close),
        ),
    );
}

function replied(turn) {
    const { reply } = turn;
    if (!reply) {
        const text = { away: say().away, failed: say().failed }[turn.state] ?? say().waiting;
        const retry = turn.state === "failed" && {
            type: "button",
            class: "plain",
            onclick: () => ((turn.state = ""), show(turn), answer(turn)),
        };
        const dots = turn.state ? "" : " dots";
        return [
            h("p", { class: `answer${dots}` }, turn.state ? text : h("span", { class: "unseen" }, text)),
            retry && h("button", retry, say().again),
        ];
    }
    const notes = [...reply.notes[language]];
    if (reply.kind === "answer" && reply.lang && reply.lang !== language) notes.push(say().other_language);
    const lines = notes.map((line) => h("div", {}, line));
    const why = reply.why && h("div", { html: reply.why[language] });
    return [
        h("div", { class: "answer", lang: reply.lang, html: reply.html }),
        lines.length || why ? h("div", { class: "note" }, ...lines, why) : null,
        options(turn),
        reply.kind === "unknown" || turn.none ? contacts() : null,
        buttons(turn),
        better(turn),
    ];
}

function drawn(turn) {
    const who = (name) => h("span", { class: "unseen" }, `${name}: `);
    return h(
        "article",
        { class: "turn", tabindex: -1, "aria-label": fill(say().turn, { query: turn.query }) },
        h("div", { class: "question" }, who(say().you), h("span", { class: "asked" }, turn.query)),
        h(
            "div",
            { class: "reply", "data-kind": turn.reply?.kind ?? "none", "aria-busy": String(!turn.reply) },
            who(config.title),
            ...replied(turn),
        ),
    );
}

function forget(turn) {
    nodes.get(turn)?.remove();
    nodes.delete(turn);
}

// Draws a turn anew; what had the focus in it keeps it, and what was unfolded stays so.
function show(turn, { isNew = false } = {}) {
    const before = nodes.get(turn);
    const made = drawn(turn);
    nodes.set(turn, made);
    if (before) {
        const active = before.contains(document.activeElement) ? document.activeElement : null;
        const key = active === before ? "" : active?.dataset.key;
        const isOpen = before.querySelector(".why")?.open;
        before.replaceWith(made);
        if (isOpen) made.querySelector(".why")?.setAttribute("open", "");
        if (active) (key ? made.querySelector(`[data-key="${CSS.escape(key)}"]`) : made)?.focus();
    } else {
        // Only the last reply can be asked for again.
        $("#chat [data-key=again]")?.remove();
        $("#chat").append(made);
    }
    $("#welcome").hidden = turns.length > 0;
    if (isNew && turn.reply) {
        speak(turn.reply.text, turn.reply.options.length);
    } else if (isNew) {
        speak(made.querySelector(".answer").textContent);
    }
    if (isNew || !before) $("#chat").scrollTo({ top: made.offsetTop - 10 });
}

// Tells a screen reader, once, what is new.
function speak(text, offered = 0) {
    const also = offered ? ` ${fill(say().choices, { count: offered })}` : "";
    $("#spoken").textContent = `${text}${also}`;
}

const focusOn = (turn) => nodes.get(turn)?.focus({ preventScroll: true });

// ---- the frame around it ------------------------------------------------------------------------

function starters() {
    $("#welcome").replaceChildren(
        h("p", { class: "greeting" }, config.greeting[language] ?? say().greeting),
        h(
            "div",
            { class: "examples" },
            ...config.starters.map((question) =>
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
        lines.push(`${say().you}: ${query}`, `${config.title}: ${reply?.text ?? "…"}`);
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
