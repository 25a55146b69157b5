// An event stream that is asked for by POST, with a token in `Authorization`: what an EventSource cannot send. In
// Chromium, against Ereo's own server, over a connection that is cut.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";
import { Front } from "./front.mjs";
import { until } from "./until.mjs";

const PAGE = `
  import { events } from "/ereo.js";
  import { overFetch } from "/ereo.fetch.js";
  window.tokens = 0;
  window.ask = (every, token) => {
    window.seen = [];
    const headers = () => ({ authorization: "Bearer " + token + (window.tokens += 1), "content-type": "application/json" });
    const transport = overFetch({ method: "POST", body: JSON.stringify({ every }), headers });
    window.feed = events("/asked", { transport, backoff: { base: 50 } });
    window.feed.onreset = () => window.seen.push("reset");
    window.feed.on("message", ({ n }) => window.seen.push(n));
  };
  window.isReady = true;
`;

describe("a stream with headers and a body", () => {
  let server, front, browser, page;

  before(async () => {
    server = new Example("e2e-server", await freePort());
    await server.start();
    front = await new Front(PAGE, new URL(server.url).port).start();
    browser = await launch();
    page = await browser.newPage();
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(front.url);
    await page.waitForFunction(() => window.isReady);
  });

  after(async () => {
    await browser?.close();
    front?.stop();
    await server?.stop("SIGKILL");
  });

  const seen = () => page.evaluate(() => window.seen);

  test("goes on from its position when it is cut, with another token and the same question", async () => {
    await page.evaluate(() => window.ask(3, "user-"));
    for (let cuts = 0; cuts < 3; cuts++) {
      const before = (await seen()).length;
      await until(async () => (await seen()).length > before + 3, "it goes on");
      front.cut();
    }
    const before = (await seen()).length;
    await until(async () => (await seen()).length > before + 3, "it has come back");
    const numbers = await seen();
    assert.equal(numbers[0] % 3, 0);
    assert.deepEqual(numbers, numbers.map((_, at) => numbers[0] + 3 * at));
    assert.ok((await page.evaluate(() => window.tokens)) > 3, "asked for at each attempt");
    assert.equal(front.open, 1);
    await page.evaluate(() => window.feed.close());
    await until(() => front.open === 0, "closed");
  });

  test("without a token that the server knows it is refused, for good", async () => {
    await page.evaluate(() => window.ask(1, "nobody-"));
    await page.waitForFunction(() => window.feed.endedBy === 401);
    assert.deepEqual(await seen(), []);
  });
});
