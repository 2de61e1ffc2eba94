// Lets a person point at an element of the page. Runs in a world of Studio's own; the page sees only the frame it draws.
(() => {
    if (globalThis.studioPick) globalThis.studioPick.end();
    const LONGEST = { html: 3000, text: 300, part: 60, selector: 400 };
    const frame = document.createElement("div");
    frame.style.cssText =
        "all: initial; position: fixed; z-index: 2147483647; pointer-events: none; display: none;" +
        "box-sizing: border-box; border: 2px solid #4c8dff; background: rgba(76, 141, 255, 0.15);";
    document.documentElement.appendChild(frame);
    let at = null, found = "";

    const part = (element) => {
        const tag = element.localName.slice(0, LONGEST.part);
        if (element.id) return `${tag}#${CSS.escape(element.id).slice(0, LONGEST.part)}`;
        const known = element.getAttribute("data-testid");
        if (known) return `${tag}[data-testid="${CSS.escape(known).slice(0, LONGEST.part)}"]`;
        const names = [...element.classList].slice(0, 2).map((name) => `.${CSS.escape(name).slice(0, LONGEST.part)}`).join("");
        const alike = element.parentElement ? [...element.parentElement.children].filter((one) => one.localName === element.localName) : [];
        return `${tag}${names}${alike.length > 1 ? `:nth-of-type(${alike.indexOf(element) + 1})` : ""}`;
    };
    const selector = (element) => {
        const parts = [];
        for (let one = element; one && one !== document.documentElement; one = one.parentElement) {
            parts.unshift(part(one));
            const said = parts.join(" > ");
            if (one.id && document.querySelectorAll(said).length === 1) break;
            if (said.length > LONGEST.selector) break;
        }
        return parts.join(" > ");
    };
    const move = (event) => {
        const element = event.composedPath()[0];
        if (!(element instanceof Element)) return;
        at = element;
        const box = element.getBoundingClientRect();
        Object.assign(frame.style, {
            display: "block", left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px`,
        });
    };
    const still = (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
    };
    const click = (event) => {
        still(event);
        move(event);
        if (!at) return;
        const box = at.getBoundingClientRect();
        found = JSON.stringify({
            selector: selector(at),
            html: at.outerHTML.slice(0, LONGEST.html),
            length: at.outerHTML.length,
            text: (at.innerText || at.textContent || "").trim().slice(0, LONGEST.text),
            width: Math.round(box.width),
            height: Math.round(box.height),
        });
        end();
    };
    const key = (event) => {
        if (event.key !== "Escape") return;
        still(event);
        found = "none";
        end();
    };
    const heard = { mousemove: move, click, keydown: key, mousedown: still, mouseup: still, pointerdown: still, pointerup: still };
    const end = () => {
        for (const name in heard) window.removeEventListener(name, heard[name], true);
        frame.remove();
    };
    for (const name in heard) window.addEventListener(name, heard[name], true);
    // Whoever asks gets the answer once.
    globalThis.studioPick = { take: () => { const taken = found; found = ""; return taken; }, end };
    return "ready";
})();
