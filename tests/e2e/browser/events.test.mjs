// The guide's server-sent events as its reader would use them: the browser's own EventSource.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

describe("the events example", () => {
  let server, browser, page;

  before(async () => {
    server = new Example("events", await freePort());
    await server.start();
    browser = await launch();
    page = await browser.newPage();
    page.setDefaultTimeout(15000);
    await page.goto(server.url);
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  test("the ticker ticks every two seconds", async () => {
    await page.evaluate(() => {
      window.ticks = [];
      window.source = new EventSource("/api/events");
      window.source.onmessage = (event) => window.ticks.push({ at: performance.now(), ...JSON.parse(event.data) });
    });
    await page.waitForFunction(() => window.ticks.length >= 3);
    const ticks = await page.evaluate(() => (window.source.close(), window.ticks));
    for (const [n, tick] of ticks.entries()) {
      assert.equal(typeof tick.message, "string");
      assert.ok(!Number.isNaN(Date.parse(tick.time)), tick.time);
      if (n > 0) assert.ok(Math.abs(tick.at - ticks[n - 1].at - 2000) < 1000, `after ${tick.at - ticks[n - 1].at} ms`);
    }
  });

  test("named events reach their own listeners, as they were posted and in order", async () => {
    await page.evaluate(() => {
      window.seen = [];
      window.source = new EventSource("/api/feed");
      for (const name of ["message", "notification", "chat"]) {
        window.source.addEventListener(name, (event) => window.seen.push([name, event.data]));
      }
      return new Promise((opened) => (window.source.onopen = opened));
    });
    const posted = [
      ["notification", '{"title":"first"}'],
      ["chat", '{"from":"Zoë","text":"<b>&\\n\\u2028"}'],
      ["message", "[1,2]"],
      ["notification", '{"title":"last"}'],
    ];
    for (const [name, body] of posted) {
      const path = name === "message" ? "/api/feed" : `/api/feed?event=${name}`;
      assert.equal(Math.floor((await server.post(path, body)) / 100), 2);
    }
    await page.waitForFunction((count) => window.seen.length >= count, posted.length);
    assert.deepEqual(await page.evaluate(() => (window.source.close(), window.seen)), posted);
  });
});
