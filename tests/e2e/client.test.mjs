// The browser module against a fake clock and fake connections.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import * as client from "../../ereo-runtime/client/ereo.js";
import { FakeEventSource, FakeFetch, FakeWebSocket, settle } from "./fakes.mjs";

const { Backoff, events, live, socket } = client;
const EXACT = { jitter: "none" };

let requests;
let page;

/** Moves the clock by so many milliseconds and lets what that started run. */
const pass = (ms) => {
  mock.timers.tick(ms);
  return settle();
};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  FakeEventSource.all = [];
  FakeWebSocket.all = [];
  requests = new FakeFetch();
  page = { baseURI: "https://app.example/dashboard", getElementById: () => null };
  Object.assign(globalThis, {
    EventSource: FakeEventSource,
    WebSocket: FakeWebSocket,
    fetch: requests.call,
    document: page,
  });
});

/** Everything a `subscribe` callback is called with. */
function record(subscribe) {
  const seen = [];
  subscribe((...args) => seen.push(args.length === 1 ? args[0] : args));
  return seen;
}

describe("backoff", () => {
  test("without jitter it is the guide's series", () => {
    const policy = new Backoff(EXACT);
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map((n) => policy.delay(n)), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  });

  test("no attempt is too many", () => {
    assert.equal(new Backoff(EXACT).delay(1e9), 30000);
  });

  test("full jitter fills the range from nothing to the delay and never leaves it", () => {
    const policy = new Backoff();
    for (const [attempt, delay] of [[0, 1000], [3, 8000], [50, 30000]]) {
      const drawn = Array.from({ length: 2000 }, () => policy.delay(attempt));
      assert.ok(drawn.every((ms) => ms >= 0 && ms <= delay));
      assert.ok(Math.min(...drawn) < 0.05 * delay);
      assert.ok(Math.max(...drawn) > 0.95 * delay);
    }
  });

  test("an unknown jitter is an error", () => {
    assert.throws(() => new Backoff({ jitter: "some" }), /"full" or "none", not "some"/);
  });
});

