// The hooks: what a page writes to its console, and what goes wrong in it. They run before its first script.
const hook = (outbox, describer, passesOn) => {
  const { apply } = Reflect, { describe, format, table } = describer;
  const { captureStackTrace } = Error, { defineProperty } = Object, clock = performance.now.bind(performance);
  const LEVELS = { warn: "warning", error: "error", assert: "error" };
  const counts = new Map(), timers = new Map();
  let depth = 0;

  // Where the page was when it called `from`, which is not part of it.
  const whence = (from) => {
    const here = {};
    if (captureStackTrace) captureStackTrace(here, from);
    const stack = captureStackTrace ? here.stack : new Error().stack;
    return typeof stack === "string" ? stack : "";
  };
  const put = (kind, level, method, text, stack) => outbox.add({ kind, level, method, text, stack });
  const guarded = (act) => {
    try {
      act();
    } catch {
      // Whatever the page did to what is used here, the page goes on.
    }
  };

  const label = (given) => (given.length && given[0] !== undefined ? String(given[0]) : "default");
  const lasted = (name) => `${name}: ${(clock() - timers.get(name)).toFixed(2)} ms`;
  // What a method says, or nothing when it says nothing.
  const said = {
    dir: (given) => describe(given[0], false),
    table: (given) => table(given[0]),
    trace: (given) => `Trace: ${format(given)}`,
    assert: (given) => (given[0] ? null : `Assertion failed: ${format([...given].slice(1))}`),
    group: (given) => format(given) || "group",
    groupCollapsed: (given) => format(given) || "group",
    groupEnd: () => ((depth = Math.max(0, depth - 1)), null),
    count: (given) => {
      const name = label(given), count = (counts.get(name) || 0) + 1;
      counts.set(name, count);
      return `${name}: ${count}`;
    },
    countReset: (given) => (counts.delete(label(given)), null),
    time: (given) => (timers.set(label(given), clock()), null),
    timeLog: (given) => {
      const name = label(given);
      return timers.has(name) ? `${lasted(name)} ${format([...given].slice(1))}`.trim() : null;
    },
    timeEnd: (given) => {
      if (!timers.has(label(given))) return null;
      const text = lasted(label(given));
      timers.delete(label(given));
      return text;
    },
    timeStamp: () => null, profile: () => null, profileEnd: () => null,
    clear: () => "The page cleared its console.",
  };
  const methods = ["log", "info", "debug", "warn", "error", "dirxml", ...Object.keys(said)];
  for (const method of methods) {
    const native = console[method];
    if (typeof native !== "function") continue;
    const level = LEVELS[method] || "info", grave = level === "error";
    const wrapped = { [method](...given) {
      guarded(() => {
        const quiet = method !== "groupEnd" && !(method in said) && !outbox.hasRoom(grave);
        if (quiet) return outbox.drop(grave);
        const text = (said[method] || format)(given);
        if (text !== null) put("console", level, method, "  ".repeat(depth) + text, whence(wrapped));
        if (method === "group" || method === "groupCollapsed") depth = Math.min(depth + 1, 10);
      });
      return passesOn ? apply(native, this, given) : undefined;
    } }[method];
    defineProperty(console, method, { value: wrapped, writable: true, configurable: true, enumerable: true });
  }

  window.addEventListener("error", (event) => guarded(() => {
    if (event.target !== window) return; // a part of the page that was not loaded
    const stack = event.error && typeof event.error.stack === "string" ? event.error.stack : "";
    const place = event.filename ? `\n    at ${event.filename}:${event.lineno}:${event.colno}` : "";
    put("error", "error", "", event.message || describe(event.error, true), stack || place);
  }), true);
  window.addEventListener("unhandledrejection", (event) => guarded(() => {
    const reason = event.reason, stack = reason && typeof reason.stack === "string" ? reason.stack : "";
    const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : describe(reason, true);
    put("rejection", "error", "", `Uncaught (in promise) ${text}`, stack);
  }), true);

  // What another server answers, or does not, is seldom the app's fault: the preview lets it reach none.
  const isOwn = (url) => new URL(url, location.href).host === location.host;
  const failed = (method, url, { status, statusText, message = "" }, stack) => guarded(() => {
    const grave = isOwn(url) && (!status || status >= 500);
    const how = status ? `was answered with ${status} ${statusText}` : `failed: ${message}`;
    put("network", grave ? "error" : "warning", method, `${method} ${url} ${how}`.trim(), stack);
  });
  const short = (url) => String(url).slice(0, 500);

  const nativeFetch = window.fetch;
  if (typeof nativeFetch === "function") {
    const fetch = function (...given) {
      const answer = apply(nativeFetch, this, given);
      guarded(() => {
        const [wanted, options] = given, asked = typeof wanted === "object" && wanted !== null && "url" in wanted;
        const method = String((options && options.method) || (asked && wanted.method) || "GET").toUpperCase();
        const url = short(asked ? wanted.url : wanted), stack = whence(fetch);
        answer.then(
          (got) => got.status >= 400 && failed(method, url, got, stack),
          (error) => error && error.name !== "AbortError" && failed(method, url, { message: error.message }, stack),
        );
      });
      return answer;
    };
    defineProperty(window, "fetch", { value: fetch, writable: true, configurable: true, enumerable: true });
  }

  if (typeof XMLHttpRequest === "function") {
    const { open, send } = XMLHttpRequest.prototype, asked = new WeakMap();
    XMLHttpRequest.prototype.open = function (...given) {
      guarded(() => asked.set(this, [String(given[0]).toUpperCase(), short(given[1])]));
      return apply(open, this, given);
    };
    const sending = function (...given) {
      guarded(() => {
        const [method, url] = asked.get(this) || ["GET", ""], stack = whence(sending);
        let aborted = false;
        this.addEventListener("abort", () => (aborted = true));
        this.addEventListener("loadend", () => guarded(() => {
          if (this.status >= 400) failed(method, url, this, stack);
          else if (!this.status && !aborted) failed(method, url, { message: "no answer" }, stack);
        }));
      });
      return apply(send, this, given);
    };
    XMLHttpRequest.prototype.send = sending;
  }
  window.addEventListener("pagehide", () => guarded(outbox.flush), true);
  // What was said before it belongs to other code; it began when it was asked for, as its server may fail over it already.
  // Frames begin anew with their page or not at all.
  if (window === window.top && location.protocol.startsWith("http")) {
    const entry = { kind: "load", level: "info", method: "", text: `Loaded ${location.pathname}` };
    guarded(() => outbox.add({ ...entry, stack: "", time: Date.now() - clock() }));
  }
};
