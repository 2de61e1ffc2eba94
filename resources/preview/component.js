// Names the component that made an element and its file, as far as a framework's development build tells. Runs in the page's
// own world, where alone that is seen, so every word of the answer may be the page's own.
((selector) => {
    const said = (name, file) => JSON.stringify({ name: String(name || "").slice(0, 80), file: String(file || "").slice(0, 300) });
    try {
        const element = document.querySelector(selector);
        for (let one = element; one; one = one.parentElement) {
            const key = Object.keys(one).find((name) => name.startsWith("__reactFiber$"));
            for (let fiber = key && one[key]; fiber; fiber = fiber.return) {
                const name = typeof fiber.type === "function" && (fiber.type.displayName || fiber.type.name);
                if (name) return said(name, fiber._debugSource && fiber._debugSource.fileName);
            }
            const vue = one.__vueParentComponent;
            if (vue) return said(vue.type.name || vue.type.__name, vue.type.__file);
            if (one.__svelte_meta) return said("", one.__svelte_meta.loc && one.__svelte_meta.loc.file);
        }
    } catch (error) {
        return "";
    }
    return "";
})
