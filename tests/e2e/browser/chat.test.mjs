// Two pages chat; the server is killed and comes back; both go on by themselves.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

const status = (page, expected) =>
  page.waitForFunction((expected) => document.getElementById("status").textContent === expected, expected);

/** Waits until the list has this line. */
const line = (page, text) =>
  page.waitForFunction(
    (text) => [...document.querySelectorAll("#messages li")].some((item) => item.textContent === text),
    text,
  );

const lines = (page) => page.locator("#messages li").allTextContents();

/** Waits until the server has taken everything that this page said. */
const acked = (page) => page.waitForFunction(() => !document.querySelector("#messages .own:not(.acked)"));

async function say(page, text) {
  await page.fill("input[name=text]", text);
  await page.press("input[name=text]", "Enter");
}

describe("chat", () => {
  let server, browser, ann, bob;
  const saidByAnn = [];

  async function annSays(text) {
    saidByAnn.push(`ann: ${text}`);
    await say(ann, text);
  }

  async function open(user) {
    // In a context of its own, as clocks belong to contexts.
    const context = await browser.newContext();
    context.setDefaultTimeout(15000);
    const page = await context.newPage();
    await page.clock.install(); // goes on like any other until it is paused
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(`${server.url}/?user=${user}`);
    await status(page, "open");
    // Lost if the page is ever loaded again.
    await page.evaluate(() => (window.sameDocument = true));
    return page;
  }

  const both = (check, ...rest) => Promise.all([ann, bob].map((page) => check(page, ...rest)));

  before(async () => {
    server = new Example("chat", await freePort(), { WORKERS: "2" });
    await server.start();
    browser = await launch();
    ann = await open("ann");
    bob = await open("bob");
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  test("what one says the other hears, and the sender sees that it was taken", async () => {
    await line(ann, "bob joined");
    await annSays("hello");
    await line(bob, "ann: hello");
    await acked(ann);
    await say(bob, "<b>hi</b>");
    await line(ann, "bob: <b>hi</b>");
    assert.ok(!(await lines(ann)).includes("ann: hello"));
  });

  test("who comes and who leaves is told", async () => {
    const cid = await open("cid");
    await both(line, "cid joined");
    await cid.close();
    await both(line, "cid left");
  });

  for (const signal of ["SIGKILL", "SIGTERM"]) {
    test(`after ${signal} both go on by themselves, and what was typed meanwhile arrives once`, async () => {
      const from = Date.now();
      const { code } = await server.stop(signal);
      if (signal === "SIGTERM") {
        assert.equal(code, 0);
        // Its drain may take 10 s; waiting them out would mean that the sockets were not closed.
        assert.ok(Date.now() - from < 5000, `it took ${Date.now() - from} ms`);
      }
      await both(status, "connecting");
      // Ann's timers stand still until Bob is back: what she typed is said once, to those who are there.
      await ann.clock.pauseAt(Date.now() + 60000);
      const typed = [1, 2, 3].map((n) => `${n} typed after ${signal}`);
      for (const text of typed) await annSays(text);
      assert.equal(await ann.locator("#messages .own:not(.acked)").count(), typed.length);
      await server.start();
      await status(bob, "open");
      assert.equal(await ann.locator("#status").textContent(), "connecting");
      await ann.clock.resume();
      await status(ann, "open");
      await acked(ann);
      await annSays(`back after ${signal}`);
      await line(bob, `ann: back after ${signal}`);
      // All that she ever said: a message of before must not come again either.
      assert.deepEqual((await lines(bob)).filter((text) => text.startsWith("ann: ")), saidByAnn);
      await say(bob, `me too after ${signal}`);
      await line(ann, `bob: me too after ${signal}`);
      for (const page of [ann, bob]) assert.equal(await page.evaluate(() => window.sameDocument), true);
    });
  }

  test("a socket that is closed stays closed", async () => {
    const seen = await ann.evaluate(async () => {
      const made = [];
      const Real = WebSocket;
      window.WebSocket = class extends Real {
        constructor(...args) {
          super(...args);
          made.push(this);
        }
      };
      const { socket } = await import("/ereo.js");
      const states = [];
      const chat = socket("/api/ws?user=brief", { backoff: { base: 1, jitter: "none" } });
      await new Promise((resolve) => chat.subscribe((state) => (states.push(state), state === "open" && resolve())));
      const gone = new Promise((resolve) => made[0].addEventListener("close", resolve));
      chat.close();
      const sent = chat.send({ id: 1 });
      const { code } = await gone;
      // Many times the wait before another attempt, in the page's own time.
      await new Promise((done) => setTimeout(done, 300));
      window.WebSocket = Real;
      return { states, sent, code, attempts: made.length };
    });
    assert.deepEqual(seen, { states: ["connecting", "open", "closed"], sent: false, code: 1000, attempts: 1 });
    await line(bob, "brief left");
  });
});
