"use strict";

// Work that goes on beside a screen: shown anew once it has ended, unless somebody is at it already.
const working = document.querySelector("[data-working]");
if (working) {
    let isTouched = false;
    for (const name of ["pointerdown", "keydown"]) {
        document.addEventListener(name, () => { isTouched = true; });
    }
    const look = async () => {
        const page = await fetch(location.href);
        if (isTouched) return;
        if ((await page.text()).includes("data-working")) setTimeout(look, 1500);
        else location.reload();
    };
    setTimeout(look, 1500);
}
