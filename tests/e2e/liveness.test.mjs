// Connections that die without a word, streams that end with one, and what is sent: against a fake clock
// and fake connections.

import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { beforeEach, describe, mock, test } from "node:test";
import { events, live, socket } from "../../ereo-runtime/client/ereo.js";
import { FakeEventSource, FakeFetch, FakeWebSocket, settle } from "./fakes.mjs";

const EXACT = { jitter: "none" };
const BEAT = '{"type":"ereo.heartbeat","data":10000}';

let requests, page, network;

/** Moves the clock by so many milliseconds, no timer being late, and lets what that started run. */
async function pass(ms) {
  for (; ms > 1000; ms -= 1000) {
    mock.timers.tick(1000);
    await settle();
  }
  mock.timers.tick(ms);
  return settle();
}

/** The page sleeps for so long, and a timer that is due meanwhile rings late. */
const sleep = (ms) => mock.timers.tick(ms);

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  FakeEventSource.all = [];
  FakeWebSocket.all = [];
  requests = new FakeFetch();
  page = Object.assign(new EventTarget(), { baseURI: "https://app.example/", visibilityState: "visible", getElementById: () => null });
  network = new EventTarget();
  setMaxListeners(0, page, network);
  Object.assign(globalThis, {
    EventSource: FakeEventSource,
    WebSocket: FakeWebSocket,
    fetch: requests.call,
    document: page,
    addEventListener: network.addEventListener.bind(network),
    removeEventListener: network.removeEventListener.bind(network),
  });
});

const returns = {
  online: () => network.dispatchEvent(new Event("online")),
  pageshow: () => network.dispatchEvent(new Event("pageshow")),
  visibilitychange: () => page.dispatchEvent(new Event("visibilitychange")),
};

/** The same of a stream and of a socket. */
const kinds = {
  events: {
    start: (options) => events("/feed", { backoff: EXACT, ...options }),
    get all() { return FakeEventSource.all; },
    get last() { return FakeEventSource.last; },
    beat: (ms = 10000) => FakeEventSource.last.emit(String(ms), { name: "ereo.heartbeat" }),
    isGivenUp: (connection) => connection.readyState === 2,
  },
  socket: {
    start: (options) => socket("/ws", { backoff: EXACT, ...options }),
    get all() { return FakeWebSocket.all; },
    get last() { return FakeWebSocket.last; },
    beat: (ms = 10000) => FakeWebSocket.last.emit(BEAT.replace("10000", ms)),
    isGivenUp: (connection) => connection.closedWith !== undefined,
  },
};

