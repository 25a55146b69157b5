// The worker that has one connection for all tabs, with ports and a server that do only what they are told: where a
// tab comes in, what it is sent, and who holds a connection open.

import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { settle } from "./fakes.mjs";

mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1e12 });
globalThis.location = { href: "https://app.example/ereo.worker.js" };
const { hasHad, later, places } = await import("../../ereo-runtime/client/ereo.positions.js");
await import("../../ereo-runtime/client/ereo.worker.js");

const FEED = "https://app.example/feed";

/** The streams that were asked for, each written to by hand. */
let streams;

class Asked {
  constructor(url, signal) {
    this.url = new URL(url);
    this.from = this.url.searchParams.get("lastEventID") ?? "";
    this.body = new ReadableStream({ start: (controller) => (this.controller = controller) });
    signal.addEventListener("abort", () => (this.isClosed = true));
    streams.push(this);
  }

  async write(text) {
    this.controller.enqueue(new TextEncoder().encode(text));
    // From the stream through the decoder to the reader.
    for (let turn = 0; turn < 4; turn++) await settle();
  }

  async end() {
    this.controller.close();
    for (let turn = 0; turn < 4; turn++) await settle();
  }

  /** Messages of a set, from one number to another. */
  say = (from, to = from, { epoch = "a", name = "message" } = {}) =>
    this.write(Array.from({ length: to - from + 1 }, (_, n) => `event: ${name}\ndata: ${from + n}\nid: ${epoch}-${from + n}\n\n`).join(""));

  beat = (id) => this.write(`${id ? `id: ${id}\n\n` : ""}event: ereo.heartbeat\ndata: 1000\n\n`);
}

const open = () => streams.filter(({ isClosed }) => !isClosed);

/** A tab: what it was sent, by its streams' keys. */
class Tab {
  posted = [];

  constructor({ acks = true } = {}) {
    this.acks = acks;
    this.port = {
      postMessage: (message) => {
        this.posted.push(message);
        if (message[0] === "here?" && this.acks) this.say("here");
      },
      close: () => {},
    };
    globalThis.onconnect({ ports: [this.port] });
  }

  say(...message) {
    this.port.onmessage({ data: message });
  }

  open(at = "", { key = 1, renews = false, user = "" } = {}) {
    this.say("open", key, FEED, at, false, renews, user);
    return settle();
  }

  get events() { return this.posted.filter(([what]) => what === "events").flatMap(([, , events]) => events); }
  get data() { return this.events.filter(([name]) => name && !name.startsWith("ereo.")).map(([, data]) => +data); }
  /** The last position it was told. */
  get at() { return this.events.findLast(([, , id]) => id)?.[2]; }
  told = (name) => this.events.filter(([event]) => event === name);
  ack = () => this.say("ack", 1, this.events.length);
}

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const pass = (ms) => {
  mock.timers.tick(ms);
  return settle();
};

let tabs;
const tab = (options) => {
  const made = new Tab(options);
  tabs.push(made);
  return made;
};

beforeEach(async () => {
  for (const gone of tabs ?? []) gone.say("leave");
  [streams, tabs] = [[], []];
  globalThis.fetch = async (url, { signal }) => {
    const asked = new Asked(url, signal);
    return { status: asked.status ?? globalThis.status ?? 200, headers: new Headers({ "content-type": "text/event-stream" }), body: asked.body };
  };
  globalThis.status = 200;
});

describe("positions", () => {
  test("compare within one life of a set, and of each set of a merged stream", () => {
    const had = (place, at) => hasHad(places(place), places(at));
    assert.ok(had("a-1", "a-1") && had("a-1", "a-10") && had("a-1.b-2", "a-1.b-3"));
    assert.ok(!had("a-2", "a-1") && !had("a-1", "b-2") && !had("a-1.b-2", "a-2.b-1") && !had("a-1", "a-1.b-1") && !had("mine", "mine"));
  });

  test("the later of two is ahead in every set", () => {
    assert.equal(later("a-5.b-1", "a-4.b-2"), "a-5.b-2");
    assert.equal(later("a-5", "a-4"), "a-5");
    assert.equal(later("a-5", "b-1"), "b-1");
    assert.equal(later("a-5", ""), "a-5");
    assert.equal(later("mine", "yours"), "yours");
  });
});

