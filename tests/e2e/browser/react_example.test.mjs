// The example `react`: the guide's LiveFeed, chat and dashboard, built by Vite from the packed npm package, in Chromium,
// at 50 and at 1,000 events a second.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { install } from "../packed.mjs";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

describe("the example react", () => {
  let root, browser, server, built, page;

  before(async () => {
    root = install(at("../../../examples/react/web"), "react");
    await build({ root, configFile: `${root}vite.config.js`, logLevel: "warn" });
    browser = await launch();
  });

  after(async () => {
    await built?.close();
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  test("its types are checked against the contract", () => {
    execFileSync(process.execPath, [at("../node_modules/typescript/bin/tsc"), "-p", root], { stdio: "pipe" });
  });

  for (const rate of [50, 1000]) {
    test(`${rate} events a second`, async () => {
      await built?.close();
      await server?.stop("SIGKILL");
      server = new Example("react", await freePort(), { RATE: rate });
      await server.start((response) => response.status === 404);
      process.env.SERVER = server.url;
      built = await preview({ root, configFile: `${root}vite.config.js`, preview: { port: await freePort() }, logLevel: "warn" });
      page = await browser.newPage();
      const errors = [];
      page.on("pageerror", (error) => errors.push(error));
      await page.goto(built.resolvedUrls.local[0]);
      await page.waitForFunction(() => /^connected, \d+ heard$/.test(document.querySelector("#feed p")?.textContent));
      await page.waitForSelector("#feed li");
      const seen = () =>
        page.evaluate(() => ({
          heard: +/\d+/.exec(document.querySelector("#feed p").textContent)[0],
          shown: [...document.querySelectorAll("#feed li")].map(({ textContent }) => +/\d+/.exec(textContent)[0]),
        }));
      const before = await seen();
      // Every change of the list is of one render, of which there is one a frame at most.
      const [renders, frames] = await page.evaluate(async () => {
        let [renders, frames] = [0, 0];
        new MutationObserver(() => (renders += 1)).observe(document.querySelector("#feed ul"), { childList: true });
        const until = performance.now() + 2000;
        while (performance.now() < until) {
          await new Promise(requestAnimationFrame);
          frames += 1;
        }
        return [renders, frames];
      });
      assert.ok(renders > 10 && renders <= frames + 1, `${renders} renders in ${frames} frames`);
      const { heard, shown } = await seen();
      assert.deepEqual(shown, shown.map((_, n) => shown[0] + n), "without a gap");
      assert.equal(shown.length, 50);
      assert.ok(heard - before.heard > rate, `${heard - before.heard} heard`);
      assert.equal(heard - before.heard, shown.at(-1) - before.shown.at(-1), "each was handled once");
      await page.waitForFunction(() => /Active users: 1Revenue today: \$[1-9]\d* \(live\)$/.test(document.querySelector("#dashboard").textContent));
      assert.deepEqual(errors, []);
    });
  }

  test("what is said is acknowledged, and read by all", async () => {
    const other = await browser.newPage();
    await other.goto(built.resolvedUrls.local[0]);
    for (const one of [page, other]) await one.waitForFunction(() => document.querySelector("#chat p")?.textContent.startsWith("open"));
    await page.fill("#chat input", "hello");
    await page.press("#chat input", "Enter");
    for (const one of [page, other]) await one.waitForFunction(() => document.querySelector("#chat li")?.textContent === "hello");
    // Its acknowledgement empties it.
    await page.waitForFunction(() => document.querySelector("#chat input").value === "");
  });
});
