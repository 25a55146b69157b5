// A network that passes no bytes any more and closes nothing, as behind a laptop's sleep: `events`, `live`
// and `socket` notice within two heartbeats, and go on without loss once it is back. In Node and in Chromium.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";
import { NodePage } from "./in_node.mjs";
import { Proxy } from "./proxy.mjs";
import { until } from "./until.mjs";

/** Of every route. */
const HEARTBEAT = 500;
/** What a busy machine may take beyond two of them: a timer that is late gives one more heartbeat of grace. */
const SLACK = 2500;

const MODULE = new URL("../../../ereo-runtime/client/ereo.js", import.meta.url).href;

// What runs in the page, or in Node as it would there.

async function begin({ module, base }) {
  const { events, live, socket } = await import(module);
  const backoff = { base: 100, max: 400 };
  const seen = { events: [], live: [], socket: [], heard: [] };
  const feed = events(`${base}/count`, { backoff });
  feed.onreset = () => seen.events.push("reset");
  feed.on("message", ({ n }) => seen.events.push(n));
  const value = live(`${base}/count/now`, `${base}/count`, { backoff });
  value.subscribe((count) => count && seen.live.push(count.n));
  const ws = socket(`${base}/ws`, { backoff, id: ({ id }) => id });
  ws.onmessage = ({ type, n, said }) => {
    if (type === "heard") seen.heard.push(said);
    else seen.socket.push(n ?? type);
  };
  globalThis.under = { seen, connections: { events: feed, live: value, socket: ws } };
}

const statuses = () => Object.values(globalThis.under.connections).map(({ status }) => status);
const seen = () => globalThis.under.seen;
const send = (say) => globalThis.under.connections.socket.send({ say });
const close = () => Object.values(globalThis.under.connections).forEach((connection) => connection.close());

const UP = ["open", "live", "open"];
const AWAY = ["connecting", "reconnecting", "connecting"];

/** Whether these are the numbers without a gap; `live` sees one again that it was loaded with. */
const isWhole = (numbers) => numbers.every((n, at) => at === 0 || n === numbers[at - 1] + 1 || n === numbers[at - 1]);

function scenario(run) {
  const are = (expected, within) => until(async () => String(await run(statuses)) === String(expected), String(expected), within);

  return async (proxy, module) => {
    await run(begin, { module, base: proxy.url });
    await are(UP);
    // Not given up while all is well, though the page hears of nothing but heartbeats and counts.
    await new Promise((done) => setTimeout(done, 3 * HEARTBEAT));
    assert.deepEqual(await run(statuses), UP);

    proxy.stop();
    assert.equal(await run(send, "lost: it was handed to a connection that seemed to live"), true);
    await are(AWAY, 2 * HEARTBEAT + SLACK);
    assert.equal(await run(send, "said while it was away"), true);
    // Attempts are made meanwhile, and nobody answers them.
    await new Promise((done) => setTimeout(done, 2 * HEARTBEAT));
    assert.deepEqual(await run(statuses), AWAY);
    const before = await run(seen);

    proxy.recover();
    await are(UP);
    await until(async () => {
      const now = await run(seen);
      const goOn = ["events", "live", "socket"].every((name) => now[name].length > before[name].length + 20);
      return goOn && now.heard.length > 0;
    }, "they go on");
    const all = await run(seen);
    for (const name of ["events", "live", "socket"]) assert.ok(isWhole(all[name]), `${name}: ${all[name]}`);
    assert.deepEqual(all.heard, ["said while it was away"]);
    await run(close);
  };
}

describe("a network that passes no bytes", () => {
  let server, proxy, browser;

  before(async () => {
    server = new Example("e2e-server", await freePort());
    await server.start();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  beforeEach(async () => {
    proxy = await new Proxy(new URL(server.url).port).start();
  });

  afterEach(() => proxy.close());

  test("in Node", async (t) => {
    const node = new NodePage();
    t.after(() => node.close());
    await scenario(node.evaluate)(proxy, MODULE);
  });

  test("in Chromium", async () => {
    const page = await browser.newPage();
    await page.goto(proxy.url);
    await scenario((call, argument) => page.evaluate(call, argument))(proxy, "/ereo.js");
    await page.close();
  });

  test("a page that comes back looks at once", async () => {
    for (const returns of ["online", "pageshow", "visibilitychange"]) {
      const page = await browser.newPage();
      await page.clock.install();
      await page.goto(proxy.url);
      await page.evaluate(async () => {
        // Counts what the server says of its heartbeats: from then on the page knows how long may be silent.
        window.EventSource = class extends EventSource {
          constructor(...args) {
            super(...args);
            this.addEventListener("ereo.heartbeat", () => (window.told = true));
          }
        };
        const { events } = await import("/ereo.js");
        window.feed = events("/silence");
      });
      await page.waitForFunction(() => window.feed.status === "open" && window.told);
      await page.clock.fastForward(14000);
      const look = () => page.evaluate((type) => {
        const seen = [];
        const off = window.feed.subscribe((status) => seen.push(status));
        (type === "visibilitychange" ? document : window).dispatchEvent(new Event(type));
        off();
        return seen;
      }, returns);
      assert.deepEqual(await look(), ["open"]);
      await page.clock.fastForward(2000);
      assert.deepEqual(await look(), ["open", "connecting"]);
      await page.waitForFunction(() => window.feed.status === "open");
      await page.close();
    }
  });

  test("a stream that is finished is begun once, by an EventSource and by the module", async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    const begun = async () => Number(await (await fetch(`${server.url}/begun`)).text());
    const before = await begun();
    // Comes back by itself, and is told 204.
    const plain = await page.evaluate(() => new Promise((done) => {
      const seen = [];
      const source = new EventSource("/progress");
      source.onmessage = ({ data }) => seen.push(JSON.parse(data).n);
      source.onerror = () => source.readyState === 2 && done(seen);
    }));
    assert.deepEqual(plain, [10, 50, 100]);
    assert.equal(await begun(), before + 1);
    const ours = await page.evaluate(async () => {
      const { events } = await import("/ereo.js");
      const begin = (options) => new Promise((done) => {
        const seen = [];
        const feed = events("/progress", options);
        feed.on("message", ({ n }) => seen.push(n));
        feed.subscribe((status) => status === "closed" && done([seen, feed.endedBy, feed.lastEventId]));
      });
      const first = await begin();
      // Begun again on purpose.
      return [first, await begin({ lastEventId: first[2] })];
    });
    const whole = [[10, 50, 100], "end", ""];
    assert.deepEqual(ours, [whole, whole]);
    await new Promise((done) => setTimeout(done, 500));
    assert.equal(await begun(), before + 3);
    await page.close();
  });

  test("half an emoji costs neither the message nor the connection", async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    const heard = await page.evaluate(async () => {
      const { socket } = await import("/ereo.js");
      return new Promise((done) => {
        const ws = socket("/ws");
        const heard = [];
        ws.onmessage = ({ type, said }) => type === "heard" && heard.push(said) === 2 && done(heard);
        ws.subscribe((status) => status === "connecting" && heard.push(status));
        heard.length = 0;
        ws.send({ say: "cut \ud83d" });
        ws.send({ say: "next" });
      });
    });
    assert.deepEqual(heard, ["cut \ufffd", "next"]);
    await page.close();
  });
});
