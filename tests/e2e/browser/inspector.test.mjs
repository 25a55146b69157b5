// The inspector, as people see it: every tab with traffic, an ended connection, both colour schemes, 10,000 connections.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";
import { until } from "./until.mjs";

const PICTURE = fileURLToPath(
  process.env.UPDATE_PICTURE === "1"
    ? new URL("../../../docs/inspector.png", import.meta.url)
    : new URL("../output/inspector.png", import.meta.url),
);

/** A process may have so many descriptors: as many streams as that allows, 10,000 at the most. */
const MANY = Number(process.env.MANY ?? 10000);

const UPGRADE = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

describe("inspector", () => {
  let server, browser, origin, port;
  const streams = new Set();

  /** Opens a stream over a socket that is read. */
  async function stream(path, headers = "") {
    const socket = connect(port, "127.0.0.1");
    streams.add(socket);
    socket.on("error", () => {});
    socket.received = "";
    socket.setEncoding("utf8").on("data", (text) => (socket.received = (socket.received + text).slice(-2000)));
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`);
    await once(socket, "data");
    return socket;
  }

  async function open(colorScheme = "light") {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 860 } });
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
    await page.goto(`${origin}/__ereo`);
    await page.locator('#status[data-is="live"]').waitFor();
    return page;
  }

  const row = (page, text) => page.locator("#view tbody tr", { hasText: text });

  before(async () => {
    port = await freePort();
    server = new Example("inspector", port, { WORKERS: "2" });
    await server.start(() => true);
    origin = `http://localhost:${port}`;
    browser = await launch();
    await Promise.all([stream("/rooms/lobby/feed"), stream("/rooms/lobby/feed"), stream("/rooms/kitchen/feed")]);
    await Promise.all([stream("/rooms/lobby", UPGRADE), stream("/rooms/kitchen", UPGRADE)]);
    await Promise.all([...Array(10)].map(() => stream("/ticks")));
    // A position of another life, and a route that is not there.
    await stream("/ticks", "last-event-id: 0000000000000000-7\r\n");
  });

  after(async () => {
    for (const socket of streams) socket.destroy();
    await browser?.close();
    await server?.stop("SIGKILL");
  });

  test("every tab shows what there is, in both colour schemes", async () => {
    for (const scheme of ["light", "dark"]) {
      const page = await open(scheme);
      const [red] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      assert.equal(red > 128, scheme === "light");

      await page.locator("#tab-routes").click();
      await row(page, "GET /ticks").first().waitFor();
      assert.match(await row(page, "GET /rooms/{room}/feed").innerText(), /inspector::feed · examples.inspector.main.rs:\d+/);
      await until(async () => Number(await row(page, "GET /ticks").first().locator("td").nth(5).innerText()) > 50, "deliveries are counted");

      await page.locator("#tab-connections").click();
      await until(async () => (await page.locator("#view tbody tr").count()) === 16, "all connections");
      for (const order of ["Slowest", "Busiest", "Oldest"]) {
        await page.getByRole("button", { name: order }).click();
        assert.equal(await page.locator("#view tbody tr").count(), 16);
      }
      await page.locator("#search").fill("rooms");
      await until(async () => (await page.locator("#view tbody tr").count()) === 5, "those that are found");

      await page.locator("#tab-sets").click();
      assert.match(await row(page, "Line / lobby").innerText(), /\b3\b/);
      assert.match(await row(page, "inspector::Tick").innerText(), /[0-9a-f]+-\d+/);

      await page.locator("#tab-problems").click();
      await row(page, "epoch").first().waitFor();
      assert.match(await row(page, "epoch").first().innerText(), /(now|ago)[\s\S]*reset[\s\S]*\/ticks/);

      await page.locator("#tab-live").click();
      await until(async () => (await page.locator("#view tbody tr").count()) > 5, "samples");
      assert.match(await row(page, "Tick").first().innerText(), /"number":\d+/);

      await page.locator("#tab-contract").click();
      await until(async () => (await page.locator("pre.document").innerText()).includes("/rooms/{room}/feed"), "types");
      await page.getByRole("button", { name: "AsyncAPI" }).click();
      assert.equal(JSON.parse(await page.locator("pre.document").innerText()).asyncapi, "3.0.0");

      await page.locator("#tab-store").click();
      await page.getByText("none has a store").waitFor();

      // The plots have their lines.
      await until(() => page.evaluate(() => [...document.querySelectorAll("#plots polyline")].slice(0, 3).every((line) => line.getAttribute("points").split(" ").length > 2)), "plots");
      assert.deepEqual(page.faults, []);
      await page.close();
    }
  });

  test("a route is tried in the page", async () => {
    const page = await open();
    const tries = async (path) => {
      await page.locator("#tab-routes").click();
      await row(page, path).first().getByRole("button", { name: "Try it" }).click();
    };
    const log = page.locator("#try-log");
    await tries("GET /ticks/now");
    await page.locator("#try").getByRole("button", { name: "Open" }).click();
    await until(async () => /"number": \d+/.test(await log.innerText()), "the loader's answer");

    await tries("GET /rooms/{room}/feed");
    await page.locator('#try [name="room"]').fill("a room/ü");
    await page.locator("#try").getByRole("button", { name: "Open" }).click();
    await until(async () => (await log.innerText()).includes("text/event-stream"), "the stream is open");
    // Somebody speaks there.
    const said = await page.evaluate((url) => new Promise((done) => {
      const socket = new WebSocket(url);
      socket.onopen = () => socket.send(JSON.stringify({ from: "ann", text: "hello" }));
      socket.onmessage = ({ data }) => { socket.close(); done(data); };
    }), `ws://localhost:${port}/rooms/a%20room%2F%C3%BC`);
    assert.match(said, /hello/);
    await until(async () => (await log.innerText()).includes('"text":"hello"'), "the event");
    await page.locator("#try").getByRole("button", { name: "Close" }).click();

    await row(page, "websocket").getByRole("button", { name: "Try it" }).click();
    await page.locator('#try [name="room"]').fill("den");
    await page.locator("#try").getByRole("button", { name: "Open" }).click();
    await page.locator('#try [name="text"]').fill('{"from":"me","text":"echo"}');
    await page.locator("#try").getByRole("button", { name: "Send" }).click();
    await until(async () => (await log.locator("li", { hasText: "message" }).count()) > 0, "its answer");
    await page.locator("#try").getByRole("button", { name: "Leave" }).click();
    assert.deepEqual(page.faults, []);
    await page.close();
  });

  test("a connection is ended by two clicks", async () => {
    const page = await open();
    const socket = await stream("/rooms/ended/feed");
    await page.locator("#tab-connections").click();
    await page.locator("#search").fill(`127.0.0.1:${socket.localPort}`);
    const [end] = [page.getByRole("button", { name: /End connection/ })];
    await until(async () => (await end.count()) === 1, "it is found");
    await end.click();
    assert.equal(await end.innerText(), "Sure?");
    assert.doesNotMatch(socket.received, /ereo.closed/);
    await end.click();
    await until(() => /ended by the inspector/.test(socket.received), "it is told");
    await until(async () => (await page.locator("#view tbody tr").count()) === 0, "it is gone");
    assert.deepEqual(page.faults, []);
    await page.close();
  });

  test("the picture", async () => {
    const page = await open();
    await page.locator("#tab-connections").click();
    await page.waitForTimeout(process.env.UPDATE_PICTURE === "1" ? 30000 : 1000);
    mkdirSync(dirname(PICTURE), { recursive: true });
    await page.screenshot({ path: PICTURE });
    await page.close();
  });

  test(`${MANY} connections: the page answers and goes on`, async (t) => {
    const many = [];
    while (many.length < MANY) {
      many.push(...(await Promise.all([...Array(Math.min(250, MANY - many.length))].map(() => stream("/rooms/crowd/feed")))));
    }
    const page = await open();
    await page.locator("#tab-connections").click();
    await until(async () => (await page.locator("#view .note").innerText()).startsWith("200 of"), "the lists");
    assert.equal(await page.locator("#view tbody tr").count(), 200);
    // The longest that the page does nothing else, and how long the server takes.
    const { answers, longest, frames } = await page.evaluate(async () => {
      let longest = 0;
      let frames = 0;
      let before = performance.now();
      let on = true;
      const look = (now) => { longest = Math.max(longest, now - before); before = now; frames++; if (on) requestAnimationFrame(look); };
      requestAnimationFrame((now) => { before = now; requestAnimationFrame(look); });
      const answers = [];
      for (let time = 0; time < 6; time++) {
        const began = performance.now();
        await (await fetch("__ereo")).text();
        answers.push(performance.now() - began);
        await new Promise((done) => setTimeout(done, 700));
      }
      on = false;
      return { answers, longest, frames };
    });
    const sorted = answers.toSorted((a, b) => a - b);
    const data = [];
    for (let time = 0; time < 5; time++) {
      await new Promise((done) => setTimeout(done, 950));
      const began = performance.now();
      await (await fetch(`${origin}/__ereo/data`)).text();
      data.push(performance.now() - began);
    }
    t.diagnostic(`page ${sorted.map(Math.round).join(" ")} ms; snapshot ${data.map(Math.round).join(" ")} ms; longest frame ${Math.round(longest)} ms of ${frames}`);
    assert.ok(sorted[3] < 100, `the page answers: ${sorted}`);
    assert.ok(longest < 1000, `no frozen page: ${longest}`);
    assert.deepEqual(page.faults, []);
    await page.close();
  });
});