describe("a tab that comes in", () => {
  let first, stream;

  beforeEach(async () => {
    first = tab();
    await first.open("a-10");
    [stream] = streams;
    assert.equal(stream.from, "a-10");
    await stream.beat("a-10");
    await stream.say(11, 20);
    assert.deepEqual(first.data, range(11, 20));
  });

  test("within what is kept goes on from there, over the same connection", async () => {
    for (const at of [10, 13, 20]) {
      const late = tab();
      await late.open(`a-${at}`);
      assert.deepEqual(late.data, range(at + 1, 20));
    }
    await stream.say(21, 22);
    assert.deepEqual(tabs.map(({ data }) => data.at(-1)), [22, 22, 22, 22]);
    assert.equal(streams.length, 1);
  });

  test("ahead of the stream waits, and is told nothing twice", async () => {
    const ahead = tab();
    await ahead.open("a-22");
    await stream.say(21, 24);
    assert.deepEqual(ahead.data, [23, 24]);
    assert.deepEqual(first.data, range(11, 24));
  });

  test("without a position hears what comes, and learns where it is", async () => {
    const fresh = tab();
    await fresh.open();
    assert.deepEqual([fresh.data, fresh.at], [[], "a-20"]);
    await stream.say(21);
    assert.deepEqual(fresh.data, [21]);
  });

  test("from further back has a connection of its own until that meets the one of all", async () => {
    const old = tab();
    await old.open("a-5");
    const [, own] = streams;
    assert.equal(own.from, "a-5");
    await stream.say(21, 22);
    await own.beat("a-5");
    assert.deepEqual(old.data, []);
    await own.say(6, 9);
    assert.ok(!own.isClosed);
    // From what is kept on it is the shared one's.
    await own.say(10, 12);
    assert.ok(own.isClosed);
    assert.deepEqual(old.data, range(6, 22));
    await stream.say(23);
    assert.deepEqual(old.data, range(6, 23));
    assert.deepEqual(open(), [stream]);
  });

  test("of another life of the set is reset alone, by the server", async () => {
    const old = tab();
    await old.open("z-5");
    await streams[1].write('event: ereo.reset\ndata: {"reason":"epoch","missed":null}\nid: a-20\n\n');
    assert.equal(old.told("ereo.reset").length, 1);
    assert.equal(first.told("ereo.reset").length, 0);
    assert.ok(streams[1].isClosed);
    await stream.say(21);
    assert.deepEqual([old.data, first.data.at(-1)], [[21], 21]);
  });

  test("of an application's own ids goes on where that very one is", async () => {
    const FOREIGN = { epoch: "my-own" };
    const [one, two, three] = [tab(), tab(), tab()];
    await one.open("", { user: "x" });
    const mine = streams.at(-1);
    await mine.say(1, 3, FOREIGN);
    await two.open("my-own-2", { user: "x" });
    assert.deepEqual(two.data, [3]);
    await three.open("my-own-0", { user: "x" });
    const own = streams.at(-1);
    await own.say(1, 1, FOREIGN);
    assert.ok(own.isClosed);
    await mine.say(4, 4, FOREIGN);
    assert.deepEqual([one.data, two.data, three.data], [[1, 2, 3, 4], [3, 4], [1, 2, 3, 4]]);
  });

  test("hears events of any name, and those without a position while it is there", async () => {
    await stream.write("event: typing\ndata: 7\n\n");
    const late = tab();
    await late.open("a-19");
    await stream.write("event: typing\ndata: 8\n\n");
    assert.deepEqual(first.told("typing").map(([, data]) => data), ["7", "8"]);
    assert.deepEqual(late.told("typing").map(([, data]) => data), ["8"]);
  });

  test("of a merged stream keeps what it is ahead in", async () => {
    const [one, two] = [tab(), tab()];
    const event = (n, id) => `data: ${n}\nid: ${id}\n\n`;
    await one.open("a-0.b-0", { user: "m" });
    const merged = streams.at(-1);
    await two.open("a-1.b-2", { user: "m" });
    await merged.write(event(1, "a-1.b-0") + event(2, "a-1.b-1") + event(3, "a-2.b-1") + event(4, "a-2.b-2") + event(5, "a-2.b-3"));
    assert.deepEqual([one.data, two.data], [[1, 2, 3, 4, 5], [3, 5]]);
    assert.deepEqual(two.events.filter(([name]) => name === "message").map(([, , id]) => id), ["a-2.b-2", "a-2.b-3"]);
  });
});

