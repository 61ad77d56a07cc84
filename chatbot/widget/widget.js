// A bubble on any site and a panel with the chat page in it; docs/widget.md says how to use it. All
// of it lies in a shadow tree that is built by script, without a cookie and without anything inline:
// neither the site's styles nor its content security policy get in the way.
(() => {
    "use strict";
    // The server puts the owner's title, colour and language here.
    const owner = {};
    const WORDS = {
        ko: {
            open: "{title} 열기",
            close: "닫기",
            loading: "불러오는 중이에요…",
            away: "지금은 연결할 수 없어요.",
            again: "다시 시도",
            out: "새 창에서 열기",
        },
        en: {
            open: "Open {title}",
            close: "Close",
            loading: "Loading…",
            away: "There is no connection now.",
            again: "Try again",
            out: "Open in a new window",
        },
    };
    // Milliseconds after which the page is taken for lost.
    const PATIENCE = 10_000;
    // Of white letters on the colour, as WCAG 2.2 AA wants it.
    const CONTRAST = 4.5;
    // Where a panel would be as large as the screen, it takes the screen.
    const SMALL = "(max-width: 480px), (max-height: 480px)";
    const BUBBLE = "M4 5h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z";
    const CROSS = "M6 6l12 12M18 6L6 18";
    const STYLE = `
        :host { all: initial !important; }
        * { box-sizing: border-box; font: 15px/1.5 system-ui, "Apple SD Gothic Neo", "Noto Sans KR",
            "Malgun Gothic", sans-serif; }
        [hidden] { display: none !important; }
        button { margin: 0; padding: 0; border: 2px solid transparent; cursor: pointer; }
        svg { display: block; width: 28px; height: 28px; fill: currentcolor; }
        :is(button, a):focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
        .bubble { position: fixed; z-index: 2147483000; right: max(20px, env(safe-area-inset-right));
            bottom: calc(max(20px, env(safe-area-inset-bottom)) + var(--place) * 72px);
            width: 60px; height: 60px; border-radius: 50%; background: var(--own); color: white;
            display: grid; place-items: center; box-shadow: 0 4px 16px rgb(0 0 0 / 28%); }
        .left .bubble { right: auto; left: max(20px, env(safe-area-inset-left)); }
        dialog { position: fixed; z-index: 2147483001; inset: auto 20px 20px auto; width: 400px;
            height: min(680px, 100dvh - 40px); max-width: none; max-height: none; margin: 0;
            padding: 0; overflow: hidden; border: 1px solid rgb(128 128 128 / 45%);
            border-radius: 18px; color-scheme: light dark; background: Canvas; color: CanvasText;
            box-shadow: 0 12px 40px rgb(0 0 0 / 30%); }
        .left dialog { inset: auto auto 20px 20px; }
        iframe { display: block; width: 100%; height: 100%; border: 0; }
        .close { position: absolute; z-index: 2; top: 8px; right: 8px; width: 36px; height: 36px;
            border-radius: 10px; background: none; color: CanvasText; display: grid;
            place-items: center; }
        .close svg { width: 20px; height: 20px; fill: none; stroke: currentcolor; stroke-width: 2;
            stroke-linecap: round; }
        .cover { position: absolute; z-index: 1; inset: 0; display: flex; flex-direction: column;
            align-items: center; justify-content: center; gap: 12px; padding: 20px;
            background: Canvas; text-align: center; }
        .cover p { margin: 0; }
        .cover :is(button, a) { min-height: 36px; padding: 5px 16px; border: 1px solid;
            border-radius: 999px; background: none; color: inherit; text-decoration: none; }
        dialog.whole { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; }
        @media (forced-colors: active) { .bubble { border-color: ButtonText; } }
        @media print { .bubble, dialog { display: none !important; } }
    `;

    const script = document.currentScript;
    if (!script) {
        console.error('mundap: widget.js is an ordinary script; leave out type="module".');
        return;
    }
    const home = new URL(".", script.src);
    // Every widget of this page, whichever servers they are from.
    const widgets = (window[Symbol.for("mundap.widgets")] ??= []);

    // ---- what the attributes say ----------------------------------------------------------------

    function setting(name, isGood = () => true, wanted = "") {
        const value = script.dataset[name]?.trim() ?? "";
        if (!value || isGood(value)) return value;
        console.warn(`mundap: data-${name}="${value}" is left out; wanted ${wanted}.`);
        return "";
    }

    function isReadable(colour) {
        if (!/^#[0-9a-f]{6}$/i.test(colour)) return false;
        const [red, green, blue] = colour.match(/[0-9a-f]{2}/gi).map((pair) => {
            const part = parseInt(pair, 16) / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= CONTRAST;
    }

    function absolute(address) {
        try {
            const found = new URL(address, document.baseURI);
            return address && /^https?:$/.test(found.protocol) ? found.href : "";
        } catch {
            return "";
        }
    }

    const oneOf = (...names) => [(value) => names.includes(value), names.join(" or ")];

    function freeName() {
        const named = setting("name", (name) => /^[\w-]{1,40}$/.test(name), "letters, digits, - and _");
        const isFree = (name) => !widgets.some((widget) => widget.name === name);
        if (named && isFree(named)) return named;
        if (named) console.warn(`mundap: data-name="${named}" is taken by another widget.`);
        for (let number = widgets.length + 1; ; number += 1) {
            if (isFree(`mundap-${number}`)) return `mundap-${number}`;
        }
    }

    const given = {
        name: freeName(),
        title: setting("title"),
        greeting: setting("greeting"),
        starters: setting("starters"),
        colour: setting("colour", isReadable, "#rrggbb on which white letters can be read (4.5 : 1)"),
        logo: absolute(setting("logo", absolute, "the address of an image")),
        language: setting("language", ...oneOf("ko", "en")),
        category: setting("category"),
        // Without its query, in which a site may have personal data.
        address: setting("address") || location.origin + location.pathname,
    };
    const side = setting("position", ...oneOf("right", "left")) || "right";
    const hasBubble = setting("bubble", ...oneOf("on", "off")) !== "off";
    const title = given.title || owner.title;
    const spoken = [given.language, document.documentElement.lang.slice(0, 2), owner.language];
    const words = WORDS[spoken.find((name) => name in WORDS)];

    // ---- what is seen ---------------------------------------------------------------------------

    function h(tag, attributes, ...children) {
        const made = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
        made.append(...children);
        return made;
    }

    function icon(path) {
        const [svg, line] = ["svg", "path"].map((name) =>
            document.createElementNS("http://www.w3.org/2000/svg", name),
        );
        svg.setAttribute("viewBox", "0 0 24 24");
        svg.setAttribute("aria-hidden", "true");
        line.setAttribute("d", path);
        svg.append(line);
        return svg;
    }

    const label = words.open.replace("{title}", () => title);
    const bubble = h(
        "button",
        { type: "button", class: "bubble", "aria-label": label, "aria-haspopup": "dialog" },
        icon(BUBBLE),
    );
    bubble.title = label;
    const close = h("button", { type: "button", class: "close", "aria-label": words.close }, icon(CROSS));
    const told = h("p", { role: "status" });
    const again = h("button", { type: "button", hidden: "" }, words.again);
    const out = h("a", { href: home.href, target: "_blank", rel: "noopener", hidden: "" }, words.out);
    const cover = h("div", { class: "cover" }, told, again, out);
    // What is read first comes first: how to leave, then the page.
    const dialog = h("dialog", { "aria-label": title, lang: words === WORDS.ko ? "ko" : "en" }, close, cover);
    const box = h("div", { class: side }, bubble, dialog);
    const root = h("mundap-widget", { "data-name": given.name });
    const shadow = root.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [style];
    shadow.append(box);
    root.style.setProperty("--own", given.colour || owner.colour);
    const small = matchMedia(SMALL);

    // ---- the page inside ------------------------------------------------------------------------

    let frame = null;
    let isReady = false;
    let timer = 0;
    let waiting = [];
    let before = null;

    function load() {
        const look = Object.entries({ ...given, origin: location.origin });
        // Behind the #, so that none of it reaches a server or its log.
        const address = new URL(home);
        address.hash = new URLSearchParams(look.filter(([, value]) => value));
        frame?.remove();
        frame = h("iframe", {
            title,
            src: address.href,
            allow: "clipboard-write",
            referrerpolicy: "no-referrer",
        });
        isReady = false;
        dialog.append(frame);
        wait(true);
    }

    function wait(isEarly) {
        cover.hidden = false;
        again.hidden = out.hidden = isEarly;
        told.textContent = isEarly ? words.loading : words.away;
        clearTimeout(timer);
        if (!isEarly) {
            console.error(
                `mundap: ${home.href} did not open here. Is it running, and is ${location.origin} ` +
                    "in the embed_origins of its settings?",
            );
            return;
        }
        timer = setTimeout(wait, PATIENCE, false);
    }

    const post = (message) => frame.contentWindow.postMessage(message, home.origin);

    function focusPage() {
        // A phone's keyboard would cover what there is to read: there the focus stays on the way out.
        if (!isReady || small.matches) return;
        frame.focus();
        post({ mundap: "focus" });
    }

    const heard = {
        ready() {
            clearTimeout(timer);
            isReady = true;
            cover.hidden = true;
            // Unless somebody types elsewhere on the site meanwhile.
            if (dialog.open && [root, document.body].includes(document.activeElement)) focusPage();
            for (const query of waiting.splice(0)) post({ mundap: "ask", query });
            widget.dispatchEvent(new CustomEvent("ready"));
        },
        close: () => widget.close(),
        ask: ({ query }) => widget.dispatchEvent(new CustomEvent("ask", { detail: { query } })),
        reply: ({ query, kind, text }) =>
            widget.dispatchEvent(new CustomEvent("reply", { detail: { query, kind, text } })),
    };

    addEventListener("message", ({ source, origin, data }) => {
        if (!frame || source !== frame.contentWindow || origin !== home.origin) return;
        if (typeof data?.mundap === "string" && Object.hasOwn(heard, data.mundap)) heard[data.mundap](data);
    });

    // ---- what may be done with it ---------------------------------------------------------------

    function active() {
        let found = document.activeElement;
        while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
        return found;
    }

    function show() {
        dialog.classList.toggle("whole", small.matches);
        if (small.matches) dialog.showModal();
        else dialog.show();
    }

    class Widget extends EventTarget {
        name = given.name;

        get isOpen() {
            return dialog.open;
        }

        open() {
            if (dialog.open) return;
            for (const other of widgets) if (other !== this) other.close();
            before = active();
            if (!frame) load();
            attach();
            bubble.hidden = true;
            show();
            focusPage();
            this.dispatchEvent(new CustomEvent("open"));
        }

        close() {
            if (!dialog.open) return;
            const hadFocus = shadow.activeElement !== null || dialog.matches(":modal");
            bubble.hidden = !hasBubble;
            dialog.close();
            // Where somebody types elsewhere, that goes on.
            if (hadFocus) (before?.isConnected && before !== document.body ? before : bubble).focus();
            this.dispatchEvent(new CustomEvent("close"));
        }

        toggle() {
            if (dialog.open) this.close();
            else this.open();
        }

        ask(query) {
            if (typeof query !== "string" || !query.trim()) {
                throw new TypeError("mundap: ask() wants a question, a string that is not blank");
            }
            this.open();
            if (isReady) post({ mundap: "ask", query });
            else waiting.push(query);
        }

        named(name) {
            return widgets.find((widget) => widget.name === name) ?? null;
        }
    }

    function attach() {
        if (!root.isConnected && document.body) document.body.append(root);
    }

    const widget = new Widget();
    const beside = widgets.filter((other) => other.side === side && other.hasBubble).length;
    root.style.setProperty("--place", beside);
    Object.assign(widget, { side, hasBubble });
    bubble.hidden = !hasBubble;
    widgets.push(widget);
    script.mundap = widget;
    window.mundap ??= widget;

    bubble.addEventListener("click", () => widget.open());
    close.addEventListener("click", () => widget.close());
    again.addEventListener("click", load);
    dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        widget.close();
    });
    dialog.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        widget.close();
    });
    small.addEventListener("change", () => {
        if (!dialog.open) return;
        dialog.close();
        show();
        focusPage();
    });
    if (document.body) attach();
    else addEventListener("DOMContentLoaded", attach);
    script.dispatchEvent(new CustomEvent("mundap:ready", { bubbles: true, detail: widget }));
})();
