// The example `orders` in Chromium: its page is of another origin than its interface.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

describe("orders, with a front end of another origin", () => {
  let shop, browser, ann, bob, front;

  async function logIn(name) {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(front);
    await page.fill("#login input", name);
    await page.click("#login button");
    await page.waitForFunction((name) => document.getElementById("who").textContent === name, name);
    return page;
  }

  const text = (page, selector, wanted) =>
    page.waitForFunction(([selector, wanted]) => document.querySelector(selector)?.textContent.includes(wanted), [selector, wanted]);

  before(async () => {
    const port = await freePort();
    shop = new Example("orders", await freePort(), { FRONT: String(port) });
    front = `http://127.0.0.1:${port}`;
    await shop.start(({ status }) => status === 404);
    browser = await launch();
    [ann, bob] = [await logIn("ann"), await logIn("bob")];
  });

  after(async () => {
    await browser?.close();
    await shop?.stop("SIGKILL");
  });

  test("an order goes to its user alone", async () => {
    await ann.fill("#order input", "pen");
    await ann.click("#order button");
    await text(ann, "#orders", "pen 0 %");
    assert.equal(await bob.textContent("#orders"), "");
  });

  test("a room has who is there, who types and what is said", async () => {
    await text(ann, "#present", "ann, bob");
    await bob.fill("#say input", "hello");
    await text(ann, "#typing", "bob types");
    await bob.press("#say input", "Enter");
    await text(ann, "#lines", "bob: hello");
    await text(bob, "#lines", "me: hello");
  });

  test("logged out, all of a user's connections have ended for good, and nobody else's", async () => {
    await ann.click("#logout");
    await ann.waitForFunction(() => document.getElementById("status").textContent === "ended: 4001");
    await text(bob, "#present", "here: bob");
    await text(bob, "#status", "live");
  });
});
