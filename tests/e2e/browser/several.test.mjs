// The data of several loaders on one page, each found by the name that the server gave its script.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

describe("several loaders on one page", () => {
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

  test("each value is that of its own script, goes on from its position, and is not asked for", async () => {
    const page = await browser.newPage();
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(`${server.url}/several`);
    await page.evaluate(async () => {
      const { live } = await import("/ereo.js");
      window.seen = {};
      const follow = (name, loader, options) => {
        const numbers = (window.seen[name] = []);
        live(loader, "/count", { ...options, reduce: (_, { n }) => (numbers.push(n), { n }) }).subscribe((value, status) => {
          if (!numbers.length && status !== "live") numbers.push(value.n);
        });
      };
      follow("first", "/count/now");
      follow("now", "/count/now", { script: "now" });
      follow("twice", "/count/twice", { script: 'twice & "quoted"' });
    });
    await page.waitForFunction(() => Object.values(window.seen).every((numbers) => numbers.length > 10));
    const { first, now, twice } = await page.evaluate(() => window.seen);
    const [counted] = now;
    assert.equal(first[0], counted);
    // Of a loader that was asked a moment later.
    assert.ok(twice[0] >= 2 * counted && twice[0] <= 2 * counted + 8, `${twice[0]} beside ${counted}`);
    for (const [, next, ...rest] of [first, now, twice]) {
      assert.ok(next <= counted + 5, `${next} after ${counted}`);
      assert.deepEqual(rest, rest.map((_, at) => next + 1 + at));
    }
    assert.ok(first[1] === counted || first[1] === counted + 1);
    assert.deepEqual(asked.filter((path) => /\/(now|twice)$/.test(path)), []);
  });

  test("a script that is not there is no other's: the loader is asked", async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/several`);
    const asked = page.waitForRequest(/\/count\/now$/);
    await page.evaluate(async () => {
      const { live } = await import("/ereo.js");
      window.view = live("/count/now", "/count", { script: "none" });
    });
    await asked;
    await page.waitForFunction(() => window.view.value?.n > 0 && window.view.status === "live");
  });
});
