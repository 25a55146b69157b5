/**
 * One connection to the server for all tabs that follow a URL: what it got lately, and how far each of them is.
 *
 * @import { Reader } from "./ereo.worker.reader.js"
 * @import { Sent } from "./ereo.worker.ring.js"
 * @import { Tab } from "./ereo.worker.tab.js"
 */
import { hasHad, places } from "./ereo.positions.js";
import { everything } from "./ereo.worker.feed.js";
import { ending, moved, post, release, room, send, stop, tell } from "./ereo.worker.reader.js";
import { Ring } from "./ereo.worker.ring.js";

/** For how long readers that do not go on hold a connection open all the same, in milliseconds. */
const PATIENCE = 5000;

/** @type {Map<string, Stream>} */
const streams = new Map();

class Stream {
  #ring;
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
    this.#ring = new Ring(position);
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
    this.#ring.moveTo(id);
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
    this.#ring.clear(id);
    for (const reader of inStep) {
      reader.cursor = this.#ring.next;
      reader.at = "";
      send(reader, ["ereo.reset", data, id]);
    }
    this.#meetAll();
  }

  /** @param {Sent} sent */
  #push(...sent) {
    this.#isOver ||= /^(|ereo\.(end|expired))$/.test(sent[0]) || this.#feed.status === "closed";
    // Who comes now is to ask the server.
    if (this.#isOver) this.#forget();
    this.#ring.push(sent);
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
    return [...this.readers].filter(({ cursor, catching, stopped }) => cursor === this.#ring.next && !catching && !stopped);
  }

  /**
   * Sends what there is for it.
   * @param {Reader} reader
   */
  pump(reader) {
    if (reader.catching || reader.stopped) return;
    if (reader.cursor < this.#ring.first) return this.#enter(reader, true);
    /** @type {Sent[]} */
    const batch = [];
    const most = room(reader);
    for (; reader.cursor < this.#ring.next && batch.length < most; reader.cursor++) {
      const { sent, place, isAside } = this.#ring.at(reader.cursor);
      if (isAside ? reader.cursor < reader.joined : hasHad(place, places(reader.at))) continue;
      batch.push(moved(reader, sent));
    }
    if (batch.length) post(reader, batch);
    if (reader.cursor < this.#ring.next) stop(reader);
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
    reader.joined = this.#ring.next;
    const cursor = this.#ring.cursor(reader.at);
    if (cursor === undefined) return this.#catchUp(reader);
    reader.cursor = cursor;
    tell(reader, this.#feed.status);
    if (isBack && !reader.at) send(reader, ["ereo.reset", '{"reason":"unknown","missed":null}', this.#ring.position]);
    // How often they come, and where it is, if it does not know.
    if (this.#beat && this.#feed.status === "open") send(reader, ["ereo.heartbeat", this.#beat, cursor === this.#ring.next && !reader.at ? this.#ring.position : ""]);
    this.pump(reader);
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
      if (room(reader) <= 0) stop(reader);
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
    const cursor = reader.at ? this.#ring.cursor(reader.at) : undefined;
    if (!reader.catching || this.#isOver || cursor === undefined) return;
    release(reader);
    reader.cursor = cursor;
    reader.joined = this.#ring.next;
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
 * It goes on, at first or again.
 * @param {Reader} reader
 */
function go(reader) {
  const wasStopped = reader.stopped;
  if (room(reader) <= 0) return;
  reader.stopped = 0;
  const { stream } = reader;
  if (stream && wasStopped) stream.pump(reader);
  else if (!stream) (streams.get(reader.of[0]) ?? new Stream(reader.of, reader.at)).join(reader);
}

export { Stream, go, streams };
