// What is seen of the conversation: questions, replies, and what can be done with them.

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
                    onclick: () => focusOn(ask(question, { picked: id, offered: turn.reply.id })),
                },
                question,
            ),
        ),
        kind !== "answer" && none,
        turn.none && h("p", { class: "heading" }, say().none_said),
    );
}

// What the bot itself says follows the language of the page; what the FAQ says is as it is.
const shownOf = (reply) => reply.translated?.[language] ?? reply;

const languageOf = (text) => (/[ㄱ-ㅎㅏ-ㅣ가-힣]/.test(text) ? "ko" : /[A-Za-z]/.test(text) ? "en" : null);

function buttons(turn) {
    const { reply } = turn;
    const copy = icon("copy", say().copy, async (event) => {
        const { currentTarget: button } = event;
        await copied(shownOf(reply).text);
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
                const isKept = await rate(turn, isOn ? "none" : value);
                turn.asks = isKept && !isOn && value === "down";
                show(turn);
                if (!turn.asks || !nodes.has(turn)) return;
                const form = nodes.get(turn).querySelector(".better");
                form.querySelector("input").focus();
                form.scrollIntoView({ block: "nearest" });
            },
            { "aria-pressed": String(turn.mark === value) },
        );
    const again = icon("again", say().again, () => {
        turns.splice(turns.indexOf(turn), 1);
        forget(turn);
        const { query, picked, offered } = turn;
        const asked = ask(query, picked ? { picked, offered } : { category: $("#category").value });
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
        nodes.get(turn)?.querySelector("[data-key=down]")?.focus();
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
        h("div", { class: "answer", lang: shownOf(reply).lang, html: shownOf(reply).html }),
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
            { class: "reply", "data-kind": turn.reply?.kind ?? "none", "aria-busy": String(!turn.reply && turn.state !== "failed") },
            who(config.title),
            ...replied(turn),
        ),
    );
}

// On paper an address that is not read stands behind its link.
function markBare(made) {
    for (const link of made.querySelectorAll(".answer a")) {
        link.classList.toggle("bare", link.getAttribute("href").endsWith(link.textContent));
    }
}

function forget(turn) {
    nodes.get(turn)?.remove();
    nodes.delete(turn);
}

// Draws a turn anew; what had the focus in it keeps it, and what was unfolded stays so.
function show(turn, { isNew = false } = {}) {
    // A reply may come, or a thumb be kept, after the conversation has ended.
    if (!turns.includes(turn)) return;
    const before = nodes.get(turn);
    const made = drawn(turn);
    markBare(made);
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
        speak(shownOf(turn.reply).text, turn.reply.options.length);
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