describe("what all are told", () => {
  test("a reset, once, and heartbeats with their positions", async () => {
    const both = [tab(), tab()];
    for (const one of both) await one.open("a-1");
    const [stream] = streams;
    // All at once, and in this order.
    await stream.write("data: 2\nid: a-2\n\ndata: 3\nid: a-3\n\nid: a-5\n\nevent: ereo.heartbeat\ndata: 1000\n\n");
    assert.deepEqual(both.map(({ events }) => events.map(([name]) => name)), both.map(() => ["message", "message", "ereo.heartbeat"]));
    await stream.write('event: ereo.reset\ndata: {"reason":"lagged","missed":4}\nid: a-9\n\n');
    await stream.say(10);
    for (const one of both) {
      assert.deepEqual(one.told("ereo.reset").map(([, data]) => JSON.parse(data)), [{ reason: "lagged", missed: 4 }]);
      assert.deepEqual(one.told("ereo.heartbeat").map(([, , id]) => id), ["a-5"]);
      assert.deepEqual([one.data, one.at], [[2, 3, 10], "a-10"]);
    }
    // What was before it is nothing to go on from.
    const late = tab();
    await late.open("a-3");
    assert.equal(streams[1].from, "a-3");
  });

  test("the end, behind what came before it; who comes then asks the server", async () => {
    const [quick, slow] = [tab(), tab()];
    for (const one of [quick, slow]) await one.open("a-0");
    await streams[0].say(1, 600);
    quick.ack();
    await streams[0].write("event: ereo.end\ndata: {}\nid: ereo-end\n\n");
    assert.equal(quick.told("ereo.end").length, 1);
    assert.equal(slow.told("ereo.end").length, 0);
    slow.ack();
    assert.deepEqual([slow.data, slow.told("ereo.end").length], [range(1, 600), 1]);
    await tab().open("a-600");
    assert.equal(streams.length, 2);
  });

  test("a refusal, with its status", async () => {
    globalThis.status = 403;
    const both = [tab(), tab()];
    await Promise.all(both.map((one) => one.open("a-1")));
    for (let turn = 0; turn < 4; turn++) await settle();
    for (const one of both) assert.deepEqual(one.told(""), [["", 403, ""]]);
  });

  test("that the connection is away, and back", async () => {
    const one = tab();
    await one.open("a-1");
    await streams[0].beat("a-1");
    await streams[0].say(2);
    await streams[0].end();
    assert.equal(one.posted.at(-1)[0], "connecting");
    await pass(5000);
    assert.equal(streams[1].from, "a-2");
    await streams[1].beat("a-2");
    assert.ok(one.posted.some(([what], n) => what === "open" && one.posted.slice(0, n).some(([before]) => before === "connecting")));
  });
});