describe("events", () => {
  test("data is parsed, raw data and names are there", () => {
    const feed = events("/api/feed");
    const seen = [];
    feed.on("message", (data, event) => seen.push([data, event.data]));
    feed.on("notification", (data) => seen.push(data));
    FakeEventSource.last.accept();
    FakeEventSource.last.emit('{"a": 1}');
    FakeEventSource.last.emit({ title: "hi" }, { name: "notification" });
    FakeEventSource.last.emit({}, { name: "other" });
    assert.equal(FakeEventSource.last.url.href, "https://app.example/api/feed?ereoHeartbeat=1");
    assert.deepEqual(seen, [[{ a: 1 }, '{"a": 1}'], { title: "hi" }]);
  });

  test("the parameters of a URL are put into it, percent-encoded, and a tail keeps its slashes", async () => {
    const params = { room: "the lobby/é", id: 7, rest: "a/b c" };
    events("/rooms/{room}/feed/{id}?from=3", { params });
    assert.equal(FakeEventSource.last.url.href, "https://app.example/rooms/the%20lobby%2F%C3%A9/feed/7?from=3&ereoHeartbeat=1");
    socket("/files/{rest}*", { params });
    assert.equal(FakeWebSocket.last.url.href ?? FakeWebSocket.last.url, "wss://app.example/files/a/b%20c?ereoHeartbeat=1");
    live("/rooms/{id}/last", "/rooms/{id}/lines", { params });
    assert.equal(`${requests.last.url}`, "https://app.example/rooms/7/last");
    await requests.last.respond(200, { body: 1, headers: { "last-event-id": "e-1" } });
    assert.equal(FakeEventSource.last.url.href, "https://app.example/rooms/7/lines?lastEventID=e-1&ereoHeartbeat=1");
    // Without them a URL is what it says.
    events("/{odd}");
    assert.equal(FakeEventSource.last.url.href, "https://app.example/%7Bodd%7D?ereoHeartbeat=1");
  });

  test("with an id it comes back from the last position that it saw", async () => {
    const ws = socket("/ws?room=a", { id: (data) => data.id, backoff: EXACT });
    const seen = [];
    ws.onmessage = (data) => seen.push(data.text);
    const lose = async (delay) => {
      FakeWebSocket.last.lose();
      await pass(delay);
      return FakeWebSocket.last.url;
    };
    assert.equal(await lose(1000), "wss://app.example/ws?room=a&ereoHeartbeat=1", "nothing was seen yet");
    FakeWebSocket.last.accept();
    FakeWebSocket.last.emit('{"id":"2f9c-1","text":"one"}');
    FakeWebSocket.last.emit('{"text":"to this client alone"}');
    assert.equal(await lose(1000), "wss://app.example/ws?room=a&lastEventID=2f9c-1&ereoHeartbeat=1");
    FakeWebSocket.last.accept();
    FakeWebSocket.last.emit('{"id":"2f9c-2","text":"two"}');
    assert.equal(await lose(1000), "wss://app.example/ws?room=a&lastEventID=2f9c-2&ereoHeartbeat=1");
    assert.deepEqual(seen, ["one", "to this client alone", "two"]);
  });

  test("json: false leaves text alone", () => {
    const seen = [];
    events("/api/feed", { json: false }).on("message", (data) => seen.push(data));
    FakeEventSource.last.emit("not json");
    assert.deepEqual(seen, ["not json"]);
  });

  test("what is no JSON is the text that it is", () => {
    const seen = [];
    events("/api/feed").on("message", (data) => seen.push(data));
    for (const text of ["hello", "", "{", '"quoted"', "5"]) FakeEventSource.last.emit(text);
    assert.deepEqual(seen, ["hello", "", "{", "quoted", 5]);
  });

  test("a handler that was taken off hears nothing", () => {
    const feed = events("/api/feed");
    const seen = [];
    const off = feed.on("message", (data) => seen.push(data));
    FakeEventSource.last.emit(1);
    off();
    FakeEventSource.last.emit(2);
    assert.deepEqual(seen, [1]);
  });

  test("an event named error is an event, and no loss of the connection", () => {
    const feed = events("/api/feed");
    const seen = [];
    feed.on("error", (data) => seen.push(data));
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(4, { name: "error" });
    assert.equal(feed.status, "open");
    FakeEventSource.last.lose();
    assert.equal(feed.status, "connecting");
    assert.deepEqual(seen, [4]);
  });

  test("a lost connection is left to the browser", async () => {
    const feed = events("/api/feed", { backoff: EXACT });
    const seen = record(feed.subscribe);
    FakeEventSource.last.accept();
    FakeEventSource.last.lose();
    await pass(60000);
    assert.equal(FakeEventSource.all.length, 1);
    assert.equal(requests.requests.length, 0);
    FakeEventSource.last.accept();
    assert.deepEqual(seen, ["connecting", "open", "connecting", "open"]);
  });

  test("given up at a 503, it goes on from the last position seen", async () => {
    const feed = events("/api/feed?room=a", { backoff: EXACT });
    const seen = [];
    feed.on("notification", (data) => seen.push(data));
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(1, { name: "notification", id: "e-7" });
    FakeEventSource.last.fail();
    assert.equal(feed.status, "connecting");
    await pass(999);
    assert.equal(requests.requests.length, 0);
    await pass(1);
    assert.equal(requests.last.url.href, "https://app.example/api/feed?room=a&lastEventID=e-7&ereoHeartbeat=1");
    await requests.last.respond(200, { body: "never read" });
    assert.ok(requests.last.signal.aborted, "the request that asked leaves no stream open");
    assert.equal(FakeEventSource.open.length, 1);
    assert.equal(FakeEventSource.last.position, "e-7");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(2, { name: "notification", id: "e-8" });
    assert.deepEqual(seen, [1, 2]);
    assert.equal(feed.lastEventId, "e-8");
  });

  test("attempts follow the guide's series, and start again after an open", async () => {
    events("/api/feed", { backoff: EXACT });
    FakeEventSource.last.fail();
    for (const delay of [1000, 2000, 4000, 8000, 16000, 30000, 30000]) {
      const before = requests.requests.length;
      await pass(delay - 1);
      assert.equal(requests.requests.length, before);
      await pass(1);
      assert.equal(requests.requests.length, before + 1);
      await (before % 2 ? requests.last.fail() : requests.last.respond(503));
    }
    await pass(30000);
    await requests.last.respond(200);
    FakeEventSource.last.accept();
    FakeEventSource.last.fail();
    const before = requests.requests.length;
    await pass(1000);
    assert.equal(requests.requests.length, before + 1);
  });

  test("an answer of 200 that the EventSource then refuses is no success", async () => {
    events("/api/feed", { backoff: EXACT });
    FakeEventSource.last.fail();
    await pass(1000);
    await requests.last.respond(200);
    FakeEventSource.last.fail();
    await pass(1999);
    assert.equal(requests.requests.length, 1);
    await pass(1);
    assert.equal(requests.requests.length, 2);
  });

  test("Retry-After is waited for on top of the backoff", async () => {
    events("/api/feed", { backoff: EXACT });
    FakeEventSource.last.fail();
    await pass(1000);
    await requests.last.respond(503, { headers: { "retry-after": "5" } });
    await pass(6999);
    assert.equal(requests.requests.length, 1);
    await pass(1);
    assert.equal(requests.requests.length, 2);
  });

  for (const code of [204, 400, 403, 404]) {
    test(`a ${code} ends it for good`, async () => {
      const feed = events("/api/feed", { backoff: EXACT });
      FakeEventSource.last.fail();
      await pass(1000);
      await requests.last.respond(code);
      assert.equal(feed.status, "closed");
      assert.equal(feed.endedBy, code);
      await pass(120000);
      assert.equal(requests.requests.length, 1);
      assert.equal(FakeEventSource.all.length, 1);
    });
  }

  for (const code of [408, 425, 429, 500, 502, 503]) {
    test(`a ${code} does not`, async () => {
      const feed = events("/api/feed", { backoff: EXACT });
      FakeEventSource.last.fail();
      await pass(1000);
      await requests.last.respond(code);
      assert.equal(feed.status, "connecting");
      assert.equal(feed.endedBy, null);
      await pass(2000);
      assert.equal(requests.requests.length, 2);
    });
  }

  test("an event without an id leaves the position alone", () => {
    const feed = events("/api/feed", { lastEventId: "e-3" });
    feed.on("message", () => {});
    FakeEventSource.last.emit(1);
    assert.equal(feed.lastEventId, "e-3");
  });

  test("a reset is told, with the position from which it goes on", async () => {
    const feed = events("/api/feed", { lastEventId: "old-3", backoff: EXACT });
    const seen = [];
    feed.onreset = (reset) => seen.push(reset);
    assert.equal(FakeEventSource.last.position, "old-3");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({ reason: "epoch", missed: null }, { name: "ereo.reset", id: "new-0" });
    assert.deepEqual(seen, [{ reason: "epoch", missed: null }]);
    assert.equal(feed.lastEventId, "new-0");
  });

  test("coming back without ever having learned a position is told as a loss, once", async () => {
    const feed = events("/api/feed", { backoff: EXACT });
    const seen = [];
    feed.onreset = (reset) => seen.push(reset);
    FakeEventSource.last.accept();
    FakeEventSource.last.fail();
    await pass(1000);
    await requests.last.respond(200);
    assert.equal(FakeEventSource.last.position, null);
    FakeEventSource.last.accept();
    FakeEventSource.last.lose();
    FakeEventSource.last.accept();
    assert.deepEqual(seen, [{ reason: "unknown", missed: null }]);
  });

  test("a first connection that took two attempts has lost nothing", async () => {
    const feed = events("/api/feed", { backoff: EXACT });
    feed.onreset = () => assert.fail("no reset");
    FakeEventSource.last.fail();
    await pass(1000);
    await requests.last.respond(200);
    FakeEventSource.last.accept();
  });

  test("expired without refresh, it is closed for good", async () => {
    const feed = events("/api/feed", { backoff: EXACT });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({}, { name: "ereo.expired" });
    assert.equal(feed.status, "closed");
    assert.equal(feed.endedBy, "expired");
    await pass(120000);
    assert.equal(FakeEventSource.open.length, 0);
    assert.equal(FakeEventSource.all.length + requests.requests.length, 1);
  });

  test("expired, it goes on from its position with fresh credentials", async () => {
    let fresh = "/api/feed?token=b";
    const feed = events("/api/feed?token=a", { backoff: EXACT, refresh: async () => fresh });
    const statuses = record(feed.subscribe);
    const seen = [];
    feed.on("message", (data) => seen.push(data));
    feed.onreset = () => assert.fail("nothing is lost");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(1, { id: "e-1" });
    // Its id is that of an id-only block: a filter had left out what came before.
    FakeEventSource.last.emit({}, { name: "ereo.expired", id: "e-5" });
    await pass(0);
    assert.equal(FakeEventSource.open.length, 1);
    assert.equal(FakeEventSource.last.url.href, "https://app.example/api/feed?token=b&lastEventID=e-5&ereoHeartbeat=1");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(6, { id: "e-6" });
    // A cookie is no new URL.
    fresh = undefined;
    await pass(60000);
    FakeEventSource.last.emit({}, { name: "ereo.expired" });
    await pass(0);
    assert.equal(FakeEventSource.last.url.href, "https://app.example/api/feed?token=b&lastEventID=e-6&ereoHeartbeat=1");
    FakeEventSource.last.accept();
    assert.deepEqual(seen, [1, 6]);
    assert.deepEqual(statuses, ["connecting", "open", "connecting", "open", "connecting", "open"]);
  });

  test("a refresh that says false ends it, one that throws is called again", async (t) => {
    t.mock.method(console, "warn", () => {});
    const answers = [() => Promise.reject(new Error("offline")), () => { throw new Error("offline"); }, () => false];
    const feed = events("/api/feed", { backoff: EXACT, refresh: () => answers.shift()() });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({}, { name: "ereo.expired" });
    await pass(0);
    await pass(1000);
    assert.equal(answers.length, 2);
    await pass(1000);
    assert.equal(answers.length, 1);
    assert.equal(feed.status, "connecting");
    await pass(4000);
    assert.equal(feed.endedBy, "expired");
    assert.equal(FakeEventSource.all.length, 1);
  });

  test("credentials that expire at once are asked for ever more slowly", async () => {
    let asked = 0;
    events("/api/feed", { backoff: EXACT, refresh: () => void (asked += 1) });
    const expire = () => {
      FakeEventSource.last.accept();
      FakeEventSource.last.emit({}, { name: "ereo.expired" });
    };
    for (const delay of [0, 1000, 2000, 4000, 8000]) {
      expire();
      const before = asked;
      if (delay) await pass(delay - 1);
      assert.equal(asked, before);
      await pass(delay ? 1 : 0);
      assert.equal(asked, before + 1);
    }
    FakeEventSource.last.accept();
    await pass(30000);
    FakeEventSource.last.emit({}, { name: "ereo.expired" });
    await pass(0);
    assert.equal(asked, 6, "these were good for a while");
  });

  test("closed while it asks for credentials, it stays closed", async () => {
    let answer;
    const refresh = () => new Promise((done) => { answer = done; });
    const feed = events("/api/feed", { backoff: EXACT, refresh });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({}, { name: "ereo.expired" });
    await pass(0);
    feed.close();
    answer("/api/feed?token=b");
    await pass(120000);
    assert.equal(FakeEventSource.all.length, 1);
    assert.equal(feed.endedBy, null);
  });

  test("closed by the server with a code: for good where that is final, else it comes back", () => {
    const feed = events("/api/feed", { backoff: EXACT });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(1, { id: "e-1" });
    FakeEventSource.last.emit({ code: 4002, reason: "moved", final: false }, { name: "ereo.closed", id: "e-1" });
    assert.equal(feed.status, "open");
    FakeEventSource.last.lose();
    assert.equal(feed.status, "connecting");
    FakeEventSource.last.accept();
    assert.deepEqual([feed.status, feed.endedBy], ["open", null]);
    FakeEventSource.last.emit({ code: 4001, reason: "logged out", final: true }, { name: "ereo.closed", id: "ereo-end" });
    assert.deepEqual([feed.status, feed.endedBy, FakeEventSource.open.length], ["closed", 4001, 0]);
    // What a stream that is begun anew would go on from.
    assert.equal(feed.lastEventId, "e-1");
  });

  test("close means it: open, waiting, and while asking", async () => {
    const open = events("/api/feed");
    FakeEventSource.last.accept();
    open.close();
    assert.equal(FakeEventSource.open.length, 0);

    const waiting = events("/api/feed", { backoff: EXACT });
    FakeEventSource.last.fail();
    waiting.close();
    await pass(120000);
    assert.equal(requests.requests.length, 0);

    const asking = events("/api/feed", { backoff: EXACT });
    FakeEventSource.last.fail();
    await pass(1000);
    asking.close();
    assert.ok(requests.last.signal.aborted);
    await settle();
    await pass(120000);

    for (const feed of [open, waiting, asking]) {
      assert.equal(feed.status, "closed");
      assert.equal(feed.endedBy, null);
    }
    assert.equal(requests.requests.length, 1);
    assert.equal(FakeEventSource.all.length, 3);
  });
});

