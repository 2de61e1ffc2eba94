// Values as text: as a console shows them, cut by depth and length, without running code of the page where it can be
// avoided. Whatever cannot be read says so; nothing is thrown.
const makeDescriber = () => {
  const DEPTH = 3, KEYS = 30, ITEMS = 50, STRING = 1500, TOTAL = 4000, TAG = 300;
  const { getOwnPropertyDescriptor, getPrototypeOf, keys: keysOf } = Object;
  const { stringify } = JSON, { isArray } = Array, { isView } = ArrayBuffer, { apply, ownKeys } = Reflect;
  const kindOf = Object.prototype.toString, textOfFunction = Function.prototype.toString;
  const forEachOf = { Map: Map.prototype.forEach, Set: Set.prototype.forEach };
  const NodeOf = typeof Node === "function" ? Node : class {};
  const isError = (value) => value instanceof Error || apply(kindOf, value, []) === "[object Error]";

  const describe = (value, top) => {
    let left = TOTAL;
    const above = [];

    const spend = (text) => {
      if (left <= 0) return "";
      const taken = text.length > left ? text.slice(0, left) + "…" : text;
      left -= text.length;
      return taken;
    };
    const more = (text) => (text.length > STRING ? `… (${text.length - STRING} characters more)` : "");
    const short = (text) => text.slice(0, STRING) + more(text);
    const quoted = (text) => stringify(text.slice(0, STRING)) + more(text);
    const listed = (open, close, parts, left_out) =>
      open + [...parts, ...(left_out > 0 ? [`… ${left_out} more`] : [])].join(", ") + close;

    const show = (one, depth) => {
      if (left <= 0) return "…";
      try {
        switch (typeof one) {
          case "string":
            return spend(depth === 0 && top ? short(one) : quoted(one));
          case "bigint":
            return spend(`${one}n`);
          case "symbol":
            return spend(String(one));
          case "number":
            return spend(one === 0 && 1 / one < 0 ? "-0" : String(one));
          case "function":
            return spend(functionNamed(one));
          case "object":
            return one === null ? spend("null") : showObject(one, depth);
          default:
            return spend(String(one));
        }
      } catch {
        return spend("[not readable]");
      }
    };

    const showObject = (one, depth) => {
      if (above.includes(one)) return spend("[circular]");
      if (one instanceof NodeOf) return spend(node(one));
      if (isError(one)) return spend(error(one, depth));
      const kind = apply(kindOf, one, []).slice(8, -1);
      if (kind === "Date") return spend(isNaN(one) ? "Invalid Date" : one.toISOString());
      if (kind === "RegExp" || kind === "URL") return spend(String(one));
      if (kind === "Promise" || kind === "WeakMap" || kind === "WeakSet") return spend(`${kind} {…}`);
      if (kind === "ArrayBuffer") return spend(`ArrayBuffer(${one.byteLength})`);
      if (kind === "Boolean" || kind === "Number" || kind === "String") return spend(`[${kind}: ${one.valueOf()}]`);
      if (depth >= DEPTH) return spend(isArray(one) ? `Array(${one.length})` : `${named(one) || "Object"} {…}`);
      above.push(one);
      try {
        if (isArray(one) || (isView(one) && kind !== "DataView")) return array(one, depth);
        if (kind === "Map" || kind === "Set") return collection(one, kind, depth);
        return plainObject(one, depth);
      } finally {
        above.pop();
      }
    };

    const array = (one, depth) => {
      const parts = [];
      for (let at = 0; at < one.length && at < ITEMS && left > 0; at++) {
        const found = getOwnPropertyDescriptor(one, at);
        parts.push(!found ? "empty" : found.get ? "[getter]" : show(found.value, depth + 1));
      }
      const name = isArray(one) ? "" : `${named(one)}(${one.length}) `;
      return listed(`${name}[`, "]", parts, one.length - parts.length);
    };

    const collection = (one, kind, depth) => {
      const parts = [];
      apply(forEachOf[kind], one, [(value, key) => {
        if (parts.length >= ITEMS || left <= 0) return;
        parts.push(kind === "Map" ? `${show(key, depth + 1)} => ${show(value, depth + 1)}` : show(value, depth + 1));
      }]);
      return listed(`${kind}(${one.size}) {`, "}", parts, one.size - parts.length);
    };

    const plainObject = (one, depth) => {
      const keys = keysOf(one), parts = [];
      for (const key of keys) {
        if (parts.length >= KEYS || left <= 0) break;
        const found = getOwnPropertyDescriptor(one, key);
        if (!found) continue;
        const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
        parts.push(spend(`${name}: `) + (found.get ? "[getter]" : show(found.value, depth + 1)));
      }
      const name = named(one);
      return listed(name && name !== "Object" ? `${name} {` : "{", "}", parts, keys.length - parts.length);
    };

    const error = (one, depth) => {
      const told = `${one.name || "Error"}: ${one.message}`;
      const stack = typeof one.stack === "string" ? one.stack : "";
      let text = depth === 0 ? (stack.includes(String(one.message)) ? stack : `${told}\n${stack}`.trim()) : told;
      if (depth < 2 && one.cause !== undefined) text += `\nCaused by: ${show(one.cause, depth + 1)}`;
      if (depth < 2 && isArray(one.errors)) text += `\nErrors: ${show(one.errors, depth + 1)}`;
      return text;
    };
    return show(value, 0);
  };

  const named = (one) => {
    const from = getPrototypeOf(one);
    if (from === null) return "[no prototype]";
    const found = getOwnPropertyDescriptor(from, "constructor");
    return found && typeof found.value === "function" ? String(found.value.name || "") : "";
  };
  const functionNamed = (one) => {
    const isClass = apply(textOfFunction, one, []).startsWith("class");
    return `[${isClass ? "class" : "function"} ${String(one.name || "without a name")}]`;
  };
  const node = (one) => {
    if (one.nodeType === 1) {
      const tag = one.cloneNode(false).outerHTML || `<${one.nodeName}>`;
      const open = tag.indexOf("></") >= 0 ? tag.slice(0, tag.lastIndexOf("</")) : tag;
      return open.length > TAG ? `${open.slice(0, TAG)}…>` : open;
    }
    if (one.nodeType === 3) return `#text ${stringify(String(one.nodeValue).slice(0, 100))}`;
    return one.nodeType === 9 ? "#document" : String(one.nodeName);
  };

  // What was given to a console method, as one line; the first may hold directives.
  const format = (given) => {
    const rest = [...given];
    let text = "";
    if (typeof rest[0] === "string" && rest.length > 1 && rest[0].includes("%")) {
      const pattern = rest.shift();
      text = pattern.replace(/%([sdifoOc%])/g, (whole, how) => {
        if (how === "%") return "%";
        if (!rest.length) return whole;
        const value = rest.shift();
        if (how === "c") return "";
        if (how === "d" || how === "i") return typeof value === "symbol" ? "NaN" : String(parseInt(value, 10));
        if (how === "f") return typeof value === "symbol" ? "NaN" : String(parseFloat(value));
        return describe(value, how === "s");
      });
      if (rest.length) text += " ";
    }
    return text + rest.map((value) => describe(value, true)).join(" ");
  };

  const table = (data) => {
    if (typeof data !== "object" || data === null) return describe(data, true);
    const rows = ownKeys(data).filter((key) => typeof key === "string" && key !== "length").slice(0, ITEMS);
    return rows.map((key) => `${key} | ${describe(data[key], false)}`).join("\n");
  };

  return { describe, format, table };
};
