// The conversation in the visitor's browser, and its way to the server. gradio runs this, the
// file before it and the two after it once, as one function of `element`, the part of the page that is ours, `props.config`,
// what `window.py` gives, and `trigger`.
const config = { ...JSON.parse(JSON.stringify(props.config)), ...visit.look };
const $ = (selector) => document.querySelector(selector);
// The number is that of the shape of what is kept there.
const store = `mundap:2:${location.pathname}${visit.name}`;
// Seconds between two tries to reach a server that is away.
const LONGEST_WAIT = 15;
// Milliseconds after which a server that says nothing is away.
const PATIENCE = 30_000;
// Turns kept, of which each may hold a long answer.
const KEPT = 100;

let language = config.language;
let turns = [];
// What one visitor asks in one sitting has one name, by which nobody knows the visitor.
let conversation = newName();
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

// Over plain HTTP a browser has no randomUUID.
function newName() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What is kept between two visits of one tab.

function recall() {
    try {
        const kept = config.keeps ? JSON.parse(sessionStorage.getItem(store)) : null;
        if (typeof kept?.conversation === "string") conversation = kept.conversation;
        return Array.isArray(kept?.turns) ? kept.turns.filter((turn) => typeof turn?.query === "string") : [];
    } catch {
        return [];
    }
}

function keep() {
    if (!config.keeps) return;
    try {
        sessionStorage.setItem(store, JSON.stringify({ conversation, turns }));
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
    const spoken = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
    const wanted = [chosen, visit.language, ...spoken];
    return wanted.find(known) ?? config.language;
}

// The server.

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
            signal: AbortSignal.timeout(PATIENCE),
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
        ? ["pick", turn.picked, turn.query, turn.offered, language, conversation]
        : ["ask", turn.full ?? turn.query, turn.previous, turn.category, language, conversation];
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
    visit.tell("ask", { query: turn.query });
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