describe("socket", () => {
  const sent = () => FakeWebSocket.last.sent;

  test("relative and http URLs become ws", () => {
    for (const [url, expected] of [
      ["/api/ws", "wss://app.example/api/ws?ereoHeartbeat=1"],
      ["ws?user=a%20b~", "wss://app.example/ws?user=a%20b~&ereoHeartbeat=1"],
      ["http://localhost:8080/ws", "ws://localhost:8080/ws?ereoHeartbeat=1"],
      ["ws://localhost:8080/ws", "ws://localhost:8080/ws?ereoHeartbeat=1"],
    ]) {
      socket(url, { protocols: ["chat"] });
      assert.equal(FakeWebSocket.last.url, expected);
      assert.deepEqual(FakeWebSocket.last.protocols, ["chat"]);
    }
  });

  test("JSON both ways, binary as it is", () => {
    const ws = socket("/ws");
    const seen = [];
    ws.onmessage = (data) => seen.push(data);
    FakeWebSocket.last.accept();
    const bytes = new Uint8Array([1, 2]);
    ws.send({ id: 1 });
    ws.send("text");
    ws.send(bytes);
    FakeWebSocket.last.emit('{"type":"ack"}');
    FakeWebSocket.last.emit(bytes.buffer);
    assert.deepEqual(sent(), ['{"id":1}', '"text"', bytes]);
    assert.deepEqual(seen, [{ type: "ack" }, bytes.buffer]);
    assert.equal(FakeWebSocket.last.binaryType, "arraybuffer");
  });

  test("a text that is no JSON is itself", () => {
    const ws = socket("/ws");
    const seen = [];
    ws.onmessage = (data) => seen.push(data);
    FakeWebSocket.last.accept();
    for (const text of ["hello", "", "{"]) FakeWebSocket.last.emit(text);
    assert.deepEqual(seen, ["hello", "", "{"]);
  });

  test("json: false leaves text alone", () => {
    const ws = socket("/ws", { json: false });
    const seen = [];
    ws.onmessage = (data) => seen.push(data);
    FakeWebSocket.last.accept();
    ws.send("out");
    FakeWebSocket.last.emit("in");
    assert.deepEqual([...sent(), ...seen], ["out", "in"]);
  });

  test("expired without refresh, it is closed for good and forgets what waits", async () => {
    const ws = socket("/ws", { backoff: EXACT });
    FakeWebSocket.last.accept();
    FakeWebSocket.last.lose(3000);
    assert.deepEqual([ws.status, ws.endedBy, ws.send(1)], ["closed", "expired", false]);
    await pass(120000);
    assert.equal(FakeWebSocket.all.length, 1);
  });

  test("expired, it comes back with fresh credentials and sends what waited", async () => {
    const ws = socket("/ws?token=a", { backoff: EXACT, refresh: async () => "/ws?token=b" });
    FakeWebSocket.last.accept();
    FakeWebSocket.last.lose(3000);
    assert.equal(ws.status, "connecting");
    ws.send(1);
    await pass(0);
    assert.equal(FakeWebSocket.last.url, "wss://app.example/ws?token=b&ereoHeartbeat=1");
    FakeWebSocket.last.accept();
    assert.deepEqual(sent(), ["1"]);
    assert.equal(ws.endedBy, null);
  });

  test("it comes back after the guide's series, and starts again after an open", async () => {
    const ws = socket("/ws", { backoff: EXACT });
    const seen = record(ws.subscribe);
    const comesBackAfter = async (delay) => {
      const before = FakeWebSocket.all.length;
      FakeWebSocket.last.lose();
      await pass(delay - 1);
      assert.equal(FakeWebSocket.all.length, before);
      await pass(1);
      assert.equal(FakeWebSocket.all.length, before + 1);
    };
    for (const delay of [1000, 2000, 4000, 8000, 16000, 30000, 30000]) await comesBackAfter(delay);
    FakeWebSocket.last.accept();
    await comesBackAfter(1000);
    assert.deepEqual(seen, ["connecting", "open", "connecting"]);
  });

  test("with jitter it comes back no later than the series", async () => {
    socket("/ws");
    FakeWebSocket.last.lose();
    await pass(1000);
    FakeWebSocket.last.lose();
    await pass(2000);
    assert.equal(FakeWebSocket.all.length, 3);
  });

  test("what is sent while away waits, in order, up to the bound; more is refused", async () => {
    const ws = socket("/ws", { queue: 2, backoff: EXACT });
    assert.deepEqual([ws.send(1), ws.send(2), ws.send(3)], [true, true, false]);
    assert.equal(ws.queued, 2);
    // A subscriber that sends at once comes after what waited.
    ws.subscribe((status) => status === "open" && ws.send(4));
    FakeWebSocket.last.accept();
    assert.deepEqual(sent(), ["1", "2", "4"]);
    assert.equal(ws.queued, 0);

    FakeWebSocket.last.lose();
    assert.deepEqual([ws.send(5), ws.send(6), ws.send(7)], [true, true, false]);
    await pass(1000);
    FakeWebSocket.last.accept();
    assert.deepEqual(sent(), ["5", "6", "4"]);
  });

  describe("with protocols", () => {
    const offering = (options) => socket("/ws", { protocols: ["chat.v3", "mqtt"], backoff: EXACT, ...options });
    const spoken = (protocols) => ({
      headers: { "sec-websocket-version": "13", ...(protocols && { "sec-websocket-protocol": protocols }) },
    });
    let warn;
    const warnings = () => warn.mock.calls.map(({ arguments: [text] }) => text);
    beforeEach(() => (warn = mock.method(console, "warn", () => {})));
    afterEach(() => warn.mock.restore());

    test("it tells which was chosen", () => {
      const ws = offering();
      assert.equal(ws.protocol, "");
      FakeWebSocket.last.accept("mqtt");
      assert.equal(ws.protocol, "mqtt");
      FakeWebSocket.last.lose();
      assert.equal(ws.protocol, "");
    });

    for (const [what, list] of [["others", "chat.v2, chat.v1"], ["none", ""]]) {
      test(`a server that speaks ${what} closes it for good, and it says so`, async () => {
        const ws = offering();
        const seen = record(ws.subscribe);
        ws.send("forgotten");
        FakeWebSocket.last.lose();
        assert.equal(requests.last.url.href, "https://app.example/ws");
        await requests.last.respond(400, spoken(list));
        assert.deepEqual([ws.status, ws.endedBy, ws.queued], ["closed", "protocol", 0]);
        assert.deepEqual(seen, ["connecting", "closed"]);
        assert.equal(warnings().length, 1);
        for (const name of ["chat.v3", "mqtt", list || "none"]) assert.ok(warnings()[0].includes(name), name);
        await pass(120000);
        assert.equal(FakeWebSocket.all.length, 1);
      });
    }

    test("a server that speaks one of them failed for another reason, which may be another one next time", async () => {
      const ws = offering();
      FakeWebSocket.last.lose();
      await requests.last.respond(400, spoken("chat.v1, mqtt"));
      await pass(1000);
      FakeWebSocket.last.lose();
      await requests.last.respond(503);
      await pass(2000);
      FakeWebSocket.last.accept("mqtt");
      assert.deepEqual([ws.status, ws.protocol, ws.endedBy], ["open", "mqtt", null]);
      assert.equal(requests.requests.length, 2);
      assert.deepEqual(warnings(), []);
    });

    test("no answer, or one that tells nothing, changes nothing", async () => {
      const ws = offering();
      for (const [delay, answer] of [
        [1000, () => requests.last.fail()],
        [2000, () => requests.last.respond(400)],
        [4000, () => requests.last.respond(429, spoken("chat.v1"))],
        [8000, () => requests.last.respond(503)],
        [16000, () => requests.last.respond(200)],
      ]) {
        FakeWebSocket.last.lose();
        const before = FakeWebSocket.all.length;
        await answer();
        await pass(delay);
        assert.equal(FakeWebSocket.all.length, before + 1);
      }
      assert.deepEqual([ws.status, requests.requests.length], ["connecting", 5]);
    });

    test("while nobody answers, attempts go on and one request waits", async () => {
      const ws = offering();
      FakeWebSocket.last.lose();
      await pass(1000);
      FakeWebSocket.last.lose();
      await pass(2000);
      assert.deepEqual([FakeWebSocket.all.length, requests.requests.length], [3, 1]);
      FakeWebSocket.last.accept("mqtt");
      // From before the server was replaced.
      await requests.last.respond(400, spoken("chat.v1"));
      assert.deepEqual([ws.status, ws.endedBy], ["open", null]);
    });

    test("a connection that was open and is lost asks nothing; one that cannot come back does", async () => {
      const ws = offering();
      FakeWebSocket.last.accept("mqtt");
      FakeWebSocket.last.lose();
      assert.equal(requests.requests.length, 0);
      await pass(1000);
      FakeWebSocket.last.lose();
      await requests.last.respond(400, spoken("chat.v4"));
      assert.equal(ws.endedBy, "protocol");
    });

    test("close ends the request", async () => {
      const ws = offering();
      FakeWebSocket.last.lose();
      ws.close();
      assert.ok(requests.last.signal.aborted);
      await settle();
      assert.deepEqual([ws.status, ws.endedBy], ["closed", null]);
    });

    test("without protocols none is missed", async () => {
      for (const protocols of [undefined, []]) {
        const ws = socket("/ws", { protocols, backoff: EXACT });
        FakeWebSocket.last.lose();
        await requests.last.respond(400, spoken("chat.v1"));
        assert.equal(ws.status, "connecting");
      }
    });
  });

  describe("that the server closes or refuses", () => {
    for (const code of [401, 403, 404, 410]) {
      test(`a ${code} to the opening ends it for good, and says so`, async () => {
        const ws = socket("/ws?room=a", { backoff: EXACT });
        const seen = record(ws.subscribe);
        FakeWebSocket.last.lose();
        assert.equal(requests.last.url.href, "https://app.example/ws?room=a");
        await requests.last.respond(code);
        assert.deepEqual([ws.status, ws.endedBy, seen], ["closed", code, ["connecting", "closed"]]);
        await pass(120000);
        assert.equal(FakeWebSocket.all.length, 1);
      });
    }

    for (const code of [0, 200, 400, 426, 429, 500, 503]) {
      test(`a ${code || "silence"} does not`, async () => {
        const ws = socket("/ws", { backoff: EXACT });
        FakeWebSocket.last.lose();
        await (code ? requests.last.respond(code) : requests.last.fail());
        await pass(1000);
        assert.deepEqual([ws.status, ws.endedBy, FakeWebSocket.all.length], ["connecting", null, 2]);
        assert.deepEqual(ws.lastClose, { code: 1006, reason: "" });
      });
    }

    test("a connection that was open is not asked why it broke", async () => {
      const ws = socket("/ws", { backoff: EXACT });
      assert.equal(ws.lastClose, null);
      FakeWebSocket.last.accept();
      FakeWebSocket.last.lose(1012);
      assert.deepEqual([ws.status, ws.lastClose.code, requests.requests.length], ["connecting", 1012, 0]);
    });

    test("with 1008 or one of its own codes ends it, unless the page knows better", async () => {
      for (const [code, final, ends] of [
        [1008, undefined, true],
        [4001, undefined, true],
        [4999, undefined, true],
        [1000, undefined, false],
        [1001, undefined, false],
        [1011, undefined, false],
        [1012, undefined, false],
        [4001, ({ code }) => code === 1000, false],
        [1000, ({ code }) => code === 1000, true],
      ]) {
        const ws = socket("/ws", { backoff: EXACT, ...(final && { final }) });
        FakeWebSocket.last.accept();
        FakeWebSocket.last.lose(code);
        assert.deepEqual([ws.status, ws.endedBy], ends ? ["closed", code] : ["connecting", null], String(code));
        ws.close();
      }
    });

    test("by name is for good where the server says so, whatever the code and the page say", async () => {
      for (const [code, told, reason, ends] of [
        [4001, "logged out\x041", "logged out", true],
        [1012, "away\x041", "away", true],
        [3000, "no\x041", "no", true],
        [4001, "moved\x040", "moved", false],
        [1008, "\x040", "", false],
      ]) {
        for (const final of [undefined, () => !ends]) {
          const ws = socket("/ws", { backoff: EXACT, refresh: () => {}, ...(final && { final }) });
          FakeWebSocket.last.accept();
          FakeWebSocket.last.lose(code, told);
          assert.deepEqual([ws.status, ws.endedBy], ends ? ["closed", code] : ["connecting", null], told);
          assert.deepEqual(ws.lastClose, { code, reason });
          const before = FakeWebSocket.all.length;
          await pass(1000);
          assert.equal(FakeWebSocket.all.length - before, ends ? 0 : 1);
          ws.close();
        }
      }
    });

    test("a page that hears of the loss may close it, and nothing is asked", async () => {
      const ws = socket("/ws", { backoff: EXACT });
      FakeWebSocket.last.accept();
      ws.subscribe((status) => status === "connecting" && ws.close());
      FakeWebSocket.last.lose();
      await pass(120000);
      assert.deepEqual([FakeWebSocket.all.length, requests.requests.length], [1, 0]);
    });
  });

  describe("that is asked", () => {
    /** What became of it: the reply, or the reason why there is none. */
    const outcome = (reply) => {
      const seen = [];
      reply.then((data) => seen.push(data), ({ reason, message }) => seen.push([reason, message]));
      return seen;
    };
    const frames = () => sent().map((frame) => JSON.parse(frame));
    const start = (options) => {
      const ws = socket("/ws", { backoff: EXACT, ...options });
      FakeWebSocket.last.accept();
      return ws;
    };

    test("answers by the message's id, to the one who asked only", async () => {
      const ws = start();
      const others = [];
      ws.onmessage = (data) => others.push(data);
      const [a, b] = [outcome(ws.ask({ text: "a" })), outcome(ws.ask({ text: "b" }))];
      const [first, second] = frames();
      assert.deepEqual([first.text, second.text], ["a", "b"]);
      assert.ok(first.id !== second.id && Number.isSafeInteger(first.id));
      FakeWebSocket.last.emit(JSON.stringify({ id: second.id, heard: "b" }));
      FakeWebSocket.last.emit('{"id":"2f9c-1","text":"to all"}');
      FakeWebSocket.last.emit("null");
      FakeWebSocket.last.emit(JSON.stringify({ id: first.id, heard: "a" }));
      FakeWebSocket.last.emit(JSON.stringify({ id: first.id, heard: "again" }));
      await pass(120000);
      assert.deepEqual([a, b].map(([reply]) => reply.heard), ["a", "b"]);
      assert.deepEqual(others.map((data) => data?.text ?? data?.heard), ["to all", undefined, "again"]);
    });

    test("and does not answer: timeout, and a late reply is a message", async () => {
      const ws = start();
      const others = [];
      ws.onmessage = (data) => others.push(data);
      const [byDefault, told] = [outcome(ws.ask({})), outcome(ws.ask({}, { timeout: 50 }))];
      await pass(50);
      assert.deepEqual([byDefault, told], [[], [["timeout", "no answer: timeout"]]]);
      FakeWebSocket.last.emit(JSON.stringify({ id: frames()[1].id }));
      assert.equal(others.length, 1);
      await pass(9950);
      assert.equal(byDefault[0][0], "timeout");
    });

    test("while away keeps it in the queue, until its time is over", async () => {
      const ws = socket("/ws", { backoff: EXACT });
      const [kept, over] = [outcome(ws.ask({ n: 1 })), outcome(ws.ask({ n: 2 }, { timeout: 500 }))];
      ws.send({ n: 3 });
      assert.equal(ws.queued, 3);
      FakeWebSocket.last.lose();
      await pass(1000);
      assert.deepEqual([over[0][0], kept, ws.queued], ["timeout", [], 2]);
      FakeWebSocket.last.accept();
      assert.deepEqual(frames().map(({ n }) => n), [1, 3]);
      FakeWebSocket.last.emit(JSON.stringify({ id: frames()[0].id, ok: true }));
      await settle();
      assert.equal(kept[0].ok, true);
    });

    test("and breaks: lost, and never sent again", async () => {
      const ws = start();
      const reply = outcome(ws.ask({ n: 1 }));
      FakeWebSocket.last.lose();
      const waiting = outcome(ws.ask({ n: 2 }));
      await pass(1000);
      FakeWebSocket.last.accept();
      assert.deepEqual(frames().map(({ n }) => n), [2]);
      assert.equal(reply[0][0], "lost");
      assert.deepEqual(waiting, []);
    });

    test("when too many wait, or when it is closed", async () => {
      const ws = socket("/ws", { queue: 1, backoff: EXACT });
      const [waits, refused] = [outcome(ws.ask({})), outcome(ws.ask({}))];
      await settle();
      assert.deepEqual([waits, refused[0][0], ws.queued], [[], "refused", 1]);
      FakeWebSocket.last.accept();
      const sent = outcome(ws.ask({}));
      ws.close();
      const late = outcome(ws.ask({}));
      await settle();
      assert.deepEqual([waits[0][0], sent[0][0], late[0][0]], ["closed", "closed", "closed"]);
    });
  });

  test("close means it: open, waiting and connecting", async () => {
    const open = socket("/ws", { backoff: EXACT });
    open.onmessage = () => assert.fail("no message after close");
    FakeWebSocket.last.accept();
    open.close(3001, "bye");
    assert.deepEqual(FakeWebSocket.last.closedWith, { code: 3001, reason: "bye" });
    FakeWebSocket.last.emit("{}");
    FakeWebSocket.last.lose();
    await pass(120000);

    const waiting = socket("/ws", { backoff: EXACT });
    FakeWebSocket.last.lose();
    waiting.send("forgotten");
    waiting.close();
    assert.equal(waiting.queued, 0);
    await pass(120000);

    const connecting = socket("/ws", { backoff: EXACT });
    connecting.close();
    FakeWebSocket.last.onopen({});
    FakeWebSocket.last.lose();
    await pass(120000);

    for (const ws of [open, waiting, connecting]) {
      assert.equal(ws.status, "closed");
      assert.equal(ws.send("late"), false);
    }
    assert.equal(FakeWebSocket.all.length, 3);
  });
});