describe("a tab that has stopped", () => {
  test("is sent 500 events, and goes on where it was, from what is kept", async () => {
    const [slow, quick] = [tab(), tab()];
    for (const one of [slow, quick]) await one.open("a-0");
    await streams[0].say(1, 450);
    quick.ack();
    await streams[0].say(451, 900);
    assert.deepEqual([slow.data.length, quick.data.length], [500, 900]);
    slow.ack();
    assert.deepEqual(slow.data, range(1, 900));
    assert.equal(streams.length, 1);
  });

  test("for longer than is kept goes on over a connection of its own", async () => {
    const [slow, quick] = [tab(), tab()];
    for (const one of [slow, quick]) await one.open("a-0");
    for (let n = 0; n < 3000; n += 300) {
      await streams[0].say(n + 1, n + 300);
      quick.ack();
    }
    assert.deepEqual([slow.data.length, quick.data.length], [500, 3000]);
    slow.ack();
    await settle();
    assert.equal(streams[1].from, "a-500");
    await streams[1].say(501, 990);
    slow.ack();
    await streams[1].say(991, 1200);
    for (let n = 0; n < 6; n++) slow.ack();
    assert.deepEqual(slow.data, range(1, 3000));
    assert.ok(streams[1].isClosed);
  });

  test("holds nothing open, and is served again when it goes on", async () => {
    const [here, crashed] = [tab(), tab({ acks: false })];
    for (const one of [here, crashed]) await one.open("a-0");
    await streams[0].say(1);
    here.say("leave");
    assert.equal(open().length, 1, "nothing is known of it yet");
    for (let n = 0; n < 8; n++) await pass(4000);
    assert.equal(open().length, 0);
    // It was frozen, and no more.
    crashed.say("here");
    await settle();
    assert.deepEqual(open().map(({ from }) => from), ["a-1"]);
    await open()[0].say(2);
    assert.deepEqual(crashed.data, [1, 2]);
  });

  test("for a moment, with much at once, costs no connection", async () => {
    const one = tab();
    await one.open("a-0");
    await streams[0].say(1, 1000);
    await pass(4000);
    one.ack();
    one.ack();
    assert.deepEqual(one.data, range(1, 1000));
    assert.equal(streams.length, 1);
    assert.ok(!streams[0].isClosed);
  });

  test("a stream without positions says that something is lost", async () => {
    const one = tab();
    await one.open();
    await streams[0].write("data: 1\n\n".repeat(3000));
    one.ack();
    assert.deepEqual(one.told("ereo.reset").map(([, data]) => JSON.parse(data)), [{ reason: "unknown", missed: null }]);
    await streams[0].write("data: 2\n\n");
    assert.equal(one.data.at(-1), 2);
  });

  test("what is large is kept for fewer events", async () => {
    const [one, two] = [tab(), tab()];
    await one.open("a-0");
    const text = "1".repeat(1e6);
    for (let n = 1; n <= 6; n++) await streams[0].write(`data: ${text}\nid: a-${n}\n\n`);
    await two.open("a-1");
    assert.equal(streams[1].from, "a-1");
    await streams[1].write(`data: ${text}\nid: a-2\n\n`);
    assert.equal(two.data.length, 5);
  });
});

describe("credentials", () => {
  const expire = async (stream) => {
    await stream.write("event: ereo.expired\ndata: {}\n\n");
    await pass(1000);
  };
  const asked = (one) => one.told("ereo.expired").length;

  test("are asked of one tab, one that is seen, and the others wait", async () => {
    const [hidden, seen, other] = [tab(), tab(), tab()];
    for (const one of tabs) await one.open("a-1", { renews: true });
    for (const one of [hidden, other]) one.say("seen", false);
    await expire(streams[0]);
    assert.deepEqual(tabs.map(asked), [0, 1, 0]);
    assert.equal(open().length, 0);
    seen.say("close", 1);
    await seen.open("a-1", { renews: true, key: 2 });
    assert.deepEqual(open().map(({ from }) => from), ["a-1"]);
    await open()[0].say(2);
    assert.deepEqual(tabs.map(({ data }) => data), [[2], [2], [2]]);
  });

  test("are asked of the next where one has none, or goes; who cannot get any is told so", async () => {
    const [without, first, second] = [tab(), tab(), tab()];
    await without.open("a-1");
    for (const one of [first, second]) await one.open("a-1", { renews: true });
    await expire(streams[0]);
    assert.deepEqual(tabs.map(asked), [1, 1, 0]);
    without.say("close", 1);
    first.say("close", 1);
    // With another token in its URL.
    first.say("open", 2, `${FEED}?token=2`, "a-1", false, true, "");
    await settle();
    assert.equal(asked(second), 1);
    second.say("close", 1);
    second.say("leave");
    await settle();
    assert.deepEqual(open().map(({ url }) => url.searchParams.get("token")), ["2"]);
  });

  test("of one user are ended, and of no other", async () => {
    const [ann, bob] = [tab(), tab()];
    await ann.open("a-1", { user: "ann" });
    await bob.open("a-1", { user: "bob" });
    assert.equal(streams.length, 2);
    ann.say("expire", "ann");
    assert.deepEqual([asked(ann), asked(bob)], [1, 0]);
    assert.deepEqual(open(), [streams[1]]);
  });
});
