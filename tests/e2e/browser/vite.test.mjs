// The npm package, packed and installed into an application of Vite: as its dev server serves it, and as it is built.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build, createServer, preview } from "vite";
import { install } from "../packed.mjs";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

const skip = process.env.LEAN === "off" && "what is bundled is the same, whichever way the server writes";

describe("ereo-client in an application of Vite", { skip }, () => {
  let root, server, browser;

  before(async () => {
    root = install(fileURLToPath(new URL("../vite", import.meta.url)), "vite");
    server = new Example("e2e-server", await freePort());
    process.env.SERVER = server.url;
    await server.start();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  /** Whether the page has what the streams send, without a gap. */
  async function works(url) {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error));
    page.on("console", (message) => message.type() !== "log" && message.type() !== "debug" && message.type() !== "info" && errors.push(message.text()));
    await page.goto(url);
    await page.waitForFunction(() => window.seen && Object.values(window.seen).every((numbers) => numbers.length > 20));
    await page.waitForFunction(() => /^live \d+$/.test(document.body.textContent.trim()));
    for (const numbers of Object.values(await page.evaluate(() => window.seen))) {
      assert.deepEqual(numbers, numbers.map((_, n) => numbers[0] + n));
    }
    assert.deepEqual(errors, []);
    assert.equal(await page.evaluate(() => window.shared.isShared), true, "by the worker, wherever its script was put");
    await page.close();
  }

  test("vite", async () => {
    const dev = await createServer({ root, configFile: `${root}vite.config.js`, server: { port: await freePort() } });
    await dev.listen();
    try {
      await works(dev.resolvedUrls.local[0]);
    } finally {
      await dev.close();
    }
  });

  test("vite build, vite preview", async () => {
    await build({ root, configFile: `${root}vite.config.js` });
    const built = await preview({ root, configFile: `${root}vite.config.js`, preview: { port: await freePort() } });
    try {
      await works(built.resolvedUrls.local[0]);
    } finally {
      await built.close();
    }
    assert.ok(readdirSync(`${root}dist/assets`).length > 0);
  });
});
