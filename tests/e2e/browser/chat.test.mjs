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

const count = (page, text) =>
  page.evaluate((text) => [...document.querySelectorAll("#messages li")].filter((item) => item.textContent === text).length, text);

/** Waits until the server has taken everything that this page said. */
const acked = (page) => page.waitForFunction(() => !document.querySelector("#messages .own:not(.acked)"));

async function say(page, text) {
  await page.fill("input[name=text]", text);
  await page.press("input[name=text]", "Enter");
}

describe("chat", () => {
  let server, browser, context, ann, bob;

  async function open(user) {
    const page = await context.newPage();
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
    context = await browser.newContext();
    context.setDefaultTimeout(30000);
    ann = await open("ann");
    bob = await open("bob");
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  test("what one says the other hears, and the sender sees that it was taken", async () => {
    await line(ann, "bob joined");
    await say(ann, "hello");
    await line(bob, "ann: hello");
    await acked(ann);
    await say(bob, "<b>hi</b>");
    await line(ann, "bob: <b>hi</b>");
    assert.equal(await count(ann, "ann: hello"), 0);
  });

  test("who comes and who leaves is told", async () => {
    const cid = await open("cid");
    await both(line, "cid joined");
    await cid.close();
    await both(line, "cid left");
  });

  for (const signal of ["SIGKILL", "SIGTERM"]) {
    test(`after ${signal} both go on by themselves, and what was typed meanwhile arrives once`, async () => {
      await server.stop(signal);
      await both(status, "connecting");
      const text = `typed while ${signal}`;
      await say(ann, text);
      await server.start();
      await both(status, "open");
      // Who is back first speaks to nobody: what is heard is said once both are there.
      await say(ann, `back after ${signal}`);
      await line(bob, `ann: back after ${signal}`);
      await acked(ann);
      assert.ok((await count(bob, `ann: ${text}`)) <= 1);
      assert.equal(await count(ann, `me: ${text}`), 1);
      for (const page of [ann, bob]) assert.equal(await page.evaluate(() => window.sameDocument), true);
    });
  }

  test("a socket that is closed stays closed", async () => {
    const states = await ann.evaluate(async () => {
      const { socket } = await import("/ereo.js");
      const states = [];
      const chat = socket("/api/ws?user=brief", { backoff: { base: 1, jitter: "none" } });
      await new Promise((resolve) => chat.subscribe((state) => (states.push(state), state === "open" && resolve())));
      chat.close();
      const sent = chat.send({ id: 1 });
      // The server's word that it left comes after whatever a wrong reconnection would have begun.
      return { states, sent, status: chat.status };
    });
    await line(bob, "brief left");
    assert.deepEqual(states, { states: ["connecting", "open", "closed"], sent: false, status: "closed" });
    await say(bob, "nobody came back");
    await line(ann, "bob: nobody came back");
    assert.equal(await count(bob, "brief joined"), 1);
  });
});
