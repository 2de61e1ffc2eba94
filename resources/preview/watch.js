// The watch: what can be seen without touching the page, so that it can run where the page cannot reach it.
const watch = (outbox) => {
  const NAMED = ["src", "href", "data", "poster"];
  const put = (kind, level, text, stack) => outbox.add({ kind, level, method: "", text, stack });

  window.addEventListener("error", (event) => {
    const part = event.target;
    if (!(part instanceof Element)) return;
    const from = NAMED.map((name) => part[name]).find((value) => typeof value === "string" && value);
    // What another server would not give is stopped by the preview, and seldom the app's fault.
    const grave = !from || new URL(from, location.href).host === location.host;
    put("resource", grave ? "error" : "warning", `<${part.localName}> was not loaded: ${(from || "").slice(0, 500)}`, "");
  }, true);
  document.addEventListener("securitypolicyviolation", (event) => {
    const blocked = event.blockedURI || "code in the page";
    const place = event.sourceFile ? `\n    at ${event.sourceFile}:${event.lineNumber}:${event.columnNumber}` : "";
    const level = event.disposition === "report" ? "warning" : "error";
    const policy = `${event.effectiveDirective}, in: ${String(event.originalPolicy).slice(0, 300)}`;
    put("csp", level, `The content security policy stopped ${blocked.slice(0, 300)} (${policy})`, place);
  }, true);
  window.addEventListener("pagehide", () => outbox.flush(), true);
};
