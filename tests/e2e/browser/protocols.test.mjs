// What Chromium makes of subprotocols: one that is chosen, one that is not spoken, and a server that speaks
// none. The page is the chat's, so that echo is of another origin.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

describe("subprotocols", () => {
  let chat, echo, browser, page;
  const warnings = [];

  before(async () => {
    chat = new Example("chat", await freePort());
    echo = new Example("echo", await freePort());
    await Promise.all([chat.start(), echo.start(({ status }) => status === 404)]);
    browser = await launch();
    page = await browser.newPage();
    page.on("pageerror", (error) => assert.fail(error));
    page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    await page.goto(`${chat.url}/?user=ann`);
  });

  after(async () => {
    await browser?.close();
    await Promise.all([chat?.stop("SIGKILL"), echo?.stop("SIGKILL")]);
  });

  /** How a socket of the module is once it is open, or closed for good. */
  const settled = (url, protocols) =>
    page.evaluate(
      async ([url, protocols]) => {
        const { socket } = await import("/ereo.js");
        const ws = socket(url, { protocols });
        await new Promise((done) => ws.subscribe((status) => status !== "connecting" && done()));
        return [ws.status, ws.protocol, ws.endedBy];
      },
      [url, protocols],
    );

  test("one in common is chosen", async () => {
    assert.deepEqual(await settled(`${echo.url}/ws`, ["echo.v2", "echo.v1"]), ["open", "echo.v1", null]);
  });

  test("none in common closes the socket for good, also across origins", async () => {
    assert.deepEqual(await settled(`${echo.url}/ws`, ["echo.v2"]), ["closed", "", "protocol"]);
    const [warning] = warnings.splice(0);
    assert.match(warning, /echo\.v2 offered, echo\.v1 spoken/);
  });

  test("a server that speaks none closes it as well", async () => {
    assert.deepEqual(await settled("/api/ws?user=bob", ["chat.v1"]), ["closed", "", "protocol"]);
    const [warning] = warnings.splice(0);
    assert.match(warning, /chat\.v1 offered, none spoken/);
  });
});
