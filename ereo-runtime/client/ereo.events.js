/**
 * Server-sent events.
 *
 * @import { Answer, Events, Transport, TransportSource } from "./ereo.d.ts"
 */
import { isFinal, parse, resolve } from "./ereo.common.js";
import { connection } from "./ereo.connection.js";

/** The id of a stream that has ended for good is no position: it tells the server that there is nothing to come back for. */
const ENDED = "ereo-end";

/**
 * How streams are opened that do not say so: `share` of `ereo-client/tabs` sets it.
 * @type {{ transport?: Transport }}
 */
const shared = {};

/**
 * Server-sent events over the browser's EventSource, which parses the stream and reconnects by
 * itself after a lost connection. It gives up for good at any HTTP answer but 200: then this function
 * goes on, with backoff, from the last position it saw (`?lastEventID=`).
 *
 * A 204 ("ended for good") and a 503 (a server that drains) look the same through an EventSource. So
 * each attempt after a give-up first asks with `fetch`, reads the status and aborts, which ends the
 * request whatever it was answered with:
 *
 * - 200: a new EventSource is opened;
 * - 204, and any 4xx but 408, 425 and 429: `closed`, `endedBy` is the HTTP status;
 * - all else, or no answer: another attempt, `Retry-After` plus the backoff's delay later.
 *
 * A `transport` in the EventSource's place may tell its `answer` itself, and is not asked for with `fetch` then.
 *
 * When the server says that the stream is finished (`ereo.end`), it is `closed`, `endedBy` is `"end"`; when
 * it has ended this connection for good (`ereo.closed`), `endedBy` is the code that it gives.
 *
 * @type {typeof import("./ereo.d.ts").events}
 */
function events(url, options = {}) {
  let { lastEventId = "", withCredentials = false, json = true, transport = options.shared === false ? undefined : shared.transport } = options;
  /** @type {Map<string, Set<(data: any, event: MessageEvent<string>) => void>>} */
  const handlers = new Map();
  /** @type {TransportSource} */
  let source;
  let opened = false;

  const link = connection(url, options, open, () => source.close());

  /** @param {string | URL} url */
  function open(url) {
    // No event ever told us a position, and the last EventSource took what it knew with it.
    let blind = opened && !lastEventId;
    const at = resolve(url, lastEventId, true);
    source = transport ? transport(at, { withCredentials, renews: !!options.refresh }) : new EventSource(at, { withCredentials });
    source.onopen = (/** @type {any} */ event) => {
      if ("data" in event) return; // an event that the server named "open"
      opened = true;
      link.opened();
      // What was sent in between is lost, and a loss is never silent.
      if (blind) feed.onreset?.({ reason: "unknown", missed: null });
      blind = false;
    };
    source.onerror = () => {
      if (source.readyState === 2) judge(source.answer);
      // Not an event that the server named "error": the browser tries again, when the server said.
      else if (!source.readyState) link.pause(link.policy.max);
    };
    for (const name of handlers.keys()) source.addEventListener(name, dispatch);
  }

  /** @param {Event} event */
  function dispatch(event) {
    const { type, data, lastEventId: id } = /** @type {MessageEvent<string>} */ (event);
    if (typeof data !== "string") return; // the EventSource's own "open" or "error"
    link.hears();
    // A new EventSource knows no position until the server sends one; ours stays right until then.
    if (id !== ENDED) lastEventId = id || lastEventId;
    const value = json ? parse(data) : data;
    for (const handler of [.../** @type {Set<Function>} */ (handlers.get(type))]) handler(value, event);
  }

  /** @param {string | URL} url */
  async function attempt(url) {
    const answer = await link.ask(resolve(url, lastEventId, true), "text/event-stream");
    if (answer) judge(answer);
  }

  /** @param {Answer} [answer] */
  function judge({ status, headers } = { status: 0 }) {
    if (status === 200) link.connect();
    else if (isFinal(status)) link.end(status);
    else link.retry(1000 * Number(headers?.get("retry-after")) || 0, "answer" in source ? open : attempt);
  }

  /** @type {Events["on"]} */
  function on(name, handler) {
    if (!handlers.has(name)) {
      handlers.set(name, new Set());
      source?.addEventListener(name, dispatch);
    }
    const called = /** @type {Set<Function>} */ (handlers.get(name));
    called.add(handler);
    return () => called.delete(handler);
  }

  /** @type {Events} */
  const feed = {
    onreset: null,
    get status() { return link.status; },
    get endedBy() { return link.endedBy; },
    get lastEventId() { return lastEventId; },
    subscribe: link.subscribe,
    on,
    close: () => link.end(null),
  };

  on("ereo.heartbeat", (every) => link.beats(+/** @type {string} */ (every)));
  on("ereo.reset", (_, { data }) => feed.onreset?.(JSON.parse(data)));
  on("ereo.expired", () => link.renew());
  on("ereo.closed", (_, { data }) => {
    const { code, final } = JSON.parse(data);
    if (final) link.end(code);
  });
  on("ereo.end", () => link.end("end"));
  link.connect();
  return feed;
}

export { events, shared };
