// The hooks, with React's own development build in jsdom: StrictMode, hydration, suspense, and fake connections.

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { JSDOM } from "jsdom";
import { FakeEventSource, FakeFetch, FakeWebSocket } from "./fakes.mjs";
import { until } from "./browser/until.mjs";

const OUTPUT = fileURLToPath(new URL("output/react.mjs", import.meta.url));

let React, h, createRoot, hydrateRoot, renderToString, hooks;
let root, container, requests, consoleErrors;

const page = new JSDOM("<!doctype html><body></body>", { url: "https://app.example/", pretendToBeVisual: true });

before(async () => {
  // Beside the packages of this folder, where `react` is found.
  const entryPoints = [fileURLToPath(new URL("../../ereo-runtime/client/ereo.react.js", import.meta.url))];
  await build({ entryPoints, bundle: true, format: "esm", external: ["react"], outfile: OUTPUT });
  const { window } = page;
  Object.assign(globalThis, { window, document: window.document, requestAnimationFrame: window.requestAnimationFrame });
  // Node has one of its own from 21 on.
  globalThis.navigator ??= window.navigator;
  React = await import("react");
  h = React.createElement;
  ({ createRoot, hydrateRoot } = await import("react-dom/client"));
  ({ renderToString } = await import("react-dom/server"));
  hooks = await import(OUTPUT);
});

beforeEach((t) => {
  FakeEventSource.all = [];
  FakeWebSocket.all = [];
  requests = new FakeFetch();
  Object.assign(globalThis, { EventSource: FakeEventSource, WebSocket: FakeWebSocket, fetch: requests.call });
  document.body.innerHTML = '<div id="root"></div>';
  container = document.getElementById("root");
  consoleErrors = [];
  console.error = (...what) => consoleErrors.push(what);
});

afterEach(async () => {
  root?.unmount();
  root = undefined;
  // Longer than a connection outlives its last component.
  await sleep(150);
  assert.deepEqual([FakeEventSource.open.length, FakeWebSocket.all.filter((ws) => !ws.closedWith && ws.readyState < 2).length], [0, 0]);
  assert.deepEqual(consoleErrors, []);
});

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const text = (expected) => until(() => container.textContent === expected, `${expected}, not ${container.textContent}`, 3000);

function render(element, strict = true) {
  root ??= createRoot(container);
  root.render(strict ? h(React.StrictMode, null, element) : element);
}

describe("useSubscription", () => {
  const Feed = ({ url = "/feed", ...options }) => {
    const { data, history, status, error, isActive, reset } = hooks.useSubscription(url, options);
    return `${status} ${isActive} ${data ?? "-"} [${history}] ${error?.message ?? ""}${reset?.reason ?? ""};`;
  };

  test("two components have one connection under StrictMode, and see the same", async () => {
    render([h(Feed, { key: 1 }), h(Feed, { key: 2 })]);
    await until(() => FakeEventSource.all.length, "a connection");
    await text("connecting true - [] ;".repeat(2));
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(1);
    FakeEventSource.last.emit(2);
    await text("connected true 2 [1,2] ;".repeat(2));
    FakeEventSource.last.emit({ reason: "lagged", missed: 3 }, { name: "ereo.reset", id: "e-9" });
    await text("connected true 2 [1,2] lagged;".repeat(2));
    await sleep(200);
    assert.equal(FakeEventSource.all.length, 1);
  });

  test("onData has every event once, by the latest closure; rendered once a frame", async () => {
    const seen = [];
    let renders = 0;
    const One = ({ mark }) => {
      renders += 1;
      const { history } = hooks.useSubscription("/feed", { keep: 3, onData: (data) => seen.push(mark + data) });
      return String(history);
    };
    render(h(One, { mark: "a" }));
    await until(() => FakeEventSource.all.length, "a connection");
    FakeEventSource.last.accept();
    await sleep(50);
    renders = 0;
    for (let n = 0; n < 1000; n++) FakeEventSource.last.emit(n);
    await text("997,998,999");
    assert.deepEqual(seen, Array.from({ length: 1000 }, (_, n) => `a${n}`));
    assert.ok(renders <= 4, `${renders} renders, StrictMode's included`);
    render(h(One, { mark: "b" }));
    await sleep(30);
    FakeEventSource.last.emit(1000);
    assert.equal(seen.at(-1), "b1000");
    assert.equal(FakeEventSource.all.length, 1);
  });

  test("an end by the server is an error, told once", async () => {
    const errors = [];
    render(h(Feed, { onError: (error) => errors.push(error.message) }));
    await until(() => FakeEventSource.all.length, "a connection");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({ code: 4001, final: true }, { name: "ereo.closed" });
    await text("error false - [] the server has ended it: 4001;");
    await sleep(50);
    assert.deepEqual(errors, ["the server has ended it: 4001"]);
  });

  test("null and enabled: false connect nothing; another URL is another connection", async () => {
    render(h(Feed, { url: null }));
    await text("idle false - [] ;");
    render(h(Feed, { enabled: false }));
    await sleep(50);
    assert.equal(FakeEventSource.all.length, 0);
    render(h(Feed, { url: "/a" }));
    await until(() => FakeEventSource.all.length === 1, "a connection");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(1);
    await text("connected true 1 [1] ;");
    render(h(Feed, { url: "/b" }));
    await text("connecting true - [] ;");
    // What is rendered is seen before the effects have opened another.
    await until(() => FakeEventSource.last.url.pathname === "/b" && FakeEventSource.open.length === 1, "the first is closed");
  });

  test("unsubscribe and resubscribe", async () => {
    let calls;
    const One = () => {
      calls = hooks.useSubscription("/feed");
      return `${calls.status} ${calls.history}`;
    };
    render(h(One));
    await until(() => FakeEventSource.all.length, "a connection");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(1);
    await text("connected 1");
    calls.unsubscribe();
    await text("idle ");
    await until(() => FakeEventSource.open.length === 0, "closed");
    calls.resubscribe();
    await text("connecting ");
    assert.equal(FakeEventSource.all.length, 2);
  });
});