describe("live", () => {
  const loaded = (value, position) => requests.last.respond(200, { body: value, headers: { "last-event-id": position } });

  const embed = (value, position) => {
    page.getElementById = (id) =>
      id === "__EREO_DATA__" ? { textContent: JSON.stringify(value), dataset: { lastEventId: position } } : null;
  };

  /** A live value whose stream is open at `e-1`. */
  const started = (options) => {
    embed(1, "e-1");
    const value = live("/data", "/stream", { backoff: EXACT, ...options });
    FakeEventSource.last.accept();
    return value;
  };

  const reset = () => FakeEventSource.last.emit({ reason: "expired", missed: 3 }, { name: "ereo.reset", id: "e-9" });

  test("fresh credentials are kept for the stream after a reset", async () => {
    const refresh = () => "/api/stream?token=b";
    const stats = live("/data", "/api/stream?token=a", { backoff: EXACT, refresh });
    await requests.last.respond(200, { body: 1, headers: { "last-event-id": "e-1" } });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({}, { name: "ereo.expired" });
    await pass(0);
    assert.equal(FakeEventSource.last.url.href, "https://app.example/api/stream?token=b&lastEventID=e-1&ereoHeartbeat=1");
    FakeEventSource.last.accept();
    assert.equal(stats.status, "live");
    FakeEventSource.last.emit({ reason: "epoch", missed: null }, { name: "ereo.reset", id: "f-0" });
    await pass(1000);
    await requests.last.respond(200, { body: 2, headers: { "last-event-id": "f-3" } });
    assert.equal(FakeEventSource.last.url.href, "https://app.example/api/stream?token=b&lastEventID=f-3&ereoHeartbeat=1");
  });

  test("expired without refresh, it is closed", async () => {
    const stats = live("/data", "/api/stream", { backoff: EXACT });
    await requests.last.respond(200, { body: 1, headers: { "last-event-id": "e-1" } });
    FakeEventSource.last.emit({}, { name: "ereo.expired" });
    assert.equal(stats.status, "closed");
  });

  test("it starts from the page's data and asks for nothing", () => {
    embed({ n: 1 }, "e-4");
    const stats = live("/data", "/stream");
    const seen = record(stats.subscribe);
    assert.equal(requests.requests.length, 0);
    assert.equal(FakeEventSource.last.position, "e-4");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({ n: 2 }, { id: "e-5" });
    assert.deepEqual(seen, [[{ n: 1 }, "connecting"], [{ n: 1 }, "live"], [{ n: 2 }, "live"]]);
    assert.deepEqual([stats.value, stats.status], [{ n: 2 }, "live"]);
  });

  test("without the page's data, or told not to use it, it asks the loader", async () => {
    embed("another loader's", "x-1");
    const stats = live("/data", "/stream", { script: null });
    assert.equal(stats.value, undefined);
    assert.equal(FakeEventSource.all.length, 0, "no stream before there is a position");
    assert.equal(requests.last.url.href, "https://app.example/data");
    await loaded({ n: 1 }, "e-4");
    assert.deepEqual(stats.value, { n: 1 });
    assert.equal(FakeEventSource.last.position, "e-4");
    assert.equal(stats.status, "connecting");
  });

  test("a loader that fails is asked again with backoff", async (t) => {
    t.mock.method(console, "warn", () => {});
    const stats = live("/data", "/stream", { backoff: EXACT });
    const askedAgainAfter = async (delay) => {
      const before = requests.requests.length;
      await pass(delay - 1);
      assert.equal(requests.requests.length, before);
      await pass(1);
      assert.equal(requests.requests.length, before + 1);
    };
    await requests.last.respond(500);
    await askedAgainAfter(1000);
    await requests.last.fail();
    await askedAgainAfter(2000);
    await requests.last.respond(200, { body: 1 });
    assert.match(String(console.warn.mock.calls.at(-1).arguments[1]), /without a last-event-id header/);
    await askedAgainAfter(4000);
    await loaded(5, "e-1");
    assert.equal(stats.value, 5);
  });

  for (const code of [401, 403, 404, 410]) {
    test(`a loader that answers ${code} ends it, and says why`, async () => {
      const stats = live("/data", "/stream", { backoff: EXACT });
      const errors = [];
      stats.onerror = (error) => errors.push([stats.status, error.message]);
      const seen = record(stats.subscribe);
      await requests.last.respond(code, { body: "no" });
      assert.deepEqual([stats.status, stats.endedBy], ["closed", code]);
      assert.deepEqual(errors, [["closed", `/data answered ${code}`]]);
      assert.deepEqual(seen, [[undefined, "connecting"], [undefined, "closed"]]);
      await pass(120000);
      assert.equal(requests.requests.length, 1);
    });
  }

  test("while a loader fails its error is readable, and gone with the first value", async (t) => {
    t.mock.method(console, "warn", () => {});
    const stats = live("/data", "/stream", { backoff: EXACT });
    const seen = record(stats.subscribe);
    assert.equal(stats.error, null);
    await requests.last.respond(500);
    assert.match(stats.error.message, /answered 500/);
    await pass(1000);
    await requests.last.fail();
    assert.match(stats.error.message, /network error/);
    await pass(2000);
    await loaded(1, "e-1");
    assert.deepEqual([stats.error, stats.endedBy], [null, null]);
    assert.deepEqual(seen, [[undefined, "connecting"], [1, "connecting"]], "called at changes only");
  });

  test("a stream that is ended by name ends it where that is final, and else goes on", () => {
    const stats = started();
    const seen = record(stats.subscribe);
    const closed = (code, final) => FakeEventSource.last.emit({ code, reason: "", final }, { name: "ereo.closed", id: final ? "ereo-end" : "" });
    closed(4002, false);
    FakeEventSource.last.lose();
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(2, { id: "e-2" });
    assert.deepEqual([stats.status, stats.endedBy, stats.value], ["live", null, 2]);
    closed(4001, true);
    assert.deepEqual([stats.status, stats.endedBy, stats.value], ["closed", 4001, 2]);
    assert.deepEqual(seen, [[1, "live"], [1, "reconnecting"], [1, "live"], [2, "live"], [2, "closed"]]);
    assert.equal(requests.requests.length, 0);
  });

  test("a stream that is not allowed any more ends it after a reset, too", async () => {
    const stats = started();
    reset();
    await pass(1000);
    await requests.last.respond(403);
    assert.deepEqual([stats.status, stats.endedBy, stats.value], ["closed", 403, 1]);
  });

  test("a header that another origin hides is named as hidden", async (t) => {
    t.mock.method(console, "warn", () => {});
    t.mock.method(globalThis, "fetch", async () =>
      Object.defineProperty(new Response("1"), "type", { value: "cors" }));
    const stats = live("https://api.example/data", "/stream", { backoff: EXACT });
    await settle();
    assert.match(stats.error.message, /last-event-id header that this page may read \(access-control-expose-headers\)/);
  });

  test("subscribers are called at changes only", () => {
    const stats = started();
    const seen = record(stats.subscribe);
    FakeEventSource.last.emit(1, { id: "e-2" });
    FakeEventSource.last.lose();
    FakeEventSource.last.fail();
    stats.close();
    stats.close();
    assert.deepEqual(seen, [[1, "live"], [1, "reconnecting"], [1, "closed"]]);
  });

  test("one that closes it lets the others hear of it once", () => {
    const stats = started();
    stats.subscribe((_, status) => status === "reconnecting" && stats.close());
    const seen = record(stats.subscribe);
    FakeEventSource.last.lose();
    assert.deepEqual(seen, [[1, "live"], [1, "closed"]]);
  });

  test("three epochs in a row are told once, and waited for long", async (t) => {
    t.mock.method(console, "warn", () => {});
    const told = () => console.warn.mock.calls.filter(({ arguments: [text] }) => /several servers without a shared store/.test(text)).length;
    const another = async (delay) => {
      FakeEventSource.last.emit({ reason: "epoch", missed: null }, { name: "ereo.reset", id: "f-0" });
      const before = requests.requests.length;
      await pass(delay - 1);
      assert.equal(requests.requests.length, before);
      await pass(1);
      await loaded(1, "e-9");
      FakeEventSource.last.accept();
    };
    const stats = started();
    const resets = [];
    stats.onreset = ({ reason }) => resets.push(reason);
    await another(1000);
    await another(2000);
    FakeEventSource.last.emit(2, { id: "e-10" });
    await another(1000);
    await another(2000);
    assert.equal(told(), 0, "an event ends the row");
    await another(30000);
    await another(30000);
    assert.deepEqual([told(), resets.length], [1, 6]);
    FakeEventSource.last.emit(3, { id: "e-11" });
    await another(1000);
    stats.close();
  });

  test("events can be named and reduced", () => {
    embed([1], "e-1");
    const list = live("/data", "/stream", { events: ["added", "more"], reduce: (all, one) => [...all, one] });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(2, { name: "added" });
    FakeEventSource.last.emit(3, { name: "more" });
    FakeEventSource.last.emit(4);
    assert.deepEqual(list.value, [1, 2, 3]);
  });

  test("a lost connection shows as reconnecting", () => {
    const stats = started();
    const seen = record(stats.subscribe);
    FakeEventSource.last.lose();
    FakeEventSource.last.accept();
    assert.deepEqual(seen, [[1, "live"], [1, "reconnecting"], [1, "live"]]);
  });

  test("a reset loads again and goes on from there: nothing lost, nothing doubled", async () => {
    // A count of what was applied, so that an event too many shows as well as one too few.
    const sum = started({ reduce: (total, n) => total + n });
    FakeEventSource.last.emit(10, { id: "e-2" });
    const first = FakeEventSource.last;
    reset();
    assert.deepEqual([sum.value, sum.status], [11, "reconnecting"]);
    first.emit(100, { id: "e-10" }); // before the load: the loader's value has it
    await pass(1000);
    first.emit(1000, { id: "e-11" }); // after the load's position: the new stream brings it
    assert.equal(FakeEventSource.open.length, 0);
    await loaded(111, "e-10");
    assert.equal(sum.value, 111);
    assert.equal(sum.status, "reconnecting");
    assert.equal(FakeEventSource.last.position, "e-10");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(1000, { id: "e-11" });
    assert.deepEqual([sum.value, sum.status], [1111, "live"]);
    assert.equal(FakeEventSource.open.length, 1);
    assert.equal(requests.requests.length, 1);
  });

  test("resets in a row slow down, and an event ends the row", async () => {
    started();
    for (const delay of [1000, 2000, 4000]) {
      reset();
      const before = requests.requests.length;
      await pass(delay - 1);
      assert.equal(requests.requests.length, before);
      await pass(1);
      await loaded(1, "e-9");
      FakeEventSource.last.accept();
    }
    FakeEventSource.last.emit(2, { id: "e-10" });
    reset();
    await pass(1000);
    assert.equal(requests.requests.length, 4);
  });

  test("a stream that the server ended is closed", async () => {
    const stats = started();
    FakeEventSource.last.fail();
    assert.equal(stats.status, "reconnecting");
    await pass(1000);
    await requests.last.respond(204);
    assert.equal(stats.status, "closed");
  });

  test("close means it: streaming, and while loading", async () => {
    const streaming = started();
    const seen = record(streaming.subscribe);
    streaming.close();
    assert.deepEqual(seen, [[1, "live"], [1, "closed"]]);
    assert.equal(FakeEventSource.open.length, 0);

    const waiting = started();
    reset();
    waiting.close();
    await pass(120000);
    assert.equal(requests.requests.length, 0);

    const loading = live("/data", "/stream", { script: null });
    loading.close();
    assert.ok(requests.last.signal.aborted);
    await settle();
    await pass(120000);
    assert.equal(requests.requests.length, 1);
    assert.equal(FakeEventSource.open.length, 0);
  });

  test("a subscriber that throws is reported and stops neither the stream nor the others", async (t) => {
    const stats = live("/data", "/stream", { backoff: EXACT });
    const reported = [];
    t.mock.method(globalThis, "queueMicrotask", (task) => Promise.resolve().then(task).catch((error) => reported.push(error)));
    stats.subscribe((value) => {
      if (value !== undefined) throw new Error("mine");
    });
    const seen = record(stats.subscribe);
    await loaded(1, "e-1");
    FakeEventSource.last.accept();
    await pass(120000);
    assert.deepEqual(seen.at(-1), [1, "live"]);
    assert.equal(FakeEventSource.all.length, 1);
    assert.equal(requests.requests.length, 1);
    assert.match(String(reported[0]), /mine/);
  });

  test("closed by a subscriber on its first value, it opens no stream", async () => {
    const stats = live("/data", "/stream");
    stats.subscribe((value) => value !== undefined && stats.close());
    await loaded(1, "e-1");
    assert.equal(FakeEventSource.all.length, 0);
  });
});

test("the declarations name what the module exports, no more and no less", () => {
  const declarations = readFileSync(new URL("../../ereo-runtime/client/ereo.d.ts", import.meta.url), "utf8");
  const declared = [...declarations.matchAll(/^export (?:function|class|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual([...new Set(declared)].sort(), Object.keys(client).sort());
});
