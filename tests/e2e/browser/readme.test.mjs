// The README's first lines and the page's lines beneath them, in Chromium.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

const README = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
/** One with the browser's own EventSource, one with the module. */
const [TEN, EACH] = [/## Ten lines[^]*?```js\n([^]*?)```/, /## One of each[^]*?```js\n([^]*?)```/].map((block) => block.exec(README)[1].trim());
const LINES = TEN.split("\n");

describe("the README's ten lines", () => {
  let server, browser, page;

  before(async () => {
    server = new Example("ten-lines", await freePort());
    await server.start();
    browser = await launch();
    page = await browser.newPage();
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(server.url);
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  test("the page gets the texts that are broadcast, as they are", async () => {
    assert.equal(LINES.length, 2);
    await page.evaluate(async (lines) => {
      const { events } = await import("/ereo.js");
      window.seen = [];
      window.connected = Promise.all(
        lines.map((line, n) => {
          const show = (text) => window.seen[n].push(text);
          window.seen[n] = [];
          const source = new Function("events", "show", "EventSource", line);
          return new Promise((open) => {
            class Opened extends EventSource {
              constructor(url) {
                super(url);
                this.addEventListener("open", open);
              }
            }
            const opened = (url) => {
              const feed = events(url);
              feed.subscribe((status) => status === "open" && open());
              return feed;
            };
            source(opened, show, Opened);
          });
        }),
      );
      await window.connected;
    }, LINES);
    const texts = ["hello", "", "two\nlines", "{", "it's \"quoted\" in part", "\u{1f600}"];
    for (const text of texts) assert.equal(await server.post("/say", text), 200);
    await page.waitForFunction((count) => window.seen.every((seen) => seen.length === count), texts.length);
    assert.deepEqual(await page.evaluate(() => window.seen), [texts, texts]);
  });

  test("the page of one of each has the list, then what others say on the socket", async () => {
    await page.goto(server.url);
    await page.evaluate(async (code) => {
      const { live, socket } = await import("/ereo.js");
      window.shown = [];
      const render = (list, status) => window.shown.push([list, status]);
      new Function("live", "socket", "render", code.replace(/^import .*$/m, ""))(live, socket, render);
    }, EACH);
    await page.waitForFunction(() => window.shown.at(-1)?.[0]?.length === 2 && window.shown.at(-1)[1] === "live");
    assert.deepEqual(await page.evaluate(() => window.shown.at(-1)[0]), [
      { notification: { text: "welcome to lobby" } },
      { chat: { from: "ann", text: "hello" } },
    ]);
  });
});
