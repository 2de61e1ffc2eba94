// Notes the fields in which the person typed, in a page and in each frame of it, until they are empty or gone: that a form was
// sent says nothing of them, as the page may have kept it back. Runs in a world of Studio's own; what a script typed is not
// trusted, so that it does not count, but for text that page.js inserts, which says so.
(() => {
    const fields = new Set();
    const known = new WeakSet();
    addEventListener("input", (event) => {
        const field = event.isTrusted && !globalThis.studioInserts && event.composedPath()[0];
        if (!field || known.has(field)) return;
        known.add(field);
        fields.add(new WeakRef(field));
    }, true);
    // What is in a closed shadow root is not to be seen, so that it may hold anything.
    const text = (field) => (field.isContentEditable ? field.textContent : "value" in field ? field.value : "unseen");
    const holds = (field) => Boolean(field.isConnected && text(field));
    globalThis.studioTypedIn = (field) => known.has(field) && holds(field);
    globalThis.studioTyped = () => [...fields].some((one) => {
        const field = one.deref();
        if (!field) fields.delete(one);
        return field && holds(field);
    });
})();