for (const [name, kind] of Object.entries(kinds)) {
  describe(`liveness of ${name}`, () => {
    /** A connection that has had a heartbeat just now. */
    const started = (options) => {
      const connection = kind.start(options);
      kind.last.accept();
      kind.beat();
      return connection;
    };

    test("heartbeats are asked for", () => {
      kind.start();
      assert.match(String(kind.last.url), /\?ereoHeartbeat=1$/);
    });

    test("silent for two heartbeats, it is dead: another is made, after a wait", async () => {
      const connection = started();
      const first = kind.last;
      await pass(19999);
      assert.equal(connection.status, "open");
      await pass(1);
      assert.equal(connection.status, "connecting");
      assert.ok(kind.isGivenUp(first));
      await pass(999);
      assert.equal(kind.all.length, 1);
      await pass(1);
      assert.equal(kind.all.length, 2);
      kind.last.accept();
      assert.equal(connection.status, "open");
    });

    test("any sign of life will do", async () => {
      const connection = started();
      connection.on?.("message", () => {});
      for (let n = 0; n < 5; n++) {
        await pass(15000);
        if (n % 2) kind.beat();
        else kind.last.emit("1");
      }
      assert.equal(connection.status, "open");
      await pass(20000);
      assert.equal(connection.status, "connecting");
      assert.equal(kind.all.length, 1);
    });

    test("an attempt that nobody answers is given up too, ever later", async () => {
      started();
      await pass(20000);
      await pass(1000);
      assert.equal(kind.all.length, 2);
      for (const [patience, wait] of [[22000, 2000], [24000, 4000], [28000, 8000]]) {
        const [attempt, before] = [kind.last, kind.all.length];
        await pass(patience - 1);
        assert.ok(!kind.isGivenUp(attempt));
        await pass(1);
        assert.ok(kind.isGivenUp(attempt));
        await pass(wait);
        assert.equal(kind.all.length, before + 1);
      }
    });

    test("a server that sends none is never given up", async () => {
      const never = kind.start();
      kind.last.accept();
      await pass(3600000);
      assert.equal(never.status, "open");
      // One that had them, and has them no more.
      kind.last.lose();
      await pass(1000);
      kind.last.accept();
      kind.beat(0);
      await pass(3600000);
      network.dispatchEvent(new Event("online"));
      assert.equal(never.status, "open");
    });

    test("an interval longer than a timer can be is no interval of nothing", async () => {
      const connection = kind.start();
      kind.last.accept();
      kind.beat(4294967295);
      await pass(100);
      assert.equal(connection.status, "open");
    });

    for (const [event, fire] of Object.entries(returns)) {
      test(`${event} makes it look at once`, async () => {
        const connection = started();
        await pass(10000);
        fire();
        assert.equal(kind.all.length, 1, "one interval of silence is none");
        await pass(1);
        fire();
        assert.equal(kind.all.length, 2);
        assert.equal(connection.status, "connecting");
        // Not a connection for every event of the kind.
        fire();
        await pass(1000);
        fire();
        assert.equal(kind.all.length, 2);
        kind.last.accept();
        kind.beat();
        await pass(20000);
        assert.equal(kind.all.length, 2, "only its own wait is under way");
      });
    }

    test("a page that is hidden does not look", async () => {
      started();
      await pass(15000);
      page.visibilityState = "hidden";
      returns.visibilitychange();
      assert.equal(kind.all.length, 1);
    });

    test("back, it does not wait for the end of a long wait", async () => {
      const connection = kind.start({ backoff: { base: 1000, factor: 100, jitter: "none" } });
      kind.last.accept();
      kind.beat();
      await pass(20000);
      await pass(1000);
      await pass(51000);
      assert.equal(kind.all.length, 2);
      assert.equal(connection.status, "connecting");
      await pass(5000);
      returns.online();
      assert.equal(kind.all.length, 3);
      await pass(60000 - 5001);
      assert.equal(kind.all.length, 3, "nor is another made when that would have ended");
    });

    test("a page that slept gives it the time of one heartbeat, and only once", async () => {
      const connection = started();
      sleep(3600000);
      await settle();
      assert.equal(connection.status, "open");
      kind.beat();
      await pass(19999);
      assert.equal(connection.status, "open");
      await pass(1);
      assert.equal(connection.status, "connecting");

      await pass(1000);
      kind.last.accept();
      kind.beat();
      sleep(3600000);
      await pass(9999);
      assert.equal(connection.status, "open");
      await pass(1);
      assert.equal(connection.status, "connecting");
    });

    test("many that die at one moment do not come back at one", async () => {
      const many = Array.from({ length: 50 }, () => {
        const connection = kind.start({ backoff: {} });
        kind.last.accept();
        kind.beat();
        return connection;
      });
      await pass(20000);
      const counts = [];
      for (let n = 0; n < 10; n++) {
        const before = kind.all.length;
        await pass(100);
        counts.push(kind.all.length - before);
      }
      assert.equal(kind.all.length, 2 * many.length);
      assert.ok(Math.max(...counts) < many.length / 2, String(counts));
    });

    test("closed, it is watched no more", async () => {
      const connection = started();
      connection.close();
      await pass(3600000);
      for (const fire of Object.values(returns)) fire();
      assert.equal(kind.all.length, 1);
      assert.equal(connection.status, "closed");
    });

    test("closed by one who hears that it is dead, it stays closed", async () => {
      const connection = started();
      connection.subscribe((status) => status === "connecting" && connection.close());
      await pass(20000);
      await pass(3600000);
      returns.online();
      assert.equal(kind.all.length, 1);
    });

    test("while it waits for credentials nothing else connects", async () => {
      let answer;
      const connection = started({ refresh: () => new Promise((done) => { answer = done; }) });
      if (name === "events") kind.last.emit({}, { name: "ereo.expired" });
      else kind.last.lose(3000);
      await pass(60000);
      for (const fire of Object.values(returns)) fire();
      assert.equal(kind.all.length, 1);
      answer();
      await settle();
      assert.equal(kind.all.length, 2);
      assert.equal(connection.status, "connecting");
    });

    test("credentials that end together are not asked for together", async () => {
      let asked = 0;
      for (let n = 0; n < 50; n++) {
        started({ backoff: {}, refresh: () => void (asked += 1) });
        if (name === "events") kind.last.emit({}, { name: "ereo.expired" });
        else kind.last.lose(3000);
      }
      await pass(0);
      assert.ok(asked < 10, String(asked));
      await pass(500);
      assert.ok(asked > 5 && asked < 45, String(asked));
      await pass(500);
      assert.equal(asked, 50);
    });
  });
}

