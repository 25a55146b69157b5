// The page's side of one connection for all tabs, with a worker that does only what it is told: when a page has a
// connection of its own, when it starts another worker, and what its streams hear of it.

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { events } from "../../ereo-runtime/client/ereo.js";
import { share } from "../../ereo-runtime/client/ereo.tabs.js";
import { shared } from "../../ereo-runtime/client/ereo.events.js";
import { FakeEventSource, FakeFetch, settle } from "./fakes.mjs";

const BACKOFF = { base: 100, jitter: "none" };

class FakeWorker {
  static all = [];
  static get last() { return this.all.at(-1); }
  said = [];
  isClosed = false;
  port = {
    postMessage: (message) => this.said.push(message),
    close: () => (this.isClosed = true),
  };

  constructor(url, options) {
    Object.assign(this, { url, options });
    FakeWorker.all.push(this);
  }

  say(...message) {
    if (!this.isClosed) this.port.onmessage({ data: message });
  }

  heard = (what) => this.said.filter(([said]) => said === what);
}

let warnings, listeners;
const pass = (ms) => {
  mock.timers.tick(ms);
  return settle();
};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  [FakeWorker.all, FakeEventSource.all, warnings, listeners] = [[], [], [], {}];
  const addEventListener = (name, listener) => (listeners[name] ??= []).push(listener);
  Object.assign(globalThis, {
    SharedWorker: FakeWorker,
    EventSource: FakeEventSource,
    fetch: new FakeFetch().call,
    addEventListener,
    removeEventListener: () => {},
    document: { baseURI: "https://app.example/", visibilityState: "visible", addEventListener, removeEventListener: () => {} },
  });
  console.warn = (text) => warnings.push(text);
  shared.transport = undefined;
});

/** A stream, what it heard, and the key by which the worker knows it. */
async function follow(options) {
  const seen = [];
  const feed = events("/feed", { backoff: BACKOFF, lastEventId: "a-1", ...options });
  feed.on("message", (n) => seen.push(n));
  await settle();
  return { feed, seen, get key() { return FakeWorker.last.heard("open").at(-1)[1]; } };
}

const event = (n) => ["message", String(n), `a-${n}`];

describe("by the worker", () => {
  test("a stream has what it would have of its own, and says how far it is", async () => {
    share(undefined, { key: "ann" });
    const { feed, seen, key } = await follow({ refresh: () => {} });
    const worker = FakeWorker.last;
    assert.match(String(worker.url), /\/ereo\.worker\.js$/);
    assert.deepEqual(worker.heard("open"), [["open", key, "https://app.example/feed", "a-1", false, true, "ann"]]);
    worker.say("here");
    worker.say("open", key);
    assert.equal(feed.status, "open");
    worker.say("events", key, [event(2), event(3)]);
    assert.deepEqual([seen, feed.lastEventId], [[2, 3], "a-3"]);
    assert.deepEqual(worker.heard("ack"), []);
    worker.say("events", key, Array.from({ length: 70 }, (_, n) => event(n + 4)));
    assert.deepEqual(worker.heard("ack"), [["ack", key, 72]]);
    worker.say("connecting", key);
    assert.equal(feed.status, "connecting");
    worker.say("events", key, [["", 403, ""]]);
    assert.deepEqual([feed.status, feed.endedBy], ["closed", 403]);
    assert.equal(FakeEventSource.all.length, 0);
  });

  test("what is closed within a handler hears no more, and leaves", async () => {
    share();
    const { feed, seen, key } = await follow();
    feed.on("message", (n) => n === 2 && feed.close());
    FakeWorker.last.say("events", key, [event(2), event(3)]);
    assert.deepEqual(seen, [2]);
    assert.deepEqual(FakeWorker.last.heard("close"), [["close", key]]);
  });

  test("`shared: false` and another transport keep out", async () => {
    share();
    await follow({ shared: false });
    assert.equal(FakeEventSource.all.length, 1);
    const opened = [];
    await follow({ transport: (url) => (opened.push(url), new FakeEventSource(url)) });
    assert.equal(opened.length, 1);
    assert.equal(FakeWorker.all.length, 0);
  });
});