test("useEvents: named handlers, each event once", async () => {
  const seen = [];
  const One = ({ mark }) => {
    const { status, lastEventId } = hooks.useEvents("/feed", {
      chat: ({ text }) => seen.push([mark, "chat", text]),
      joined: ({ user }) => seen.push([mark, "joined", user]),
    });
    return `${status} ${lastEventId}`;
  };
  render([h(One, { key: 1, mark: 1 }), h(One, { key: 2, mark: 2 })]);
  await until(() => FakeEventSource.all.length, "a connection");
  FakeEventSource.last.accept();
  FakeEventSource.last.emit({ text: "hi" }, { name: "chat", id: "e-1" });
  FakeEventSource.last.emit({ user: "ann" }, { name: "joined", id: "e-2" });
  await text("open e-2".repeat(2));
  assert.deepEqual(seen, [[1, "chat", "hi"], [2, "chat", "hi"], [1, "joined", "ann"], [2, "joined", "ann"]]);
  assert.equal(FakeEventSource.all.length, 1);
});

test("useSocket: messages, send and ask, over one connection", async () => {
  const heard = [];
  const senders = new Set();
  let chat;
  const One = ({ keep = 0 }) => {
    chat = hooks.useSocket("/ws", { keep, onMessage: (data) => heard.push(data.n) });
    senders.add(chat.send);
    return `${chat.status} ${chat.last?.n ?? "-"} [${chat.messages.map(({ n }) => n)}] ${chat.queued}`;
  };
  render(h(One, { keep: 2 }));
  await until(() => FakeWebSocket.all.length, "a connection");
  assert.equal(chat.send({ n: 0 }), true);
  await text("connecting - [] 1");
  FakeWebSocket.last.accept();
  await text("open - [] 0");
  for (const n of [1, 2, 3]) FakeWebSocket.last.emit(JSON.stringify({ n }));
  await text("open 3 [2,3] 0");
  const reply = chat.ask({ n: 4 });
  FakeWebSocket.last.emit(JSON.stringify({ id: JSON.parse(FakeWebSocket.last.sent.at(-1)).id, n: 5 }));
  assert.equal((await reply).n, 5);
  assert.deepEqual(heard, [1, 2, 3]);
  // StrictMode's second render has the state of the first.
  assert.ok(senders.size <= 2, `${senders.size} functions`);
  assert.equal(FakeWebSocket.all.length, 1);
});

describe("useLive", () => {
  const View = (options) => {
    const { value, status, reset } = hooks.useLive("/data", "/stream", options);
    return `${status} ${JSON.stringify(value) ?? "-"} ${reset?.reason ?? ""}`;
  };
  const loaded = (value, position) => requests.last.respond(200, { body: value, headers: { "last-event-id": position } });
  const script = (value, position) =>
    `<script type="application/json" id="__EREO_DATA__" data-last-event-id="${position}">${JSON.stringify(value)}</script>`;

  test("loads, follows, and tells a reset", async () => {
    render(h(View, { reduce: (all, one) => [...all, one], backoff: { base: 10, max: 10 } }));
    await until(() => requests.requests.length, "a load");
    await loaded([1], "e-1");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(2, { id: "e-2" });
    await text("live [1,2] ");
    FakeEventSource.last.emit({ reason: "expired", missed: null }, { name: "ereo.reset", id: "e-9" });
    await until(() => requests.requests.length === 2, "another load");
    await loaded([9], "e-9");
    await text("reconnecting [9] expired");
  });

  test("a page that a server has rendered is taken over without a word, and goes on from its position", async () => {
    delete globalThis.document;
    const markup = renderToString(h(View, { initial: { n: 1 } }));
    globalThis.document = page.window.document;
    assert.equal(FakeEventSource.all.length + requests.requests.length, 0, "nothing connects on a server");
    assert.match(markup, /^connecting \{&quot;n&quot;:1\} /);
    document.body.innerHTML = `<div id="root">${markup}</div>${script({ n: 1 }, "e-4")}`;
    container = document.getElementById("root");
    const errors = [];
    root = hydrateRoot(container, h(View), { onRecoverableError: (error) => errors.push(error) });
    await until(() => FakeEventSource.all.length, "a connection");
    assert.equal(FakeEventSource.last.position, "e-4");
    FakeEventSource.last.accept();
    await text('live {"n":1} ');
    assert.deepEqual([errors, requests.requests.length], [[], 0]);
  });

  test("with suspense the component waits for its first value", async () => {
    render(h(React.Suspense, { fallback: "waits" }, h(View, { suspense: true })));
    await text("waits");
    await until(() => requests.requests.length, "a load");
    await loaded(7, "e-1");
    await text("connecting 7 ");
    FakeEventSource.last.accept();
    await text("live 7 ");
    await sleep(50);
    assert.deepEqual([requests.requests.length, FakeEventSource.all.length], [1, 1]);
  });

  test("with suspense a loader that refuses is shown, and waited for no more", async () => {
    render(h(React.Suspense, { fallback: "waits" }, h(View, { suspense: true })));
    await until(() => requests.requests.length, "a load");
    await requests.last.respond(404);
    await text("closed - ");
  });
});