describe("a stream", () => {
  test("goes on from its position, which heartbeats carry too", async () => {
    const feed = events("/feed", { backoff: EXACT });
    feed.onreset = () => assert.fail("nothing is lost");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit("10000", { name: "ereo.heartbeat", id: "e-3" });
    assert.equal(feed.lastEventId, "e-3");
    await pass(21000);
    assert.equal(FakeEventSource.last.position, "e-3");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit("10000", { name: "ereo.heartbeat" });
    assert.equal(feed.lastEventId, "e-3");
  });

  test("that the browser reconnects has the browser's wait, but not for ever", async () => {
    const feed = events("/feed", { backoff: EXACT });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit("10000", { name: "ereo.heartbeat" });
    FakeEventSource.last.lose();
    await pass(49999);
    assert.equal(FakeEventSource.open.length, 1);
    await pass(1);
    assert.equal(FakeEventSource.open.length, 0);
    await pass(1000);
    assert.equal(FakeEventSource.open.length, 1);
    FakeEventSource.last.accept();
    assert.equal(feed.status, "open");
  });

  test("asks whether it may come back, and gives up when nobody answers", async () => {
    events("/feed", { backoff: EXACT });
    FakeEventSource.last.accept();
    FakeEventSource.last.emit("10000", { name: "ereo.heartbeat" });
    FakeEventSource.last.fail();
    await pass(1000);
    assert.match(requests.last.url.search, /ereoHeartbeat=1/);
    await pass(22000);
    assert.ok(requests.last.signal.aborted);
    await pass(2000);
    assert.equal(FakeEventSource.all.length, 2);
  });

  test("told to come back later is not asked for sooner by a look", async () => {
    events("/feed", { backoff: EXACT });
    FakeEventSource.last.fail();
    await pass(1000);
    await requests.last.respond(503, { headers: { "retry-after": "60" } });
    await pass(55000);
    returns.visibilitychange();
    assert.equal(FakeEventSource.all.length, 1);
    await pass(6500);
    returns.visibilitychange();
    assert.equal(FakeEventSource.all.length, 2);
  });

  test("that is finished is closed, and keeps its position", async () => {
    const feed = events("/progress", { backoff: EXACT });
    const seen = [];
    feed.on("message", (data) => seen.push(data));
    feed.on("ereo.end", () => seen.push("end"));
    FakeEventSource.last.accept();
    FakeEventSource.last.emit(100, { id: "e-3" });
    FakeEventSource.last.emit({}, { name: "ereo.end", id: "ereo-end" });
    assert.deepEqual([feed.status, feed.endedBy, feed.lastEventId], ["closed", "end", "e-3"]);
    assert.deepEqual(seen, [100, "end"]);
    await pass(3600000);
    returns.online();
    assert.equal(FakeEventSource.all.length + requests.requests.length, 1);
    // Begun again on purpose.
    events("/progress", { lastEventId: feed.lastEventId });
    assert.equal(FakeEventSource.last.position, "e-3");
    events("/progress");
    assert.equal(FakeEventSource.last.position, null);
  });
});

