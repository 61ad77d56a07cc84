"use strict";

// Work that goes on beside a screen: how far it is, and the screen anew once it has ended, unless
// somebody is at it already.
const working = () => document.querySelector("[data-working]");
if (working()) {
    let isTouched = false;
    for (const name of ["pointerdown", "keydown"]) {
        document.addEventListener(name, () => { isTouched = true; });
    }
    const look = async () => {
        const answer = await fetch(location.href).catch(() => null);
        const page = new DOMParser().parseFromString((await answer?.text()) ?? "", "text/html");
        const now = page.querySelector("[data-working]");
        // The server is away, or asks for the log-in again: this screen tells more than nothing.
        if (now) working().replaceChildren(...now.childNodes);
        else if (answer?.ok && !isTouched) return location.reload();
        setTimeout(look, 1500);
    };
    setTimeout(look, 1500);
}
