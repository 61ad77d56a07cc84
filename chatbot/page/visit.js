// How the visitor came here: by a link that asks at once, or through a panel on a site of the
// owner's. `chat.js` follows; this says what it is told of that.
const visit = (() => {
    const link = new URLSearchParams(location.search);
    // Who frames the page is an owner, or the browser would not show it here. A link is anybody's:
    // it may ask something, but change no word of the owner's.
    const panel = new URLSearchParams(window.parent === window ? "" : location.hash.slice(1));
    const own = (name, pattern) => {
        const value = panel.get(name)?.trim() ?? "";
        return pattern.test(value) ? value : "";
    };
    const either = (name, pattern) => own(name, pattern) || (link.get(name) ?? "").match(pattern)?.[0] || "";

    const origin = own("origin", /^https?:\/\/[^/?#]+$/);
    const greeting = own("greeting", /^.{1,300}$/s);
    const starters = own("starters", /^.{1,2000}$/s)
        .split("|")
        .map((question) => question.trim())
        .filter(Boolean)
        .slice(0, 8);
    const look = {
        title: own("title", /^.{1,100}$/),
        logo: own("logo", /^https?:\/\/\S{1,2000}$/),
        greeting: greeting && { ko: greeting, en: greeting },
        starters: starters.length ? { ko: starters, en: starters } : "",
    };
    const category = either("category", /^.{1,200}$/);

    // Tells the widget around the page, and nobody else, what happens.
    function tell(type, detail = {}) {
        if (origin) parent.postMessage({ mundap: type, ...detail }, origin);
    }

    // What the widget tells the page; `ask` asks a question of the visitor's.
    function listen(ask) {
        addEventListener("message", (event) => {
            if (event.source !== parent || event.origin !== origin) return;
            const { mundap, query } = event.data ?? {};
            if (mundap === "focus") document.querySelector("#box").focus();
            if (mundap === "ask" && typeof query === "string" && query.trim()) ask(query);
        });
        addEventListener(
            "keydown",
            (event) => {
                // The first one folds a menu, or ends the composing of a syllable.
                const isFor = document.activeElement?.closest("details[open]");
                if (event.key === "Escape" && !isFor && !event.isComposing) tell("close");
            },
            true,
        );
        tell("ready");
    }

    return {
        // One conversation for each widget of a site.
        name: own("name", /^[\w-]{1,40}$/),
        // The page of the site that the panel stands on.
        address: own("address", /^https?:\/\/\S{1,500}$/),
        // What the owner's settings are overruled by.
        look: Object.fromEntries(Object.entries(look).filter(([, value]) => value)),
        language: either("language", /^(ko|en)$/),
        tell,
        begin(ask) {
            const colour = own("colour", /^#[0-9a-f]{6}$/i);
            if (colour) document.documentElement.style.setProperty("--own", colour);
            const select = document.querySelector("#category");
            if ([...select.options].some((option) => option.value === category)) select.value = category;
            const asked = (query) => ask(query, { category: select.value });
            if (origin) {
                document.documentElement.classList.add("in-panel");
                listen(asked);
            }
            const query = link.get("q");
            if (!query?.trim()) return;
            // A reload shows the reply, and asks no second time.
            const address = new URL(location.href);
            address.searchParams.delete("q");
            history.replaceState(history.state, "", address);
            asked(query);
        },
    };
})();
