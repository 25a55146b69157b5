// The inspector's page: one live value, shown a tab at a time. No build step, nothing inline.

import { live } from "./ereo.js";

const own = (path) => new URL(`${document.documentElement.dataset.own}/${path}`, location.href).href;
const find = (id) => document.getElementById(id);
const SAMPLES = 600;
const KEPT = 200;

// ---- What there is ----

const seen = live(own("data"), own("stream"), {
  reduce: (value, snapshot) => ({
    ...value,
    samples: [...value.samples, snapshot.totals].slice(-SAMPLES),
    live: [...snapshot.live.toReversed(), ...(value.live ?? [])].slice(0, KEPT),
    snapshot,
  }),
});
let value;
let tab = location.hash.slice(1);

// ---- Words and numbers ----

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1, notation: "compact" });
const WHOLE = new Intl.NumberFormat("en");
const short = (number) => (number < 10_000 ? WHOLE.format(Math.round(number * 10) / 10) : NUMBER.format(number));

function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; number >= 1000 && at < units.length - 1; at++) number /= 1000;
  return `${at && number < 100 ? number.toFixed(1) : Math.round(number)} ${units[at]}`;
}

function since(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

const ago = (milliseconds) => (milliseconds < 1000 ? "now" : `${since(milliseconds)} ago`);
const micros = (number) => (number === null ? "–" : number < 1000 ? `${number} µs` : number < 1e6 ? `${short(number / 1000)} ms` : `${short(number / 1e6)} s`);

// ---- Elements ----

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, content] of Object.entries(properties)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), content);
    else if (key in made && key !== "list") made[key] = content;
    else made.setAttribute(key, content);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function kind(name) {
  const made = element("span", { className: "kind" }, name);
  made.dataset.is = name;
  return made;
}

/** A table that keeps the rows it has: a button that is clicked is still there. */
function table(columns, empty) {
  const body = element("tbody");
  const head = columns.map(({ title, number }) => element("th", { className: number ? "number" : "", scope: "col" }, title ?? ""));
  const shown = element("table", {}, element("thead", {}, element("tr", {}, ...head)), body);
  const nothing = element("p", { className: "empty" }, empty);
  const known = new Map();
  const update = (rows, key) => {
    const before = new Map(known);
    known.clear();
    let at = body.firstElementChild;
    for (const row of rows) {
      const id = key(row);
      const line = before.get(id) ?? element("tr", {}, ...columns.map(({ number, code }) => element("td", { className: number ? "number" : code ? "code" : "" })));
      before.delete(id);
      known.set(id, line);
      columns.forEach(({ cell, fixed, warn }, place) => {
        const td = line.children[place];
        if (fixed && td.firstChild) return;
        const content = cell(row);
        if (warn) td.classList.toggle("warn", warn(row));
        if (typeof content === "string") {
          if (td.textContent !== content) td.textContent = content;
        } else td.replaceChildren(...[content].flat().filter((part) => part !== null));
      });
      if (at === line) at = line.nextElementSibling;
      else body.insertBefore(line, at);
    }
    for (const line of before.values()) line.remove();
    shown.hidden = rows.length === 0;
    nothing.hidden = rows.length > 0;
  };
  return { nodes: [shown, nothing], update };
}

const matches = (row, fields) => {
  const text = find("search").value.trim().toLowerCase();
  return !text || fields(row).some((field) => String(field ?? "").toLowerCase().includes(text));
};

// ---- Plots ----

const PLOTS = [
  { title: "Messages", unit: "a second", lines: [rate("messages")], write: short },
  { title: "Deliveries", unit: "a second", lines: [rate("deliveries")], write: short },
  { title: "Connections", unit: "open", lines: [(sample) => sample.open], write: short },
  { title: "Fan-out latency, p50 / p99", unit: "", lines: [(sample) => sample.p50, (sample) => sample.p99], write: micros },
];
const SPAN = 600_000;

function rate(field) {
  return (sample, before) => (before && sample.at > before.at ? (1000 * Math.max(0, sample[field] - before[field])) / (sample.at - before.at) : null);
}

