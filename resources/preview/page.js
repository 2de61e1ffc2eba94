// Reads a page as an outline and acts in it, for an agent. Runs in a world of Studio's own: the page can change what there is
// to see, but neither this code nor its answer. Every answer is a text of a bounded length. `series` begins each ref, so that
// one of an earlier document names nothing in this one.
((series) => {
    if (globalThis.studioPage) return;
    const MOST = { lines: 300, line: 160, depth: 60, options: 12, nodes: 20000 };
    const refs = new Map();
    const known = new WeakMap();
    let count = 0;

    const short = (text, most = MOST.line) => {
        const flat = String(text || "").replace(/\s+/g, " ").trim();
        return flat.length > most ? `${flat.slice(0, most - 1)}…` : flat;
    };
    const ref = (element) => {
        let name = known.get(element);
        if (!name) {
            name = `${series}${++count}`;
            known.set(element, name);
            refs.set(name, new WeakRef(element));
        }
        return ` [${name}]`;
    };
    const seen = (element) => element.checkVisibility({ opacityProperty: false, visibilityProperty: true });
    const label = (element) => {
        const by = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
        const named = by.map((id) => document.getElementById(id)).filter(Boolean).map((one) => one.textContent).join(" ");
        const own = element.labels && element.labels.length ? element.labels[0].textContent : "";
        return short(element.getAttribute("aria-label") || named || own || element.getAttribute("placeholder") || element.getAttribute("title") || element.getAttribute("name"), 80);
    };
    const state = (element) => {
        const said = [];
        if (element.disabled || element.getAttribute("aria-disabled") === "true") said.push("disabled");
        if (element.checked || element.getAttribute("aria-checked") === "true") said.push("checked");
        if (element.getAttribute("aria-expanded")) said.push(element.getAttribute("aria-expanded") === "true" ? "open" : "closed");
        if (element.required) said.push("required");
        if (element.matches(":user-invalid")) said.push("invalid");
        if (document.activeElement === element) said.push("focused");
        return said.length ? ` (${said.join(", ")})` : "";
    };
    const field = (element) => {
        const kind = element.localName === "input" ? element.type : element.localName;
        if (["submit", "button", "reset", "image"].includes(kind)) return `button "${short(element.value || label(element) || kind, 80)}"`;
        if (["checkbox", "radio", "file", "color", "range"].includes(kind)) return `${kind} "${label(element)}"`;
        if (kind === "select") {
            const options = [...element.options].slice(0, MOST.options).map((one) => short(one.text, 40)).join(" | ");
            const chosen = element.selectedOptions.length ? short(element.selectedOptions[0].text, 40) : "";
            return `select "${label(element)}" = "${chosen}" of ${options}${element.options.length > MOST.options ? " | …" : ""}`;
        }
        const value = kind === "password" ? (element.value ? "(filled)" : "") : short(element.value, 80);
        return `${kind === "text" || kind === "textarea" ? "field" : `${kind} field`} "${label(element)}" = "${value}"`;
    };
    const described = (element) => {
        const tag = element.localName, role = element.getAttribute("role");
        if (["input", "select", "textarea"].includes(tag)) return element.type === "hidden" ? "" : field(element) + state(element) + ref(element);
        if (element.isContentEditable && !(element.parentElement && element.parentElement.isContentEditable))
            return `field "${label(element)}" = "${short(element.innerText, 80)}"${ref(element)}`;
        if (tag === "a" && element.hasAttribute("href")) {
            const inside = element.origin === location.origin;
            const to = inside ? element.pathname + element.search + element.hash : element.protocol + "//" + element.host;
            return `link "${short(element.innerText || label(element), 100)}" to ${short(to, 80)}${inside ? "" : " (outside)"}${ref(element)}`;
        }
        if (tag === "button" || tag === "summary" || ["button", "tab", "menuitem", "switch", "checkbox", "option"].includes(role))
            return `${role || "button"} "${short(element.innerText || label(element), 100)}"${state(element)}${ref(element)}`;
        if (tag === "img") return `image "${short(element.alt, 80)}"${element.complete && !element.naturalWidth ? " (not loaded)" : ""}`;
        if (/^h[1-6]$/.test(tag)) return `heading ${tag[1]} "${short(element.innerText)}"`;
        if (tag === "iframe") return `frame "${label(element)}" (its inside is not shown)`;
        if (element.onclick || element.hasAttribute("onclick") || element.tabIndex >= 0 && tag !== "body" && tag !== "dialog")
            return `clickable "${short(element.innerText, 100)}"${ref(element)}`;
        return "";
    };
    const LANDMARKS = { nav: "navigation", main: "main", form: "form", dialog: "dialog", table: "table", ul: "list", ol: "list", header: "header", footer: "footer", tr: "row" };

    const outline = (root) => {
        const lines = [];
        let left = 0, nodes = 0;
        const say = (depth, text) => (lines.length < MOST.lines ? lines.push("  ".repeat(Math.min(depth, 12)) + short(text, 2 * MOST.line)) : (left += 1));
        const walk = (node, depth, deep) => {
            if (++nodes > MOST.nodes || deep > MOST.depth) return;
            if (node.nodeType === Node.TEXT_NODE) {
                const text = short(node.data);
                if (text) say(depth, `"${text}"`);
                return;
            }
            if (node.nodeType !== Node.ELEMENT_NODE || ["script", "style", "noscript", "template", "svg"].includes(node.localName)) return;
            if (!seen(node) && getComputedStyle(node).display !== "contents") return;
            const said = described(node);
            if (said) {
                say(depth, said);
                if (!said.startsWith("clickable") || !node.querySelector("a, button, input, select, textarea")) return;
            }
            const mark = LANDMARKS[node.localName];
            if (mark && !said) say(depth, label(node) ? `${mark} "${label(node)}"` : mark);
            const inner = [...(node.shadowRoot || node).childNodes];
            // Words with some of them bold or in a span are one text.
            const plain = inner.every((one) => one.nodeType !== Node.ELEMENT_NODE || /^(b|i|em|strong|span|code|small|br|mark|sub|sup|time)$/.test(one.localName) && !described(one) && !one.querySelector("a, button, input, select, textarea, img"));
            if (plain && !node.shadowRoot) {
                const text = short(node.innerText, 2 * MOST.line);
                if (text) say(depth + (mark ? 1 : 0), `"${text}"`);
                return;
            }
            for (const one of inner) visit(one, depth + (mark || said ? 1 : 0), deep + 1);
        };
        // An element whose own names hide those of the document's model is left out, and the rest is read.
        const visit = (node, depth, deep) => {
            try {
                walk(node, depth, deep);
            } catch (error) {
                left += 1;
            }
        };
        visit(root, 0, 0);
        return left ? [...lines, `… ${left} more lines`] : lines;
    };
    const answer = (more) => JSON.stringify({
        place: location.pathname + location.search + location.hash,
        title: short(document.title),
        scrolled: Math.round(scrollY), height: document.documentElement.scrollHeight, window: innerHeight,
        ...more,
    });
    const found = (name) => {
        const element = refs.get(name) && refs.get(name).deref();
        return element && element.isConnected ? element : null;
    };
    const gone = (name) => answer({ error: `there is no ${short(name, 20)} on the page any more` });
    const name = (element) => short(described(element) || `<${element.localName}>`, 120).replace(/ \[[a-z]\d+\]$/, "");

    const look = (within) => {
        const root = within ? found(within) : document.body;
        if (within && !root) return gone(within);
        return answer({ outline: root ? outline(root) : [] });
    };
    // Whether a click goes to another page, sends a form or empties it, as far as can be told from the element.
    const leaves = (element) => {
        const link = element.closest("a[href]"), button = element.closest("button, input");
        if (link && link.getAttribute("href") !== "#") return true;
        return Boolean(button && button.form && ["submit", "image", "reset"].includes(button.type));
    };
    const click = (wanted, kept) => {
        const element = found(wanted);
        if (!element) return gone(wanted);
        if (element.disabled) return answer({ error: `${name(element)} is disabled` });
        const link = element.closest("a[href]");
        if (link && link.origin !== location.origin) return answer({ error: `${name(link)} leads out of the app, where the preview does not go` });
        if (kept && leaves(element)) return answer({ error: kept });
        element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
        const box = element.getBoundingClientRect();
        const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
        const top = element.getRootNode().elementFromPoint(at.clientX, at.clientY);
        if (top && top !== element && !element.contains(top) && !top.contains(element) && !(element.labels && [...element.labels].some((one) => one.contains(top))))
            return answer({ error: `${name(element)} is covered by ${name(top)}` });
        const said = name(element);
        const event = { bubbles: true, cancelable: true, composed: true, view: window, button: 0, ...at };
        for (const kind of ["pointerover", "pointerdown", "mousedown"])
            element.dispatchEvent(kind.startsWith("pointer") ? new PointerEvent(kind, { ...event, isPrimary: true, pointerType: "mouse" }) : new MouseEvent(kind, event));
        if (element.focus) element.focus({ preventScroll: true });
        element.dispatchEvent(new PointerEvent("pointerup", { ...event, isPrimary: true, pointerType: "mouse" }));
        element.dispatchEvent(new MouseEvent("mouseup", event));
        element.click();
        return answer({ done: said });
    };
    const enter = (element) => {
        const key = { key: "Enter", code: "Enter", keyCode: 13, which: 13, bubbles: true, cancelable: true, composed: true };
        const goes = element.dispatchEvent(new KeyboardEvent("keydown", key)) && element.dispatchEvent(new KeyboardEvent("keypress", key));
        element.dispatchEvent(new KeyboardEvent("keyup", key));
        if (goes && element.form && element.localName === "input") element.form.requestSubmit();
    };
    const type = (wanted, text, submit, kept) => {
        const element = found(wanted);
        if (!element) return gone(wanted);
        const said = name(element);
        if (element.disabled || element.readOnly) return answer({ error: `${said} takes no text` });
        if (kept && (globalThis.studioTypedIn?.(element) || submit && element.form)) return answer({ error: kept });
        if (element.localName === "select") {
            const option = [...element.options].find((one) => one.value === text || one.text.trim() === text.trim());
            if (!option) return answer({ error: `${said} has no such choice` });
            Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(element, option.value);
        } else if (element.localName === "textarea" || (element.localName === "input" && !["file", "checkbox", "radio", "button", "submit", "image", "reset"].includes(element.type))) {
            element.focus();
            const kind = element.localName === "input" ? HTMLInputElement : HTMLTextAreaElement;
            // A framework that watches the value's setter in its own world would take it for its own change.
            Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(element, text);
        } else if (element.isContentEditable) {
            element.focus();
            globalThis.studioInserts = true;
            document.execCommand("selectAll");
            document.execCommand("insertText", false, text);
            globalThis.studioInserts = false;
        } else {
            return answer({ error: `${said} takes no text` });
        }
        element.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, data: text, inputType: "insertText" }));
        element.dispatchEvent(new Event("change", { bubbles: true }));
        if (submit) enter(element);
        return answer({ done: said });
    };
    globalThis.studioPage = { look, click, type };
})
