/**
 * One connection to the server for all tabs that follow a URL: what it got lately, and how far each of them is.
 *
 * @import { Events, Status } from "./ereo.d.ts"
 * @import { Places } from "./ereo.positions.js"
 * @import { Tab } from "./ereo.worker.tab.js"
 */
import { hasHad, later, places } from "./ereo.positions.js";
import { everything } from "./ereo.worker.feed.js";

/** How many events are kept, and how many characters of them. */
const KEPT = 2000;
const CHARACTERS = 4e6;
/** How many a tab may be sent before it says that it has handled them. */
const AHEAD = 500;
/** The id that tells of an end. */
const ENDED = "ereo-end";
/** For how long readers that do not go on hold a connection open all the same, in milliseconds. */
const PATIENCE = 5000;

/**
 * An event as a tab is sent it. One without a name is the end, and its data the HTTP status.
 * @typedef {[name: string, data: unknown, id: string]} Sent
 * @typedef {{ sent: Sent, place: Places | undefined, isAside: boolean, weight: number }} Entry
 */

/**
 * What one tab follows. `at` is the position of what it was sent last, from which it can always go on.
 * @typedef {object} Reader
 * @property {Tab} tab
 * @property {number} key as the tab names it
 * @property {[name: string, url: string, withCredentials: boolean]} of the stream's
 * @property {boolean} renews whether it can get fresh credentials
 * @property {string} at
 * @property {Stream} [stream]
 * @property {number} cursor the number of the entry that it gets next
 * @property {number} joined what has no position of its own and came before that is none of its business
 * @property {number} sent
 * @property {number} acked
 * @property {number} stopped since when it does not go on; 0 while it does
 * @property {Events<unknown>} [catching] a connection of its own, until that meets the one of all
 */

/** @type {Map<string, Stream>} */
const streams = new Map();

class Stream {
  /** @type {Entry[]} */
  #ring = [];
  #weight = 0;
  /** The number of the first entry that is kept, and what had come before it. */
  #first = 0;
  #floor;
  /** Of the last that came. */
  #position;
  /** How often heartbeats come, as the server says it. */
  #beat = "";
  #flushes = false;
  #isOver = false;
  #feed;
  /** @type {Set<Reader>} */
  readers = new Set();