describe("without a worker", () => {
  const ways = {
    "there is no SharedWorker": () => { globalThis.SharedWorker = undefined; },
    "it may not be started": () => { globalThis.SharedWorker = class { constructor() { throw new Error("SecurityError"); } }; },
    "its script cannot be loaded": async () => { FakeWorker.last.onerror(); },
    "it never says anything": async () => { await pass(10000); },
  };
  for (const [how, happens] of Object.entries(ways)) {
    test(`the page has its own connection: ${how}`, async () => {
      const isBefore = happens.constructor.name === "Function";
      if (isBefore) happens();
      const shares = share();
      const { seen } = await follow();
      if (!isBefore) await happens();
      await pass(200);
      assert.equal(shares.isShared, false);
      assert.equal(FakeEventSource.last.position, "a-1");
      FakeEventSource.last.accept();
      FakeEventSource.last.emit(2, { id: "a-2" });
      assert.deepEqual(seen, [2]);
      assert.equal(warnings.length, globalThis.SharedWorker ? 1 : 0);
      await follow();
      assert.equal(FakeEventSource.all.length, 2);
    });
  }
});

describe("a worker that was there", () => {
  test("is asked when it is silent, and another is started when it does not answer", async () => {
    share();
    const { feed, seen, key } = await follow();
    const first = FakeWorker.last;
    first.say("here");
    first.say("open", key);
    first.say("events", key, [event(2)]);
    await pass(8000);
    first.say("here?");
    assert.equal(first.heard("here").length, 1);
    await pass(9000);
    assert.equal(first.heard("here?").length, 1);
    first.say("here");
    await pass(9000);
    assert.equal(first.heard("here?").length, 2);
    assert.equal(FakeWorker.all.length, 1);
    await pass(3000);
    assert.equal(feed.status, "connecting");
    await pass(200);
    assert.equal(FakeWorker.all.length, 2);
    const [, another, , at] = FakeWorker.last.heard("open")[0];
    assert.equal(at, "a-2");
    // What the first may still say is heard no more.
    assert.ok(first.isClosed);
    FakeWorker.last.say("here");
    FakeWorker.last.say("open", another);
    FakeWorker.last.say("events", another, [event(3)]);
    assert.deepEqual([seen, feed.status, warnings], [[2, 3], "open", []]);
  });

  test("is not given up by a page that slept", async () => {
    share();
    await follow();
    FakeWorker.last.say("here");
    await pass(9000);
    assert.equal(FakeWorker.last.heard("here?").length, 1);
    // The clock goes on, and no timer does.
    const { now } = Date;
    Date.now = () => now() + 3600000;
    await pass(3000);
    FakeWorker.last.say("here");
    await pass(8000);
    Date.now = now;
    assert.equal(FakeWorker.all.length, 1);
    assert.deepEqual(warnings, []);
  });

  test("is left by a page that goes, and found again by one that comes back", async () => {
    share();
    const { feed, seen, key } = await follow();
    FakeWorker.last.say("here");
    FakeWorker.last.say("open", key);
    FakeWorker.last.say("events", key, [event(2)]);
    for (const listener of listeners.pagehide) listener({});
    assert.equal(FakeWorker.last.heard("leave").length, 1);
    for (const listener of listeners.pageshow) listener({ type: "pageshow", persisted: true });
    await pass(200);
    assert.equal(FakeWorker.all.length, 2);
    assert.equal(FakeWorker.last.heard("open")[0][3], "a-2");
    assert.equal(feed.status, "connecting");
    assert.deepEqual(seen, [2]);
  });

  test("is told whether the page is seen, and that the user has gone", async () => {
    const shares = share(undefined, { key: "ann" });
    await follow();
    document.visibilityState = "hidden";
    for (const listener of listeners.visibilitychange) listener({ type: "visibilitychange" });
    shares.expire();
    assert.deepEqual(FakeWorker.last.heard("seen"), [["seen", true], ["seen", false]]);
    assert.deepEqual(FakeWorker.last.heard("expire"), [["expire", "ann"]]);
  });
});