const SVG = "http://www.w3.org/2000/svg";
const drawn = PLOTS.map((plot) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${plot.title} over the last ten minutes`);
  const area = document.createElementNS(SVG, "polygon");
  const lines = plot.lines.map((_, at) => {
    const line = document.createElementNS(SVG, "polyline");
    if (at) line.setAttribute("class", "second");
    return line;
  });
  svg.append(area, ...lines);
  const figure = element("p", { className: "figure" }, "–");
  const most = element("span", {}, "");
  const from = element("span", {}, "");
  const axis = element("div", { className: "axis" }, from, most, element("span", {}, "now"));
  find("plots").append(element("figure", {}, element("h2", {}, plot.title), figure, svg, axis));
  return { area, lines, figure, most, from };
});

function plot({ samples }) {
  const now = samples.at(-1)?.at ?? Date.now();
  const span = Math.min(SPAN, Math.max(60_000, now - (samples[0]?.at ?? now)));
  for (const { from } of drawn) from.textContent = `${since(span).replace(/ 0 s$/, "")} ago`;
  PLOTS.forEach(({ lines, unit, write }, at) => {
    const { area, lines: polylines, figure, most } = drawn[at];
    const points = lines.map((read) => {
      const all = samples.map((sample, place) => [sample.at, read(sample, samples[place - 1])]);
      return all.filter(([when, number]) => number !== null && number !== undefined && now - when <= span);
    });
    const top = Math.max(1e-9, ...points.flat().map(([, number]) => number));
    const place = ([when, number]) => `${(100 * (1 - (now - when) / span)).toFixed(2)},${(97 - (92 * number) / top).toFixed(2)}`;
    points.forEach((line, which) => polylines[which].setAttribute("points", line.map(place).join(" ")));
    const first = points[0];
    const x = (point) => place(point).split(",")[0];
    area.setAttribute("points", first.length && lines.length === 1 ? `${x(first[0])},100 ${first.map(place).join(" ")} ${x(first.at(-1))},100` : "");
    const last = points.map((line) => line.at(-1)?.[1] ?? null);
    const text = last.map((number) => (number === null ? "–" : write(number))).join(" / ");
    figure.replaceChildren(`${text} `, element("small", {}, unit));
    most.textContent = points.flat().length ? `most ${write(top < 1e-6 ? 0 : top)}` : "";
  });
}

// ---- Routes, and trying one ----

const ways = {
  async sse({ url, method, signal, say }) {
    const response = await fetch(url, { method, signal, headers: { accept: "text/event-stream" }, cache: "no-store" });
    say(response.ok ? "open" : "error", `${response.status} ${response.headers.get("content-type") ?? ""}`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
      text += part.value;
      const blocks = text.split(/\r?\n\r?\n/);
      text = blocks.pop();
      for (const block of blocks) {
        const fields = { event: "message", data: [], id: "", retry: "" };
        for (const line of block.split(/\r?\n/)) {
          const at = line.indexOf(":");
          const [name, content] = at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
          if (name === "data") fields.data.push(content);
          else if (name) fields[name] = content;
        }
        if (fields.data.length) say(fields.event, fields.data.join("\n"), fields.id);
        else if (fields.id || fields.retry) say("position", [fields.id, fields.retry && `retry ${fields.retry} ms`].filter(Boolean).join(", "));
        else say("heartbeat", "");
      }
    }
    say("end", "the stream has ended");
  },
  async loader({ url, method, signal, say }) {
    const response = await fetch(url, { method, signal, headers: { accept: "application/json" }, cache: "no-store" });
    const text = await response.text();
    let pretty = text;
    try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it is */ }
    say(response.ok ? String(response.status) : "error", response.ok ? pretty : `${response.status} ${pretty}`, response.headers.get("last-event-id") ?? "");
  },
  websocket({ url, signal, say, speaks }) {
    return new Promise((resolve) => {
      const socket = new WebSocket(url.replace(/^http/, "ws"));
      socket.binaryType = "arraybuffer";
      socket.onopen = () => { say("open", socket.protocol); speaks((text) => { socket.send(text); say("sent", text); }); };
      socket.onmessage = ({ data }) => say("message", typeof data === "string" ? data : `${data.byteLength} bytes`);
      socket.onclose = ({ code, reason }) => { speaks(null); say("end", `closed with ${code} ${reason}`); resolve(); };
      socket.onerror = () => say("error", "the socket failed");
      signal.addEventListener("abort", () => socket.close(1000));
    });
  },
};

let trial = null;

function trying(route) {
  trial?.stop();
  const log = element("ul", { className: "log", id: "try-log" });
  const say = (name, text, id = "") => {
    const line = element("li", {}, element("time", {}, new Date().toLocaleTimeString("en-GB")), kind(name), element("pre", {}, text, id ? element("small", { className: "note" }, `  ${id}`) : ""));
    log.prepend(line);
    if (log.children.length > KEPT) log.lastElementChild.remove();
  };
  const field = (name, label, hint = "") => element("label", {}, label, element("input", { name, placeholder: hint, autocomplete: "off" }));
  const go = element("button", { className: "main" }, "Open");
  const form = element("form", {}, ...route.params.map((name) => field(name, name)), field("?query", "query", "key=value"), go);
  const text = element("input", { name: "text", placeholder: "a message", "aria-label": "A message to send", autocomplete: "off" });
  const speak = element("form", { hidden: true }, text, element("button", {}, "Send"));
  let open = null;
  let send = null;
  speak.addEventListener("submit", (event) => { event.preventDefault(); send?.(text.value); text.value = ""; });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (open) return open.abort();
    const mine = (open = new AbortController());
    const value = (name) => form.elements.namedItem(name)?.value ?? "";
    const path = route.path.replace(/\{([^}:]+)[^}]*\}(\*?)/g, (_, name, tail) => (tail ? value(name).split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value(name))));
    const query = value("?query");
    const url = new URL(path + (query ? `?${query}` : ""), location.origin).href;
    go.textContent = "Close";
    const speaks = (how) => { send = how; speak.hidden = !how; };
    try {
      await ways[route.kind]({ url, method: route.method, signal: mine.signal, say, speaks });
    } catch (error) {
      say(error.name === "AbortError" ? "end" : "error", error.name === "AbortError" ? "closed here" : String(error));
    }
    if (open === mine) open = null;
    go.textContent = "Open";
  });
  const leave = element("button", { className: "small", type: "button", onclick: () => { trial?.stop(); trial = null; } }, "Leave");
  const title = element("div", { className: "bar" }, kind(route.kind), element("h3", { className: "code" }, `${route.method} ${route.path}`), leave);
  const panel = element("div", { className: "try", id: "try" }, title, form, speak, log);
  const stop = () => { open?.abort(); panel.remove(); };
  trial = { panel, stop };
  return panel;
}

// ---- Tabs ----

const TABS = {
  routes: {
    title: "Routes",
    count: ({ routes }) => routes.length,
    make(view) {
      const place = element("div");
      const rows = table([
        { title: "Kind", cell: ({ kind: name }) => kind(name), fixed: true },
        { title: "Path", code: true, fixed: true, cell: ({ method, path, handler, file, line, group }) => [`${method} ${path}`, element("small", {}, [handler, file && `${file}:${line}`, group && `group ${group}`].filter(Boolean).join(" · "))] },
        { title: "Message", code: true, cell: ({ message }) => message.replace(/\w+::/g, "") },
        { title: "Open", number: true, cell: ({ open, kind: name }) => (name === "loader" ? "–" : short(open)) },
        { title: "Through actix", number: true, cell: ({ open, lean, kind: name }) => (name === "loader" ? "–" : short(open - lean)) },
        { title: "Messages a second", number: true, cell: ({ rate: now, kind: name }) => (name === "loader" ? "–" : short(now)) },
        { title: "Refused", number: true, cell: ({ refused }) => short(refused), warn: ({ refused }) => refused > 0 },
        { title: "", number: true, fixed: true, cell: (route) => element("button", { className: "small", onclick: () => place.replaceChildren(trying(route)) }, "Try it") },
      ], "No route is served here.");
      if (trial) place.append(trial.panel);
      view.append(place, ...rows.nodes);
      return ({ routes }) => rows.update(routes.filter((route) => matches(route, (it) => [it.kind, it.method, it.path, it.handler, it.message, it.file, it.group])), ({ method, path, file, line }) => `${method} ${path} ${file} ${line}`);
    },
  },
  connections: {
    title: "Connections",
    count: ({ connections }) => connections.total,
    make(view) {
      let order = "oldest";
      const buttons = ["oldest", "slowest", "busiest"].map((name) => element("button", { type: "button", "aria-pressed": String(name === order), onclick: (event) => {
        order = name;
        for (const button of buttons) button.setAttribute("aria-pressed", String(button === event.target));
        show();
      } }, name[0].toUpperCase() + name.slice(1)));
      const note = element("span", { className: "note" });
      const rows = table([
        { title: "Connection", cell: ({ id, kind: name }) => [kind(name), ` ${id}`], fixed: true },
        { title: "Route", code: true, cell: ({ route, peer }) => [route, element("small", {}, peer)], fixed: true },
        { title: "Age", number: true, cell: ({ age }) => since(age) },
        { title: "Sent", number: true, cell: ({ messages, bytes: size }) => [short(messages), element("small", {}, bytes(size))] },
        { title: "A second", number: true, cell: ({ rate: now }) => short(now) },
        { title: "Position", code: true, cell: ({ reads }) => (reads ? [reads.position, element("small", {}, reads.set)] : "–") },
        { title: "Behind", number: true, cell: ({ reads }) => (reads ? short(reads.lag) : "–"), warn: ({ reads }) => (reads?.lag ?? 0) > 100 },
        { title: "Missed", number: true, cell: ({ missed }) => short(missed), warn: ({ missed }) => missed > 0 },
        { title: "Path", cell: ({ lean }) => (lean ? "own" : "actix") },
        { title: "", number: true, fixed: true, cell: ({ id }) => ender(id) },
      ], "No connection is open.");
      view.append(element("div", { className: "bar" }, ...buttons, note), ...rows.nodes);
      let asked = 0;
      async function show() {
        const { connections } = value.snapshot;
        const text = find("search").value.trim();
        let found;
        const mine = ++asked;
        if (text) {
          const response = await fetch(own(`find?text=${encodeURIComponent(text)}`)).catch(() => null);
          if (!response?.ok || mine !== asked) return;
          found = await response.json();
          if (mine !== asked) return;
        } else {
          const byId = new Map(connections.rows.map((row) => [row.id, row]));
          found = connections[order].map((id) => byId.get(id)).filter(Boolean);
        }
        for (const button of buttons) button.disabled = Boolean(text);
        note.textContent = text ? `${found.length} found` : `${short(found.length)} of ${short(connections.total)}`;
        rows.update(found, ({ id }) => id);
      }
      return show;
    },
  },
  sets: {
    title: "Sets and rooms",
    count: ({ sets }) => sets.total,
    make(view) {
      const note = element("span", { className: "note" });
      const rows = table([
        { title: "Set", code: true, cell: ({ name, message, isRoom }) => [name, element("small", {}, isRoom ? "room" : message)], fixed: true },
        { title: "Head", code: true, cell: ({ head }) => head },
        { title: "Messages a second", number: true, cell: ({ rate: now }) => short(now) },
        { title: "Kept", number: true, cell: ({ kept, bytes: size }) => [short(kept), element("small", {}, bytes(size))] },
        { title: "Readers", number: true, cell: ({ readers }) => short(readers) },
        { title: "Members", number: true, cell: ({ members }) => short(members) },
        { title: "Slowest reader", number: true, cell: ({ slowest }) => (slowest ? [`${short(slowest.lag)} behind`, element("small", {}, `connection ${slowest.id}`)] : "–"), warn: ({ slowest }) => (slowest?.lag ?? 0) > 100 },
        { title: "Lagged", number: true, cell: ({ lagged, missed }) => (lagged ? [short(lagged), element("small", {}, `${short(missed)} missed`)] : "0"), warn: ({ lagged }) => lagged > 0 },
      ], "No connection has joined a set yet.");
      view.append(element("div", { className: "bar" }, note), ...rows.nodes);
      return ({ sets }) => {
        const found = sets.rows.filter((row) => matches(row, (it) => [it.name, it.message, it.head]));
        note.textContent = `${short(found.length)} of ${short(sets.total)}, most readers first`;
        rows.update(found, ({ name, head }) => `${name} ${head.split("-")[0]}`);
      };
    },
  },
  live: {
    title: "Live",
    make(view) {
      const note = element("span", { className: "note" });
      const rows = table([
        { title: "Time", fixed: true, cell: ({ at }) => new Date(at).toLocaleTimeString("en-GB") },
        { title: "Set", code: true, fixed: true, cell: ({ set }) => set },
        { title: "Event", fixed: true, cell: ({ event }) => kind(event ?? "message") },
        { title: "Data", code: true, fixed: true, cell: ({ data, bytes: size }) => [data ?? "", data === null || data.length < size / 4 ? element("small", {}, `${bytes(size)} in all`) : null] },
      ], "Nothing was broadcast since this page is open.");
      view.append(element("div", { className: "bar" }, note), ...rows.nodes);
      return () => {
        note.textContent = value.payloads ? "Samples: 20 a second at most, 512 bytes of each" : "Messages are not shown here: .payloads(true) shows samples of them";
        rows.update((value.live ?? []).filter((row) => matches(row, (it) => [it.set, it.event, it.data])), ({ number }) => number);
      };
    },
  },
  contract: {
    title: "Contract",
    make(view) {
      const text = element("pre", { className: "document", tabIndex: 0 });
      const names = { typescript: "TypeScript", asyncapi: "AsyncAPI", openapi: "OpenAPI" };
      let documents = null;
      let chosen = "typescript";
      const draw = () => {
        for (const button of choices) button.setAttribute("aria-pressed", String(button.value === chosen));
        const shown = documents?.[chosen] ?? "";
        text.textContent = typeof shown === "string" ? shown : JSON.stringify(shown, null, 2);
      };
      const choices = Object.entries(names).map(([name, title]) => element("button", { type: "button", value: name, onclick: () => { chosen = name; draw(); } }, title));
      const copy = element("button", { className: "main", type: "button", onclick: async () => {
        await navigator.clipboard.writeText(text.textContent).catch(() => getSelection().selectAllChildren(text));
        copy.textContent = "Copied";
        setTimeout(() => { copy.textContent = "Copy"; }, 1500);
      } }, "Copy");
      if (!value.contract) {
        view.append(element("p", { className: "empty" }, "The feature contract is off: with it the routes' types stand here."));
        return () => {};
      }
      view.append(element("div", { className: "bar" }, ...choices, copy), text);
      draw();
      fetch(own("contract")).then((response) => response.json()).then((made) => { documents = made; draw(); }, () => { text.textContent = "The server does not answer."; });
      return () => {};
    },
  },
  store: {
    title: "Store",
    count: ({ sets }) => sets.rows.filter(({ store }) => store).length,
    make(view) {
      const rows = table([
        { title: "Health", cell: ({ store: { down, isOpen } }) => kind(down !== null ? "down" : isOpen ? "up" : "opening"), warn: ({ store }) => store.down !== null },
        { title: "Log", code: true, cell: ({ store, name }) => [store.log, element("small", {}, name)], fixed: true },
        { title: "Head", code: true, cell: ({ head }) => head },
        { title: "Down for", number: true, cell: ({ store: { down } }) => (down === null ? "–" : since(down)) },
        { title: "Held", number: true, cell: ({ store: { held, heldBytes } }) => (held ? [short(held), element("small", {}, bytes(heldBytes))] : "0"), warn: ({ store }) => store.held > 0 },
        { title: "Slowest reader", number: true, cell: ({ slowest }) => (slowest ? `${short(slowest.lag)} behind` : "–") },
        { title: "Forks", number: true, cell: ({ store }) => short(store.forks), warn: ({ store }) => store.forks > 0 },
      ], "Every set is in memory alone: none has a store.");
      view.append(...rows.nodes);
      return ({ sets }) => rows.update(sets.rows.filter((row) => row.store && matches(row, (it) => [it.name, it.store.log])), ({ store }) => store.log);
    },
  },
  problems: {
    title: "Problems",
    count: ({ problems }) => problems.counts.reduce((sum, { count }) => sum + count, 0),
    make(view) {
      const counts = element("div", { className: "counts" });
      const rows = table([
        { title: "When", cell: ({ at }) => ago(at) },
        { title: "What", cell: ({ kind: name }) => kind(name) },
        { title: "Why", cell: ({ reason }) => reason },
        { title: "Route", code: true, cell: ({ route }) => route || "–" },
      ], "Nothing has gone wrong.");
      view.append(counts, ...rows.nodes);
      return ({ problems }) => {
        counts.replaceChildren(...problems.counts.map(({ kind: name, reason, count }) => element("div", {}, element("b", {}, short(count)), `${name}: ${reason}`)));
        const found = problems.last.filter((row) => matches(row, (it) => [it.kind, it.reason, it.route]));
        rows.update(found.map((row, place) => ({ ...row, place })), ({ place }) => place);
      };
    },
  },
};

/** Ends a connection, when it is clicked a second time. */
function ender(id) {
  const button = element("button", { className: "small", type: "button", "aria-label": `End connection ${id}` }, "End");
  let timer = 0;
  const calm = () => { button.classList.remove("sure"); button.textContent = "End"; };
  button.addEventListener("click", async () => {
    clearTimeout(timer);
    if (!button.classList.contains("sure")) {
      button.classList.add("sure");
      button.textContent = "Sure?";
      timer = setTimeout(calm, 3000);
      return;
    }
    button.disabled = true;
    const response = await fetch(own(`end?id=${id}`), { method: "POST" }).catch(() => null);
    calm();
    button.textContent = response?.ok ? "Ended" : response?.status === 404 ? "Gone" : "Failed";
  });
  return button;
}

// ---- The page ----

const buttons = new Map();
let update = null;

function choose(name) {
  tab = name in TABS ? name : "routes";
  for (const [known, button] of buttons) button.setAttribute("aria-selected", String(known === tab));
  find("search").value = "";
  find("view").replaceChildren();
  update = value ? TABS[tab].make(find("view")) : null;
  show();
}

for (const name of ["routes", "connections", "sets", "live", "problems", "store", "contract"]) {
  const { title } = TABS[name];
  const button = element("button", { role: "tab", type: "button", id: `tab-${name}`, onclick: () => { location.hash = name; } }, title, element("span", { className: "count" }));
  buttons.set(name, button);
  find("tabs").append(button);
}

function show() {
  if (!value) return;
  const { snapshot } = value;
  for (const [name, button] of buttons) button.lastElementChild.textContent = TABS[name].count ? short(TABS[name].count(snapshot)) : "";
  find("about").textContent = `Ereo ${snapshot.version} · ${bytes(snapshot.totals.bytes)} sent in ${short(snapshot.totals.deliveries)} messages to ${short(snapshot.totals.opened)} connections`;
  update?.(snapshot);
  plot(value);
}

let asked = false;
seen.subscribe((_, status) => {
  find("status").textContent = status;
  find("status").dataset.is = status;
  if (!seen.value || asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    if (seen.value === value) return;
    const isFirst = !value;
    value = seen.value;
    if (isFirst) choose(tab);
    else show();
  });
});
addEventListener("hashchange", () => choose(location.hash.slice(1)));
find("search").addEventListener("input", () => update?.(value.snapshot));
choose(tab);
