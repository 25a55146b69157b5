// What Chromium negotiates with the chat, and with echo, which compresses with context; and that
// compressed messages reach its page, both ways.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";
import { until } from "./until.mjs";

const OPCODE_TEXT = 1;

describe("compression", () => {
  let server, echo, browser;

  before(async () => {
    server = new Example("chat", await freePort());
    echo = new Example("echo", await freePort());
    await Promise.all([server.start(), echo.start(({ status }) => status === 404)]);
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await Promise.all([server?.stop("SIGKILL"), echo?.stop("SIGKILL")]);
  });

  /** A page of the chat, with what the browser tells of its socket. */
  async function open(user) {
    const page = await browser.newPage();
    page.on("pageerror", (error) => assert.fail(error));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Network.enable");
    const handshakes = [];
    const received = [];
    devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => handshakes.push(response));
    devtools.on("Network.webSocketFrameReceived", ({ response }) => received.push(response));
    await page.goto(`${server.url}/?user=${user}`);
    await until(async () => handshakes.length > 0, "the socket of the page is open");
    return { page, handshake: handshakes[0], received };
  }

  test("Chromium's offer is taken, and long messages come through, compressed", async () => {
    const ann = await open("ann");
    const bob = await open("bob");
    for (const { handshake } of [ann, bob]) {
      const headers = new Headers(handshake.headers);
      assert.equal(handshake.status, 101);
      assert.equal(
        headers.get("sec-websocket-extensions"),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
      );
    }
    for (let number = 0; number < 20; number++) {
      const text = `${number}: ${"a line that is said again and again; ".repeat(50)}`;
      await ann.page.fill("input[name=text]", text);
      await ann.page.press("input[name=text]", "Enter");
      const told = () => bob.received.find(({ payloadData }) => payloadData.includes(`"${number}: `));
      await until(async () => told(), `message ${number} reaches the other page`);
      const frame = told();
      assert.equal(frame.opcode, OPCODE_TEXT);
      assert.equal(JSON.parse(frame.payloadData).text, text);
    }
  });

  test("with context each message refers to those before it, in both directions", async () => {
    const page = await browser.newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Network.enable");
    const handshake = new Promise((resolve) =>
      devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => resolve(response)),
    );
    // Echo has no page, but an answer to who does not upgrade: a text of the origin that may connect.
    await page.goto(`${echo.url}/ws`);
    const sent = Array.from({ length: 50 }, (_, number) => `message ${number} is like the others; `.repeat(number));
    const heard = await page.evaluate(async (sent) => {
      const socket = new WebSocket(new URL("/ws", location.href.replace("http", "ws")));
      await new Promise((open, fail) => Object.assign(socket, { onopen: open, onerror: fail }));
      const heard = [];
      for (const text of sent) {
        const answer = new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(data)));
        socket.send(text);
        heard.push(await answer);
      }
      return heard;
    }, sent);
    assert.deepEqual(heard, sent);
    const headers = new Headers((await handshake).headers);
    assert.equal(
      headers.get("sec-websocket-extensions"),
      "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
    );
  });
});