describe("a socket", () => {
  test("shows no heartbeat, whatever it parses", () => {
    for (const json of [true, false]) {
      const ws = socket("/ws", { json, id: () => assert.fail("a heartbeat is no message") });
      ws.onmessage = () => assert.fail("a heartbeat is no message");
      FakeWebSocket.last.accept();
      FakeWebSocket.last.emit(BEAT);
      FakeWebSocket.last.emit(BEAT);
    }
  });

  test("believes no other message that looks like one", async () => {
    const ws = socket("/ws", { backoff: EXACT });
    const seen = [];
    ws.onmessage = ({ data }) => seen.push(data);
    FakeWebSocket.last.accept();
    FakeWebSocket.last.emit(BEAT);
    FakeWebSocket.last.emit('{"type":"ereo.heartbeat","data":1}');
    await pass(19999);
    assert.deepEqual([ws.status, seen], ["open", [1]]);
    // Nor does a server that does not know of them.
    FakeWebSocket.last.lose();
    await pass(1000);
    FakeWebSocket.last.accept();
    FakeWebSocket.last.emit('{"data":2}');
    FakeWebSocket.last.emit(BEAT);
    assert.deepEqual(seen, [1, 2, 10000]);
  });

  test("that is found dead keeps what is sent, and hears no more of the dead one", async () => {
    const ws = socket("/ws", { backoff: EXACT });
    ws.onmessage = () => assert.fail("it was given up");
    FakeWebSocket.last.accept();
    FakeWebSocket.last.emit(BEAT);
    await pass(20000);
    const dead = FakeWebSocket.last;
    assert.deepEqual([ws.send("a"), ws.queued, dead.sent], [true, 1, []]);
    dead.emit('"late"');
    dead.lose();
    await pass(1000);
    assert.equal(FakeWebSocket.all.length, 2);
    dead.onopen({});
    dead.lose(3000);
    assert.equal(ws.status, "connecting");
    FakeWebSocket.last.accept();
    assert.deepEqual(FakeWebSocket.last.sent, ['"a"']);
  });

  test("that is closing keeps what is sent", async () => {
    const ws = socket("/ws", { backoff: EXACT });
    FakeWebSocket.last.accept();
    FakeWebSocket.last.readyState = 2;
    assert.deepEqual([ws.send(1), ws.queued], [true, 1]);
    FakeWebSocket.last.lose();
    await pass(1000);
    FakeWebSocket.last.accept();
    assert.deepEqual(FakeWebSocket.last.sent, ["1"]);
  });

  test("sends JSON that a strict parser reads, wherever half an emoji is", () => {
    const ws = socket("/ws");
    FakeWebSocket.last.accept();
    for (const [data, expected] of [
      ["cut \ud83d", '"cut \ufffd"'],
      ["\ude00 cut", '"\ufffd cut"'],
      ["\ude00\ud83d", '"\ufffd\ufffd"'],
      ["whole 😀\ud83d😀", '"whole 😀\ufffd😀"'],
      [{ "\ud83d": [{ a: ["\udfff"] }] }, '{"\ufffd":[{"a":["\ufffd"]}]}'],
      // What only looks like it: a backslash and letters.
      ["\\ud83d", '"\\\\ud83d"'],
      ["\\\\ud83d", '"\\\\\\\\ud83d"'],
      ["\\\ud83d", '"\\\\\ufffd"'],
      ["\\\\\ud83d\"", '"\\\\\\\\\ufffd\\""'],
      ["\u0000\n\u001f\ud83d", '"\\u0000\\n\\u001f\ufffd"'],
      ["\ud7ff\ue000", '"\ud7ff\ue000"'],
      [{ toJSON: () => "\ud83d" }, '"\ufffd"'],
    ]) {
      ws.send(data);
      assert.equal(FakeWebSocket.last.sent.at(-1), expected);
      assert.ok(FakeWebSocket.last.sent.at(-1).isWellFormed?.() ?? true);
    }
  });
});

