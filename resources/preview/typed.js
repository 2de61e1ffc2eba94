// Notes what the person typed in the page and did not send. Runs in a world of Studio's own; what a script typed is not
// trusted, so that it does not count.
(() => {
    const fields = new Set();
    addEventListener("input", (event) => {
        const field = event.isTrusted && event.composedPath()[0];
        if (field && fields.size < 1000) fields.add(new WeakRef(field));
    }, true);
    addEventListener("submit", () => fields.clear(), true);
    const holds = (field) => field && field.isConnected && Boolean(field.isContentEditable ? field.textContent : field.value);
    globalThis.studioTyped = () => [...fields].some((one) => holds(one.deref()));
})();
