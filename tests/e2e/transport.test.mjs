// Event streams over `fetch`: the parser of the standard, and a stream's life, against Node's own HTTP server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { events, live } from "../../ereo-runtime/client/ereo.js";
import { overFetch } from "../../ereo-runtime/client/ereo.fetch.js";
import { until } from "./browser/until.mjs";

const QUICK = { base: 20, max: 20, jitter: "none" };

let server, url, asked, answer;

before(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const { searchParams } = new URL(request.url, "http://x");
    asked.push({ method: request.method, headers: request.headers, body, position: searchParams.get("lastEventID") });
    answer(response, asked.length, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${server.address().port}/feed`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  asked = [];
  for (const name of ["document", "EventSource", "WebSocket"]) delete globalThis[name];
});

const stream = (response, text) => response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" }).write(text);

/** What a stream of these parts hands out, as `[name, data, id]`. */
async function parsed(...parts) {
  answer = async (response) => {
    stream(response, "");
    for (const part of parts) {
      response.write(part);
      await new Promise((done) => setTimeout(done, 5));
    }
    response.write("\n\nevent: last\ndata\n\n");
  };
  const feed = events(url, { transport: overFetch(), json: false });
  const seen = [];
  let over = false;
  for (const name of ["message", "named"]) feed.on(name, (data, event) => seen.push([name, data, event.lastEventId]));
  feed.on("last", () => (over = true));
  await until(() => over, "the last event");
  feed.close();
  return seen;
}

describe("the parser", () => {
  for (const [what, parts, expected] of [
    ["one event", ["data: a\n\n"], [["message", "a", ""]]],
    ["lines, names and ids", ["event: named\nid: 1\ndata: a\ndata:  b\n\ndata: c\n\n"], [["named", "a\n b", "1"], ["message", "c", "1"]]],
    ["all ends of lines, cut anywhere", ["data: a\r", "\ndata: b\r\r", "data: c\n\r\n"], [["message", "a\nb", ""], ["message", "c", ""]]],
    ["a character cut in two", [Buffer.from("data: \u00e9\n\n").subarray(0, 7), Buffer.from("data: \u00e9\n\n").subarray(7)], [["message", "\u00e9", ""]]],
    ["a byte order mark", ["\ufeffdata: a\n\n"], [["message", "a", ""]]],
    ["comments, unknown fields, no data", [": hi\nfoo: 1\nevent: named\n\ndata: a\n\n"], [["message", "a", ""]]],
    ["an id without data counts, one with NUL does not", ["id: 7\n\nid: 8\0\ndata: a\n\n"], [["message", "a", "7"]]],
    ["fields without a colon, and with one in the value", ["data\ndata:a:b\n\n"], [["message", "\na:b", ""]]],
  ]) {
    test(what, async () => assert.deepEqual(await parsed(...parts), expected));
  }
});

describe("a stream over fetch", () => {
  test("sends headers and a body, and comes back with both from its position", async () => {
    let token = 0;
    answer = (response, n) => {
      stream(response, `retry: 1\nid: e-${n}\ndata: ${n}\n\n`);
      if (n < 3) response.end();
    };
    const headers = async () => ({ authorization: `Bearer ${++token}` });
    const feed = events(url, { backoff: QUICK, transport: overFetch({ method: "POST", body: "{}", headers }) });
    const [seen, statuses] = [[], []];
    feed.subscribe((status) => statuses.push(status));
    feed.on("message", (data) => seen.push(data));
    await until(() => seen.length === 3, "three events");
    feed.close();
    assert.deepEqual(seen, [1, 2, 3]);
    assert.deepEqual(statuses, ["connecting", "open", "connecting", "open", "connecting", "open", "closed"]);
    assert.deepEqual(asked.map(({ method, body, headers, position }) => [method, body, headers.authorization, position]), [
      ["POST", "{}", "Bearer 1", null],
      ["POST", "{}", "Bearer 2", "e-1"],
      ["POST", "{}", "Bearer 3", "e-2"],
    ]);
  });

  test("waits as long as `retry` says", async () => {
    const at = [];
    answer = (response, n) => {
      at.push(Date.now());
      stream(response, "retry: 300\nid: e-1\ndata: 1\n\n");
      if (n === 1) response.end();
    };
    const feed = events(url, { backoff: QUICK, transport: overFetch() });
    await until(() => at.length === 2, "it is back");
    feed.close();
    assert.ok(at[1] - at[0] >= 300, `${at[1] - at[0]} ms`);
  });

  for (const status of [204, 401, 403]) {
    test(`is ended by a ${status}, with one request`, async () => {
      answer = (response) => response.writeHead(status).end();
      const feed = events(url, { backoff: QUICK, transport: overFetch() });
      await until(() => feed.status === "closed", "closed");
      assert.deepEqual([feed.endedBy, asked.length], [status, 1]);
    });
  }

  test("tries again after a 503, and after an answer that is no stream, with backoff", async () => {
    answer = (response, n) => {
      if (n === 1) return response.writeHead(503, { "retry-after": "0" }).end();
      if (n === 2) return response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
      stream(response, "");
    };
    const feed = events(url, { backoff: QUICK, transport: overFetch() });
    await until(() => feed.status === "open", "open");
    assert.equal(asked.length, 3);
    feed.close();
  });

  test("is ended by the page: the server sees it, and no callback follows", async () => {
    let gone = false;
    answer = (response) => {
      stream(response, "data: 1\n\n");
      response.on("close", () => (gone = true));
    };
    const feed = events(url, { backoff: QUICK, transport: overFetch() });
    const statuses = [];
    feed.subscribe((status) => statuses.push(status));
    await until(() => feed.status === "open", "open");
    feed.close();
    await until(() => gone, "gone");
    assert.deepEqual(statuses, ["connecting", "open", "closed"]);
    assert.equal(asked.length, 1);
  });

  test("continues a loader that is asked with the same headers", async () => {
    answer = (response, n) => {
      if (n === 1) return response.writeHead(200, { "content-type": "application/json", "last-event-id": "e-4" }).end("4");
      stream(response, "id: e-5\ndata: 5\n\n");
    };
    const transport = overFetch({ method: "POST", body: "{}", headers: { authorization: "Bearer t" } });
    const value = live(url, url, { backoff: QUICK, transport, script: null });
    await until(() => value.value === 5, "the event");
    value.close();
    assert.deepEqual(asked.map(({ method, headers, position }) => [method, headers.authorization, position]), [
      ["GET", "Bearer t", null],
      ["POST", "Bearer t", "e-4"],
    ]);
  });
});