  /**
   * @param {Reader["of"]} of
   * @param {string} position
   */
  constructor(of, position) {
    const [name, url, withCredentials] = of;
    this.name = name;
    this.#floor = this.#position = position;
    streams.set(name, this);
    const options = { lastEventId: position, withCredentials, refresh: () => this.#renew() };
    this.#feed = everything(url, options, (...sent) => this.#hear(...sent));
    this.#feed.onreset = ({ reason }) => {
      // No event says that: a stream without positions was away.
      if (reason === "unknown") this.#reset('{"reason":"unknown","missed":null}', "");
    };
    this.#feed.subscribe((status) => {
      for (const reader of this.readers) if (!reader.catching) tell(reader, status);
      // What the server said of the end is yet to be heard.
      if (status === "closed") queueMicrotask(() => this.#isOver || this.#push(...ending(this.#feed.endedBy)));
    });
  }

  get #next() { return this.#first + this.#ring.length; }

  /** @param {Sent} sent */
  #hear(...sent) {
    const [name, data, id] = sent;
    if (name === "ereo.heartbeat") this.#heartbeat(/** @type {string} */ (data), id);
    else if (name === "ereo.reset") this.#reset(data, id);
    else if (name !== "ereo.expired") this.#push(...sent);
  }

  /**
   * @param {string} beat
   * @param {string} id
   */
  #heartbeat(beat, id) {
    this.#flush();
    this.#beat = beat;
    this.#floor ||= id;
    this.#position = id || this.#position;
    for (const reader of this.#inStep()) send(reader, ["ereo.heartbeat", beat, id]);
    this.#meetAll();
  }

  /**
   * Nothing goes on from what was kept.
   * @param {unknown} data
   * @param {string} id
   */
  #reset(data, id) {
    this.#flush();
    const inStep = this.#inStep();
    this.#first = this.#next;
    this.#ring = [];
    this.#weight = 0;
    this.#floor = this.#position = id;
    for (const reader of inStep) {
      reader.cursor = this.#next;
      reader.at = "";
      send(reader, ["ereo.reset", data, id]);
    }
    this.#meetAll();
  }

  /** @param {Sent} sent */
  #push(...sent) {
    const [name, data, id] = sent;
    const isAside = !id || id === this.#position;
    const weight = String(data).length;
    this.#isOver ||= /^(|ereo\.(end|expired))$/.test(name) || this.#feed.status === "closed";
    // Who comes now is to ask the server.
    if (this.#isOver) this.#forget();
    const place = places(id);
    // What it has had itself, it has had.
    if (place) this.#floor ||= id;
    this.#position = id || this.#position;
    this.#weight += weight;
    this.#ring.push({ sent, place, isAside, weight });
    while (this.#ring.length > KEPT || (this.#weight > CHARACTERS && this.#ring.length > 1)) {
      const [gone] = this.#ring.splice(0, 1);
      this.#first += 1;
      this.#weight -= gone.weight;
      this.#floor = gone.sent[2] || this.#floor;
    }
    if (this.#flushes) return;
    this.#flushes = true;
    // All that came at once goes at once.
    queueMicrotask(() => this.#flush());
  }

  #flush() {
    if (!this.#flushes) return;
    this.#flushes = false;
    for (const reader of [...this.readers]) this.pump(reader);
    this.#meetAll();
  }

  /** Those who have had all there is. */
  #inStep() {
    return [...this.readers].filter(({ cursor, catching, stopped }) => cursor === this.#next && !catching && !stopped);
  }

  /**
   * Sends what there is for it.
   * @param {Reader} reader
   */
  pump(reader) {
    if (reader.catching || reader.stopped) return;
    if (reader.cursor < this.#first) return this.#enter(reader, true);
    /** @type {Sent[]} */
    const batch = [];
    const room = AHEAD - (reader.sent - reader.acked);
    for (; reader.cursor < this.#next && batch.length < room; reader.cursor++) {
      const { sent, place, isAside } = this.#ring[reader.cursor - this.#first];
      if (isAside ? reader.cursor < reader.joined : hasHad(place, places(reader.at))) continue;
      batch.push(moved(reader, sent));
    }
    if (batch.length) post(reader, batch);
    if (reader.cursor < this.#next) stop(reader);
  }

  /** @param {Reader} reader */
  join(reader) {
    this.readers.add(reader);
    reader.stream = this;
    this.#enter(reader, false);
  }

  /**
   * @param {Reader} reader
   * @param {boolean} isBack whether it was here before, and something has come since
   */
  #enter(reader, isBack) {
    reader.joined = this.#next;
    const cursor = this.#cursor(reader.at);
    if (cursor === undefined) return this.#catchUp(reader);
    reader.cursor = cursor;
    tell(reader, this.#feed.status);
    if (isBack && !reader.at) send(reader, ["ereo.reset", '{"reason":"unknown","missed":null}', this.#position]);
    // How often they come, and where it is, if it does not know.
    if (this.#beat && this.#feed.status === "open") send(reader, ["ereo.heartbeat", this.#beat, cursor === this.#next && !reader.at ? this.#position : ""]);
    this.pump(reader);
  }

  /**
   * The number of the entry that comes behind a position; none where what is kept does not reach back to it.
   * @param {string} at
   */
  #cursor(at) {
    if (!at || at === this.#position) return this.#next;
    // What it has had is passed over.
    if (at === this.#floor || hasHad(places(this.#floor), places(at))) return this.#first;
    const index = this.#ring.findLastIndex(({ sent, isAside }) => sent[2] === at && !isAside);
    return index < 0 ? undefined : this.#first + index + 1;
  }

  /**
   * A connection for this tab alone, from its position until that is within what is kept.
   * @param {Reader} reader
   */
  #catchUp(reader) {
    const [, url, withCredentials] = reader.of;
    const feed = everything(url, { lastEventId: reader.at, withCredentials }, (name, data, id) => {
      if (reader.catching !== feed) return;
      if (name === "ereo.reset") reader.at = "";
      send(reader, [name, data, id]);
      if (reader.sent - reader.acked >= AHEAD) stop(reader);
      else this.#meet(reader);
    });
    reader.catching = feed;
    feed.subscribe((status) => {
      if (reader.catching !== feed) return;
      tell(reader, status);
      if (status === "closed" && typeof feed.endedBy === "number") send(reader, ending(feed.endedBy));
    });
  }

  /** @param {Reader} reader */
  #meet(reader) {
    const cursor = reader.at ? this.#cursor(reader.at) : undefined;
    if (!reader.catching || this.#isOver || cursor === undefined) return;
    release(reader);
    reader.cursor = cursor;
    reader.joined = this.#next;
    tell(reader, this.#feed.status);
    this.pump(reader);
  }

  #meetAll() {
    for (const reader of [...this.readers]) this.#meet(reader);
  }

  /** One tab is asked for fresh credentials, one that is seen if there is one; the others wait. */
  async #renew() {
    /** @type {Set<Tab>} */
    const asked = new Set();
    let isFresh = false;
    for (const reader of [...this.readers]) if (!reader.renews) send(reader, ending("expired"));
    while (!isFresh) {
      const able = [...this.readers].filter(({ tab, renews, stopped }) => renews && !stopped && !asked.has(tab));
      const reader = able.find(({ tab }) => tab.isVisible) ?? able[0];
      if (!reader) break;
      asked.add(reader.tab);
      const back = reader.tab.comesBack(this.name);
      send(reader, ending("expired"));
      isFresh = await back;
    }
    return isFresh;
  }

  /** The credentials are another user's now. */
  expire() {
    this.#push(...ending("expired"));
    this.#flush();
    this.#feed.close();
  }

  #forget() {
    if (streams.get(this.name) === this) streams.delete(this.name);
  }

  /** Whether somebody holds it open still: readers that have stopped do not. */
  look() {
    const goesOn = [...this.readers].some(({ stopped }) => !stopped || Date.now() - stopped < PATIENCE);
    if (goesOn) return;
    this.#forget();
    this.#isOver = true;
    this.#feed.close();
    for (const reader of this.readers) {
      release(reader);
      reader.stream = undefined;
    }
  }

  /** @param {Reader} reader */
  leave(reader) {
    release(reader);
    this.readers.delete(reader);
    this.look();
  }
}

/**
 * The end as its cause has it.
 * @param {unknown} cause
 * @returns {Sent}
 */
const ending = (cause) => (typeof cause === "number" ? ["", cause, ""] : ["ereo.expired", "{}", ""]);

/**
 * @param {Reader} reader
 * @param {Status} status
 */
const tell = ({ tab, key }, status) => status !== "closed" && tab.post([status, key]);

/**
 * The event with the position that the tab has with it: that of a merged stream may be ahead of it in one set, and
 * behind it in another.
 * @param {Reader} reader
 * @param {Sent} sent
 * @returns {Sent}
 */
function moved(reader, [name, data, id]) {
  // That of an end is none to go on from.
  if (!id || id === ENDED) return [name, data, id];
  reader.at = later(reader.at, id);
  return [name, data, reader.at];
}

/**
 * @param {Reader} reader
 * @param {Sent[]} batch
 */
function post(reader, batch) {
  reader.sent += batch.length;
  reader.tab.post(["events", reader.key, batch]);
}

/**
 * @param {Reader} reader
 * @param {Sent} sent
 */
const send = (reader, sent) => post(reader, [moved(reader, sent)]);

/** @param {Reader} reader */
function release(reader) {
  const { catching } = reader;
  reader.catching = undefined;
  catching?.close();
}

/** @param {Reader} reader */
function stop(reader) {
  reader.stopped ||= Date.now();
  // It is found anew, by its position.
  if (reader.catching) reader.cursor = -1;
  release(reader);
}

/**
 * It goes on, at first or again.
 * @param {Reader} reader
 */
function go(reader) {
  const wasStopped = reader.stopped;
  if (reader.sent - reader.acked >= AHEAD) return;
  reader.stopped = 0;
  const { stream } = reader;
  if (stream && wasStopped) stream.pump(reader);
  else if (!stream) (streams.get(reader.of[0]) ?? new Stream(reader.of, reader.at)).join(reader);
}

export { go, stop, streams };
