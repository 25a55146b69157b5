// Connections that the server ends by name: for good they stay closed and say why, otherwise they come back. In Node and
// in Chromium, with the module and with an EventSource alone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";
import { NodePage } from "./in_node.mjs";
import { until } from "./until.mjs";

const MODULE = new URL("../../../ereo-runtime/client/ereo.js", import.meta.url).href;

// What runs in the page, or in Node as it would there.

async function begin({ module, base, user }) {
  const { events, live, socket } = await import(module);
  const backoff = { base: 100, max: 400 };
  const own = (path) => `${base}/named${path}?user=${user}`;
  const numbers = [];
  const feed = events(own(""), { backoff });
  feed.on("message", ({ n }) => numbers.push(n));
  const bare = new EventSource(own(""));
  const value = live(own("/now"), own(""), { backoff });
  globalThis.ended = { numbers, bare, ours: [feed, value, socket(own("/ws"), { backoff })] };
}

const statuses = () => [...globalThis.ended.ours.map(({ status }) => status), globalThis.ended.bare.readyState];
const told = () => globalThis.ended.ours.map(({ endedBy, lastClose }) => [endedBy, lastClose?.reason ?? null]);
const numbers = () => globalThis.ended.numbers;

function scenario(run) {
  const are = (expected) => until(async () => String(await run(statuses)) === String(expected), String(expected));
  const isWhole = (all) => all.every((n, at) => at === 0 || n === all[at - 1] + 1);

  return async (server, module, user) => {
    const end = async (code, reason, last) => {
      const query = new URLSearchParams({ user, code, reason, last });
      return (await fetch(`${server.url}/end?${query}`, { method: "POST" })).text();
    };
    const up = ["open", "live", "open", 1];
    await run(begin, { module, base: server.url, user });
    await are(up);
    // The code is one that ends a socket by itself, were it not for what the server says.
    assert.equal(await end(4002, "moved", false), "4");
    await until(async () => (await run(told))[2][1] === "moved", "it is told");
    await are(up);
    const { length } = await run(numbers);
    await until(async () => (await run(numbers)).length > length + 5, "it goes on");
    const all = await run(numbers);
    assert.ok(isWhole(all), String(all));
    assert.deepEqual((await run(told)).map(([endedBy]) => endedBy), [null, null, null]);

    assert.equal(await end(4001, "logged out", true), "4");
    await are(["closed", "closed", "closed", 2]);
    assert.deepEqual(await run(told), [[4001, null], [4001, null], [4001, "logged out"]]);
    assert.equal(await end(4001, "logged out", true), "0");
  };
}

describe("connections that are ended by name", () => {
  let server, browser;

  before(async () => {
    server = new Example("e2e-server", await freePort());
    await server.start();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  test("in Node", async (t) => {
    const node = new NodePage();
    t.after(() => node.close());
    await scenario(node.evaluate)(server, MODULE, "ann");
  });

  test("in Chromium", async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    await scenario((call, argument) => page.evaluate(call, argument))(server, "/ereo.js", "bob");
    await page.close();
  });
});