describe("a live value", () => {
  const loaded = (value, position) => requests.last.respond(200, { body: value, headers: { "last-event-id": position } });
  const start = () => live("/data", "/stream", { backoff: EXACT });

  test("whose stream is dead shows as reconnecting, and goes on without a gap", async () => {
    const stats = start();
    await loaded(1, "e-1");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit("10000", { name: "ereo.heartbeat", id: "e-1" });
    FakeEventSource.last.emit(2, { id: "e-2" });
    await pass(20000);
    assert.deepEqual([stats.value, stats.status], [2, "reconnecting"]);
    await pass(1000);
    assert.equal(FakeEventSource.last.position, "e-2");
    FakeEventSource.last.accept();
    assert.equal(stats.status, "live");
    assert.equal(requests.requests.length, 1);
  });

  test("whose loader nobody answers is asked for again", async () => {
    const stats = start();
    assert.doesNotMatch(requests.last.url.search, /ereoHeartbeat/);
    await pass(30000);
    assert.ok(requests.last.signal.aborted);
    await pass(1000);
    assert.equal(requests.requests.length, 2);
    // Back, the page does not wait that long.
    await pass(1001);
    returns.online();
    await pass(0);
    assert.equal(requests.requests.length, 3);
    await loaded(3, "e-1");
    assert.equal(stats.value, 3);
    await pass(3600000);
    returns.online();
    await pass(0);
    assert.equal(requests.requests.length, 3);
  });

  test("whose stream is finished is closed", async () => {
    const stats = start();
    await loaded(1, "e-1");
    FakeEventSource.last.accept();
    FakeEventSource.last.emit({}, { name: "ereo.end", id: "ereo-end" });
    assert.deepEqual([stats.value, stats.status], [1, "closed"]);
    await pass(3600000);
    returns.online();
    await pass(0);
    assert.equal(FakeEventSource.all.length + requests.requests.length, 2);
  });
});

// Whoever may name events would else keep a page from noticing that its connection is dead.
test("an event named open is no sign that the connection was opened", async () => {
  const seen = [];
  const feed = events("/feed", { backoff: EXACT });
  feed.on("open", (data) => seen.push(data));
  FakeEventSource.last.accept();
  FakeEventSource.last.emit("10000", { name: "ereo.heartbeat" });
  FakeEventSource.last.emit(1, { name: "open" });
  assert.deepEqual(seen, [1]);
  await pass(25_000);
  assert.equal(FakeEventSource.all[0].readyState, 2, "given up within two heartbeats and a little");
  feed.close();
});

// Each attempt is opened before it is refused, and would else be the first of its series for ever.
test("a socket that is told when to come back does so then, and a little later", async () => {
  const connection = socket("/ws", { backoff: EXACT });
  FakeWebSocket.last.accept();
  FakeWebSocket.last.lose(1013, "too much was sent again to your address; retry in 20000 ms");
  await pass(20_999);
  assert.equal(FakeWebSocket.all.length, 1);
  await pass(1);
  assert.equal(FakeWebSocket.all.length, 2);
  FakeWebSocket.last.accept();
  FakeWebSocket.last.lose(1013, "lagged: 4 messages missed");
  await pass(1000);
  assert.equal(FakeWebSocket.all.length, 3);
  connection.close();
});
