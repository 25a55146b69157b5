// What the client module takes for granted of a real EventSource: that it gives up at a 503 and at a 204,
// and that a request which only asks leaves no stream behind.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { until } from "./until.mjs";

const CLIENT = new URL("../../../ereo-runtime/client/", import.meta.url);

describe("events in Chromium", () => {
  let server, browser, page, answer, asked, streams;

  before(async () => {
    server = createServer((request, response) => {
      // The module, and those that it imports.
      if (/^\/ereo[a-z.]*\.js$/.test(request.url)) {
        return response.setHeader("content-type", "text/javascript").end(readFileSync(new URL(request.url.slice(1), CLIENT)));
      }
      if (!request.url.startsWith("/stream")) return response.setHeader("content-type", "text/html").end("<!doctype html>");
      asked.push(new URL(request.url, "http://x").searchParams.get("lastEventID"));
      if (answer !== 200) return response.writeHead(answer).end();
      streams.add(response);
      response.on("close", () => streams.delete(response));
      response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 50\nid: e-1\n\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  });

  beforeEach(async () => {
    [answer, asked, streams] = [200, [], new Set()];
    page = await browser.newPage();
    page.setDefaultTimeout(15000);
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.evaluate(async () => {
      const { events } = await import("/ereo.js");
      window.seen = [];
      window.feed = events("/stream", { backoff: { base: 50, max: 50 } });
      window.feed.on("message", (data) => window.seen.push(data));
    });
    await status("open");
  });

  const status = (expected) => page.waitForFunction((expected) => window.feed.status === expected, expected);

  /** Ends the open streams: the browser comes back by itself and meets `answer`. */
  const endStreams = () => [...streams].forEach((stream) => stream.end());

  test("given up at a 503, it goes on from its position with one stream open", async () => {
    for (const stream of streams) stream.write('id: e-2\ndata: "before"\n\n');
    await page.waitForFunction(() => window.seen.length === 1);
    answer = 503;
    endStreams();
    await status("connecting");
    // The first stream, the EventSource's own attempt, and two of the client's.
    await until(() => asked.length >= 4, "two attempts at a 503");
    answer = 200;
    await status("open");
    assert.equal(asked[0], null);
    assert.deepEqual([...new Set(asked.slice(2))], ["e-2"]);
    for (const stream of streams) stream.write('id: e-3\ndata: "after"\n\n');
    await page.waitForFunction(() => window.seen.length === 2);
    assert.deepEqual(await page.evaluate(() => window.seen), ["before", "after"]);
    await until(() => streams.size === 1, "one stream");
  });

  test("a 204 ends it: closed, and nothing asks again", async () => {
    answer = 204;
    endStreams();
    await status("closed");
    assert.equal(await page.evaluate(() => window.feed.endedBy), 204);
    const before = asked.length;
    // Many times the longest wait between attempts, in the page's own time.
    await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
    assert.equal(asked.length, before);
    assert.equal(streams.size, 0);
  });

  test("close ends the stream on the server", async () => {
    await page.evaluate(() => window.feed.close());
    await until(() => streams.size === 0, "no stream");
  });
});
