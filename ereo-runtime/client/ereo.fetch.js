/**
 * Event streams over `fetch`, for what a browser's EventSource cannot send: headers, such as a token in
 * `Authorization`, and a body with `POST`. The positions, heartbeats, waits and ends are those of `events`.
 *
 * @import { Answer, TransportSource } from "./ereo.d.ts"
 */

/** As browsers wait, where the server does not say `retry`. */
const RETRY = 3000;

/** @type {typeof import("./ereo.fetch.d.ts").overFetch} */
export function overFetch({ headers = {}, method, body } = {}) {
  /**
   * Asked for anew at each attempt: a token may have ended meanwhile.
   * @param {HeadersInit} [own]
   */
  async function all(own) {
    const merged = new Headers(own);
    new Headers(typeof headers === "function" ? await headers() : headers).forEach((value, name) => merged.set(name, value));
    return merged;
  }

  return Object.assign(
    /** @type {import("./ereo.d.ts").Transport} */ ((url, { withCredentials }) =>
      new FetchSource(url, async (signal) =>
        fetch(url, {
          method,
          body,
          headers: await all({ accept: "text/event-stream" }),
          cache: "no-store",
          credentials: withCredentials ? "include" : "same-origin",
          signal,
        }))),
    {
      /**
       * @param {string} url
       * @param {RequestInit} init
       */
      fetch: async (url, init) => fetch(url, { ...init, headers: await all(init.headers) }),
    },
  );
}

/** One stream, as an EventSource gives it; it does not connect again, but says in `answer` when to. */
class FetchSource extends EventTarget {
  #request = new AbortController();
  /** 0: connecting, 1: open, 2: closed. */
  readyState = 0;
  /** @type {((event: Event) => void) | null} */
  onopen = null;
  /** @type {((event: Event) => void) | null} */
  onerror = null;
  /** @type {Answer | undefined} */
  answer;

  /**
   * @param {string} url
   * @param {(signal: AbortSignal) => Promise<Response>} ask
   */
  constructor(url, ask) {
    super();
    this.#read(new URL(url).origin, ask);
  }

  /**
   * @param {string} origin
   * @param {(signal: AbortSignal) => Promise<Response>} ask
   */
  async #read(origin, ask) {
    const events = new Parser((name, data, lastEventId) => {
      if (this.readyState === 1) this.dispatchEvent(new MessageEvent(name, { data, lastEventId, origin }));
    });
    /** @type {Answer} */
    let answer = { status: 0 };
    try {
      const response = await ask(this.#request.signal);
      if (this.readyState) return;
      const { status, headers } = response;
      answer = { status, headers };
      if (status === 200 && response.body && /^text\/event-stream\b/i.test(headers.get("content-type") ?? "")) {
        this.readyState = 1;
        this.onopen?.(new Event("open"));
        // A stream that was open has ended, or breaks off: to be opened again when the server said.
        answer = { status: 0 };
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part; !(part = await reader.read()).done; ) events.push(part.value);
      } else if (status === 200) {
        // It is no stream, and asking again at once will not make it one.
        answer = { status: 0 };
        this.#request.abort();
      }
    } catch (error) {
      answer.error = error;
    }
    if (this.readyState === 2) return;
    if (this.readyState) answer.headers = new Headers({ "retry-after": `${events.retry / 1000}` });
    this.readyState = 2;
    this.answer = answer;
    this.onerror?.(new Event("error"));
  }

  close() {
    this.readyState = 2;
    this.#request.abort();
  }
}

/** The standard's algorithm: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
class Parser {
  #rest = "";
  #name = "";
  #data = "";
  #id = "";
  /** The id of the block that is read, which counts from its end. */
  #nextId = "";
  retry = RETRY;

  /** @param {(name: string, data: string, id: string) => void} dispatch */
  constructor(dispatch) {
    this.dispatch = dispatch;
  }

  /** @param {string} text */
  push(text) {
    // A line feed may follow a carriage return in the next part, and a line ends once.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = /** @type {string} */ (lines.pop());
    for (const line of lines) this.#line(line);
  }

  /** @param {string} line */
  #line(line) {
    if (!line) return this.#block();
    const [, name, value] = /** @type {RegExpExecArray} */ (/^([^:]*):? ?(.*)$/s.exec(line));
    if (name === "data") this.#data += `${value}\n`;
    else if (name === "event") this.#name = value;
    else if (name === "id" && !value.includes("\0")) this.#nextId = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = +value;
  }

  #block() {
    const [name, data] = [this.#name || "message", this.#data];
    this.#name = this.#data = "";
    this.#id = this.#nextId;
    if (data) this.dispatch(name, data.slice(0, -1), this.#id);
  }
}
