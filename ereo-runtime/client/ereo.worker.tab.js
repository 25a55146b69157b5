/**
 * One tab, as the worker knows it: by what comes through its port.
 *
 * @import { Reader } from "./ereo.worker.reader.js"
 */
import { stop } from "./ereo.worker.reader.js";
import { go, streams } from "./ereo.worker.stream.js";

/** How often a tab is asked whether it goes on, and how long it may take to say so, in milliseconds. */
const ASKS = 4000;
const SILENT = 15000;
/** For how long a tab that was asked for fresh credentials is waited for. */
const RENEWS = 30000;

/** Those that go on, as far as is known: of one that has crashed nothing is ever heard. @type {Set<Tab>} */
const tabs = new Set();

class Tab {
  /** @type {Map<number, Reader>} */
  #readers = new Map();
  #askedAt = 0;
  /** @type {((stream?: string) => void) | undefined} */
  #opens;
  isVisible = true;

  /** @param {MessagePort} port */
  constructor(port) {
    this.port = port;
    port.onmessage = ({ data: [what, ...args] }) => {
      this.#goesOn();
      const told = /** @type {Record<string, Function>} */ (this.#told);
      told[what]?.(...args);
    };
    tabs.add(this);
    this.post(["here"]);
  }

  /** What the page says. */
  #told = {
    open: this.#open.bind(this),
    ack: this.#ack.bind(this),
    close: this.#close.bind(this),
    leave: this.#leave.bind(this),
    expire: this.#expire.bind(this),
    seen: (/** @type {boolean} */ isVisible) => void (this.isVisible = isVisible),
    "here?": () => this.post(["here"]),
  };

  /** @param {unknown[]} message */
  post(message) {
    this.port.postMessage(message);
  }

  #goesOn() {
    this.#askedAt = 0;
    if (tabs.has(this)) return;
    tabs.add(this);
    for (const reader of this.#readers.values()) go(reader);
  }

  /** Asks whether it goes on: once, however long it takes, for a page that is frozen reads it later. */
  ask() {
    const now = Date.now();
    if (!this.#askedAt) {
      this.#askedAt = now;
      this.post(["here?"]);
    } else if (now - this.#askedAt > SILENT) {
      tabs.delete(this);
      for (const reader of this.#readers.values()) stop(reader);
    }
  }

  /**
   * Whether it comes back to a stream, once it was told that the credentials for it have ended.
   * @param {string} name
   * @returns {Promise<boolean>}
   */
  comesBack(name) {
    return new Promise((done) => {
      const timer = setTimeout(() => this.#opens?.(), RENEWS);
      this.#opens = (stream) => {
        clearTimeout(timer);
        this.#opens = undefined;
        done(stream === name);
      };
    });
  }

  /**
   * @param {number} key
   * @param {string} url without a position
   * @param {string} at
   * @param {boolean} withCredentials
   * @param {boolean} renews
   * @param {string} user
   */
  #open(key, url, at, withCredentials, renews, user) {
    const name = JSON.stringify([url, withCredentials, user]);
    /** @type {Reader} */
    const reader = { tab: this, key, of: [name, url, withCredentials], renews, at, cursor: 0, joined: 0, sent: 0, acked: 0, stopped: 0 };
    this.#readers.set(key, reader);
    go(reader);
    this.#opens?.(name);
  }

  /**
   * So many it has handled.
   * @param {number} key
   * @param {number} handled
   */
  #ack(key, handled) {
    const reader = this.#readers.get(key);
    if (!reader) return;
    reader.acked = handled;
    go(reader);
  }

  /** @param {number} key */
  #close(key) {
    const reader = this.#readers.get(key);
    this.#readers.delete(key);
    reader?.stream?.leave(reader);
  }

  /** It is no more, or comes back as another. */
  #leave() {
    for (const key of [...this.#readers.keys()]) this.#close(key);
    tabs.delete(this);
    this.#opens?.();
    this.port.close();
  }

  /** The user has logged out. @param {string} user */
  #expire(user) {
    for (const [name, stream] of [...streams]) if (JSON.parse(name)[2] === user) stream.expire();
  }
}

setInterval(() => {
  for (const tab of [...tabs]) tab.ask();
  for (const stream of [...streams.values()]) stream.look();
}, ASKS);

export { Tab };
