/**
 * One connection for all tabs: event streams by way of a SharedWorker (`ereo.worker.js`), where there can be one.
 *
 * @import { Answer, Transport } from "./ereo.d.ts"
 */
import { shared } from "./ereo.events.js";

/** How many events may be handled before the worker is told. */
const EVERY = 64;
/** How long the worker may take to start, to ask whether we go on, and to answer when we ask, in milliseconds. */
const STARTS = 10000;
const ASKS = 9000;
const ANSWERS = 3000;

/** The version is in its name: pages of another release have another worker. */
const start = () => new SharedWorker(new URL("./ereo.worker.js", import.meta.url), { type: "module", name: "ereo-client 0.1.0" });

/** @type {typeof import("./ereo.tabs.d.ts").share} */
export function share(worker, { key: user = "" } = {}) {
  /** @type {Map<number, TabSource>} */
  const sources = new Map();
  let keys = 0;
  /** @type {MessagePort | undefined} */
  let port;
  let isReady = false;
  /** How often in a row the worker did not answer. */
  let failures = 0;
  let isBroken = typeof SharedWorker === "undefined";
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;

  /** @param {unknown[]} message */
  const post = (...message) => port?.postMessage(message);
  const seen = () => post("seen", document.visibilityState !== "hidden");

  function connect() {
    isReady = false;
    try {
      const made = typeof worker === "function" ? worker() : worker ? new SharedWorker(worker, { type: "module", name: "ereo-client 0.1.0" }) : start();
      made.onerror = () => isReady || made.port !== port || giveUp();
      port = made.port;
      port.onmessage = ({ data }) => hear(data);
      seen();
      expect(STARTS);
    } catch {
      giveUp();
    }
  }

  /** @param {any[]} message */
  function hear([op, key, events]) {
    isReady = true;
    failures = 0;
    expect(ASKS, ask);
    if (op === "here?") return post("here");
    const source = sources.get(key);
    if (op === "open") source?.opens();
    else if (op === "connecting") source?.waits();
    else if (op === "events") source?.take(events);
  }

  /**
   * Waits for a sign of the worker.
   * @param {number} ms
   * @param {() => void} [missed]
   */
  function expect(ms, missed = fail) {
    const due = Date.now() + ms;
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A timer that is late itself slept with the page: what came meanwhile is still to be handled.
      if (Date.now() - due > ANSWERS) expect(ANSWERS, missed);
      else missed();
    }, ms);
  }

  /** It asks more often than that. */
  function ask() {
    post("here?");
    expect(ANSWERS);
  }

  /** The worker is gone, or hangs: another is started, once. */
  function fail() {
    failures += 1;
    if (failures > 1 || !isReady) giveUp();
    else again();
  }

  function giveUp() {
    isBroken = true;
    console.warn("ereo: there is no worker to share connections by; this page has its own");
    again();
  }

  /** Leaves; each stream comes back with its position, by a worker or of its own. */
  function again() {
    leave();
    for (const source of [...sources.values()]) source.end({ status: 0 });
  }

  function leave() {
    clearTimeout(timer);
    post("leave");
    port?.close();
    port = undefined;
  }

  /** @type {Transport} */
  const transport = (url, { withCredentials, renews = false }) => {
    if (isBroken) return new EventSource(url, { withCredentials });
    if (!port) connect();
    // It may have broken just now.
    if (isBroken || !port) return new EventSource(url, { withCredentials });
    const at = new URL(url);
    const position = at.searchParams.get("lastEventID") ?? "";
    at.searchParams.delete("lastEventID");
    at.searchParams.delete("ereoHeartbeat");
    const key = (keys += 1);
    const source = new TabSource(
      (handled) => post("ack", key, handled),
      () => {
        sources.delete(key);
        post("close", key);
      },
    );
    sources.set(key, source);
    post("open", key, at.href, position, withCredentials, renews, user);
    return source;
  };

  // A page that is kept, to be shown again when one goes back, has no connections meanwhile.
  addEventListener("pagehide", leave);
  addEventListener("pageshow", ({ persisted }) => persisted && again());
  document.addEventListener("visibilitychange", seen);
  shared.transport = transport;
  return {
    get isShared() { return !isBroken; },
    expire: () => post("expire", user),
  };
}

/** A stream as the worker forwards it; an EventSource to `events`. */
class TabSource extends EventTarget {
  /** 0: connecting, 1: open, 2: closed. */
  readyState = 0;
  /** @type {((event: Event) => void) | null} */
  onopen = null;
  /** @type {((event: Event) => void) | null} */
  onerror = null;
  /** @type {Answer | undefined} */
  answer = undefined;
  #handled = 0;
  #acked = 0;
  #ack;
  #leave;

  /**
   * @param {(handled: number) => void} ack
   * @param {() => void} leave
   */
  constructor(ack, leave) {
    super();
    this.#ack = ack;
    this.#leave = leave;
  }

  opens() {
    if (this.readyState) return;
    this.readyState = 1;
    this.onopen?.(new Event("open"));
  }

  /** The worker comes back by itself. */
  waits() {
    if (this.readyState !== 1) return;
    this.readyState = 0;
    this.onerror?.(new Event("error"));
  }

  /** @param {[name: string, data: any, id: string][]} events */
  take(events) {
    for (const [name, data, lastEventId] of events) {
      if (this.readyState === 2) return;
      if (name) this.dispatchEvent(new MessageEvent(name, { data, lastEventId }));
      else this.end({ status: data });
      this.#handled += 1;
    }
    if (this.#handled - this.#acked < EVERY) return;
    this.#acked = this.#handled;
    this.#ack(this.#handled);
  }

  /** @param {Answer} answer */
  end(answer) {
    if (this.readyState === 2) return;
    this.close();
    this.answer = answer;
    this.onerror?.(new Event("error"));
  }

  close() {
    if (this.readyState !== 2) this.#leave();
    this.readyState = 2;
  }
}
