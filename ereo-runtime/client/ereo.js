/**
 * Ereo in the browser: `events` (server-sent events), `socket` (WebSocket) and `live` (a loader's
 * value, kept up to date by a stream). One file, no dependency, no build step.
 *
 * A connection's status is `connecting`, `open` or `closed`. `connecting` covers the first attempt
 * and every wait before another one; `closed` is final: after `close()`, or when the server said so.
 */

const RESET = "ereo.reset";
const EXPIRED = "ereo.expired";
/** Closed with: the credentials have ended. */
const UNAUTHORIZED = 3000;
const POSITION = "lastEventID";

/**
 * How long to wait before attempt `n` (counted from 0): `min(base * factor ** n, max)` milliseconds.
 * With `jitter: "full"` any time from 0 up to that is as likely as any other, so that the clients of
 * a server that went away do not all come back at one moment; with `"none"` it is exactly that.
 */
export class Backoff {
  constructor({ base = 1000, factor = 2, max = 30000, jitter = "full" } = {}) {
    if (jitter !== "full" && jitter !== "none") {
      throw new RangeError(`jitter is "full" or "none", not ${JSON.stringify(jitter)}`);
    }
    Object.assign(this, { base, factor, max, jitter });
  }

  delay(attempt) {
    // An overflow to Infinity is no special case: the minimum takes it.
    const delay = Math.min(this.base * this.factor ** attempt, this.max);
    return this.jitter === "full" ? Math.random() * delay : delay;
  }
}

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
 * When the server says that the credentials have ended (`ereo.expired`), `refresh` is called for fresh
 * ones, and the stream goes on from its position; see `renewal`. Without it, it is `closed`, `endedBy`
 * is `"expired"`.
 */
export function events(
  url,
  { lastEventId = "", withCredentials = false, json = true, backoff, refresh } = {},
) {
  const policy = asBackoff(backoff);
  const status = observable("connecting");
  const handlers = new Map();
  let source, timer, probing;
  let attempts = 0;
  let opened = false;
  const credentials = renewal(refresh, policy, {
    again(fresh) {
      url = fresh ?? url;
      connect();
    },
    end,
  });

  const feed = {
    /** Called with `{ reason, missed }` when the server could not go on from our position. */
    onreset: null,
    /** The HTTP status with which the server ended the stream for good, or `"expired"`, else null. */
    endedBy: null,
    get status() { return status.value; },
    get lastEventId() { return lastEventId; },

    /** Calls `callback(status)` now and at every change; returns the function that stops it. */
    subscribe: status.subscribe,

    /** Calls `handler(data, event)` for events of that name; `event.data` is the raw text. */
    on(name, handler) {
      if (!handlers.has(name)) {
        handlers.set(name, new Set());
        source.addEventListener(name, dispatch);
      }
      handlers.get(name).add(handler);
      return () => handlers.get(name).delete(handler);
    },

    /** Ends the stream; nothing is called afterwards, and nothing reconnects. */
    close: () => end(null),
  };

  function connect() {
    // No event ever told us a position, and the last EventSource took what it knew with it.
    let blind = opened && !lastEventId;
    source = new EventSource(resolve(url, lastEventId), { withCredentials });
    source.onopen = () => {
      attempts = 0;
      opened = true;
      credentials.taken();
      status.set("open");
      // What was sent in between is lost, and a loss is never silent.
      if (blind) feed.onreset?.({ reason: "unknown", missed: null });
      blind = false;
    };
    source.onerror = () => {
      if (source.readyState === 1) return; // an event that the server named "error"
      status.set("connecting");
      if (source.readyState === 2) attemptLater(0);
    };
    source.addEventListener(RESET, (event) => {
      moveTo(event);
      feed.onreset?.(JSON.parse(event.data));
    });
    source.addEventListener(EXPIRED, (event) => {
      moveTo(event);
      source.close();
      status.set("connecting");
      credentials.renew();
    });
    for (const name of handlers.keys()) source.addEventListener(name, dispatch);
  }

  function moveTo(event) {
    // A new EventSource knows no position until the server sends one; ours stays right until then.
    lastEventId = event.lastEventId || lastEventId;
  }

  function dispatch(event) {
    if (typeof event.data !== "string") return; // the EventSource's own "open" or "error"
    moveTo(event);
    // Data that does not parse throws here, and the browser reports it like any error of a listener.
    const data = json ? JSON.parse(event.data) : event.data;
    for (const handler of [...handlers.get(event.type)]) handler(data, event);
  }

  function attemptLater(retryAfter) {
    timer = setTimeout(attempt, retryAfter + policy.delay(attempts++));
  }

  async function attempt() {
    const request = (probing = new AbortController());
    let answer = { status: 0, headers: new Headers() };
    try {
      answer = await fetch(resolve(url, lastEventId), {
        headers: { accept: "text/event-stream" },
        cache: "no-store",
        credentials: withCredentials ? "include" : "same-origin",
        signal: request.signal,
      });
    } catch {
      // No answer at all: as good a reason to wait as a 503.
    }
    if (request.signal.aborted) return; // closed meanwhile
    request.abort();
    const { status: code } = answer;
    if (code === 200) connect();
    else if (code === 204 || (code >= 400 && code < 500 && ![408, 425, 429].includes(code))) end(code);
    else attemptLater(1000 * (Number(answer.headers.get("retry-after")) || 0));
  }

  function end(code) {
    if (status.value === "closed") return;
    source.close();
    clearTimeout(timer);
    credentials.stop();
    probing?.abort();
    feed.endedBy = code;
    status.set("closed");
  }

  connect();
  return feed;
}

/**
 * A WebSocket that comes back. `send` gives JSON and `onmessage` gets it parsed, unless `json: false`;
 * binary data goes both ways as it is (an ArrayBuffer on arrival).
 *
 * While the connection is away `send` keeps up to `queue` messages, and sends them in order once it is
 * back. When that is full it refuses the new message, `send` returns false, rather than forget an older
 * one that it had promised to send. What was handed to a connection that then broke is not sent again:
 * whether it arrived only an answer can tell.
 *
 * What is broadcast while the connection is away comes too where the server forwards a subscription with
 * its positions: `id: (data) => data.id` says where a message has it, and each new connection asks for
 * what is behind the last one (`?lastEventID=`).
 *
 * When the credentials have ended (close code 3000), `refresh` is called for fresh ones before it comes
 * back; see `renewal`. Without it, it is `closed`, `endedBy` is `"expired"`.
 *
 * A server that speaks none of `protocols` refuses the handshake, and a browser does not tell why. So after
 * an attempt that was never open the URL is asked with `fetch` what is spoken there: where that is none of
 * them, it is `closed`, `endedBy` is `"protocol"`, and a warning names both. No answer, or another one,
 * changes nothing.
 */
export function socket(
  url,
  { protocols = [], queue: bound = 100, json = true, id = () => undefined, backoff, refresh } = {},
) {
  const policy = asBackoff(backoff);
  const status = observable("connecting");
  const queue = [];
  const offered = [protocols].flat();
  let ws, timer, position, asking;
  let attempts = 0;
  // Whether a refusal cannot be for want of a protocol in common.
  let inCommon = offered.length === 0;
  const credentials = renewal(refresh, policy, {
    again(fresh) {
      url = fresh ?? url;
      connect();
    },
    end(why) {
      connection.endedBy = why;
      forget();
    },
  });

  const connection = {
    /** Called with `(data, event)` for every message. */
    onmessage: null,
    /** Why it is closed for good: nobody had fresh credentials (`"expired"`), no `"protocol"` in common; else null. */
    endedBy: null,
    get status() { return status.value; },
    /** The one of `protocols` that the server chose; empty while not open, or if it chose none. */
    get protocol() { return status.value === "open" ? ws.protocol : ""; },
    /** How many messages wait for the connection. */
    get queued() { return queue.length; },

    /** Calls `callback(status)` now and at every change; returns the function that stops it. */
    subscribe: status.subscribe,

    /** Sends now or once connected: true. Refused, because closed or too many wait: false. */
    send(data) {
      if (status.value === "closed") return false;
      const frame = !json || isBinary(data) ? data : JSON.stringify(data);
      if (status.value === "open") ws.send(frame);
      else if (queue.length < bound) queue.push(frame);
      else return false;
      return true;
    },

    /** Closes, forgets what waits, and does not reconnect. */
    close(code = 1000, reason = "") {
      if (status.value === "closed") return;
      forget();
      ws.close(code, reason);
    },
  };

  function forget() {
    clearTimeout(timer);
    asking?.abort();
    credentials.stop();
    queue.length = 0;
    status.set("closed");
  }

  function connect() {
    ws = new WebSocket(resolve(url, position).replace(/^http/, "ws"), protocols);
    ws.binaryType = "arraybuffer";
    let opened = false;
    ws.onopen = () => {
      opened = true;
      if (status.value === "closed") return;
      attempts = 0;
      credentials.taken();
      for (const frame of queue.splice(0)) ws.send(frame);
      status.set("open");
    };
    ws.onmessage = (event) => {
      if (status.value === "closed") return; // `close()` was called, the closing handshake still runs
      const parse = json && typeof event.data === "string";
      const data = parse ? JSON.parse(event.data) : event.data;
      position = id(data) ?? position;
      connection.onmessage?.(data, event);
    };
    ws.onclose = ({ code }) => {
      if (status.value === "closed") return;
      status.set("connecting");
      // A callback may have closed it.
      if (status.value === "closed") return;
      if (code === UNAUTHORIZED) credentials.renew();
      else {
        timer = setTimeout(connect, policy.delay(attempts++));
        if (!opened) askWhatIsSpoken();
      }
    };
  }

  async function askWhatIsSpoken() {
    if (inCommon || asking) return;
    asking = new AbortController();
    const spoken = await spokenAt(resolve(url).replace(/^ws/, "http"), asking.signal);
    asking = undefined;
    // Without an answer, or where it has come too late, nothing is known.
    if (!spoken || status.value !== "connecting") return;
    inCommon = offered.some((protocol) => spoken.includes(protocol));
    if (inCommon) return;
    const both = `${offered.join(", ")} offered, ${spoken.join(", ") || "none"} spoken`;
    console.warn(`ereo: no protocol in common with ${url}: ${both}`);
    connection.endedBy = "protocol";
    forget();
    ws.close();
  }

  connect();
  return connection;
}

/**
 * The value of a loader, kept up to date by the stream that continues it.
 *
 * It starts from the script element that a server-rendered page carries, else fetches the loader. Either
 * comes with the position up to which the value is right, and the stream starts from there, so nothing is
 * missed in between. When the server cannot go on from a position (`ereo.reset`), the stream is closed, the
 * loader asked again and a new stream opened from the new position: what happens meanwhile is in the new
 * value or comes after it, never both. `refresh` is that of `events`, for the stream.
 *
 * Status: `connecting`, `live`, `reconnecting` (the value shown may be old) and, for good, `closed`.
 */
export function live(loaderUrl, streamUrl, options = {}) {
  const { events: names = ["message"], reduce = (_, data) => data, script = "__EREO_DATA__" } = options;
  const { withCredentials = false, backoff, refresh } = options;
  const policy = asBackoff(backoff);
  const state = observable({ value: undefined, status: "connecting" });
  let stream, timer, loading;
  let resets = 0;
  let wasLive = false;

  function change(next) {
    if (state.value.status !== "closed") state.set({ ...state.value, ...next });
  }

  async function load(attempts) {
    const request = (loading = new AbortController());
    try {
      const response = await fetch(resolve(loaderUrl), {
        headers: { accept: "application/json" },
        // An answer from a cache would bring back the position that the server just refused.
        cache: "no-store",
        credentials: withCredentials ? "include" : "same-origin",
        signal: request.signal,
      });
      if (!response.ok) throw new Error(`${loaderUrl} answered ${response.status}`);
      const position = response.headers.get("last-event-id");
      if (!position) throw new Error(`${loaderUrl} answered without a last-event-id header`);
      follow(await response.json(), position);
    } catch (error) {
      if (request.signal.aborted) return;
      console.warn("ereo: loading again later:", error);
      timer = setTimeout(load, policy.delay(attempts), attempts + 1);
    }
  }

  function follow(value, lastEventId) {
    change({ value });
    // Closed while the value was read, or by a subscriber that saw it.
    if (state.value.status === "closed") return;
    stream = events(streamUrl, { lastEventId, withCredentials, backoff, refresh: refresh && remember });
    for (const name of names) {
      stream.on(name, (data, event) => {
        resets = 0;
        change({ value: reduce(state.value.value, data, event) });
      });
    }
    stream.onreset = () => {
      stream.close();
      // Clients that meet a new server are all reset at once, hence a delay even at first.
      timer = setTimeout(load, policy.delay(resets++), 0);
    };
    stream.subscribe((status) => {
      wasLive ||= status === "open";
      // Closed for a reset is not the end: only what the server ended is.
      const ended = status === "closed" && stream.endedBy !== null;
      const away = wasLive ? "reconnecting" : "connecting";
      change({ status: ended ? "closed" : status === "open" ? "live" : away });
    });
  }

  async function remember() {
    const fresh = await refresh();
    // A stream that is opened after a reset needs it as well.
    if (isUrl(fresh)) streamUrl = fresh;
    return fresh;
  }

  const element = script && globalThis.document?.getElementById(script);
  const position = element ? element.dataset.lastEventId : null;
  if (position) follow(JSON.parse(element.textContent), position);
  else load(0);

  return {
    get value() { return state.value.value; },
    get status() { return state.value.status; },

    /** Calls `callback(value, status)` now and at every change of either; returns what stops it. */
    subscribe: (callback) => state.subscribe(({ value, status }) => callback(value, status)),

    /** Ends the stream, and any load under way. */
    close() {
      change({ status: "closed" });
      clearTimeout(timer);
      loading?.abort();
      stream?.close();
    },
  };
}

/**
 * What follows when a connection's credentials have ended. `refresh()` gets fresh ones, such as a cookie
 * that its request sets, or gives the URL with a new token; it may be asynchronous. Then the connection
 * is made `again`. `false` means that there are none: the `end`. A `refresh` that throws is called again,
 * with backoff; so is one whose credentials end again before they were good for `backoff.max`.
 */
function renewal(refresh, policy, { again, end }) {
  let timer, since;
  let attempts = 0;
  let stopped = false;

  async function ask() {
    let fresh;
    try {
      fresh = await refresh();
    } catch (error) {
      console.warn("ereo: asking for fresh credentials again later:", error);
      if (!stopped) timer = setTimeout(ask, policy.delay(attempts++));
      return;
    }
    if (stopped) return;
    if (fresh === false) end("expired");
    else again(isUrl(fresh) ? fresh : undefined);
  }

  return {
    /** The server has taken the credentials that there are. */
    taken() { since = Date.now(); },
    renew() {
      if (!refresh) return end("expired");
      if (Date.now() - since >= policy.max) attempts = 0;
      timer = setTimeout(ask, attempts ? policy.delay(attempts - 1) : 0);
      attempts += 1;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The subprotocols of a server's WebSocket, as a plain request is told; `null` if that tells nothing of them. */
async function spokenAt(url, signal) {
  try {
    const { status, headers, body } = await fetch(url, { cache: "no-store", credentials: "same-origin", signal });
    body?.cancel().catch(() => {});
    if (status !== 400 || !headers.has("sec-websocket-version")) return null;
    return (headers.get("sec-websocket-protocol") ?? "").split(/[\s,]+/).filter(Boolean);
  } catch {
    return null;
  }
}

/** A value with callbacks that hear of every change, and of the value there is when they subscribe. */
function observable(value) {
  const callbacks = new Set();
  return {
    get value() { return value; },
    set(next) {
      if (next === value) return;
      value = next;
      for (const callback of [...callbacks]) {
        try {
          callback(value);
        } catch (error) {
          // Reported like an error of any listener; the connection and the other callbacks go on.
          queueMicrotask(() => { throw error; });
        }
      }
    },
    subscribe(callback) {
      callbacks.add(callback);
      callback(value);
      return () => void callbacks.delete(callback);
    },
  };
}

const asBackoff = (policy) => (policy instanceof Backoff ? policy : new Backoff(policy));

const isUrl = (fresh) => typeof fresh === "string" || fresh instanceof URL;

const isBinary = (data) => data instanceof ArrayBuffer || ArrayBuffer.isView(data) || data instanceof Blob;

/** The absolute URL, with the position to continue from if there is one. */
function resolve(url, position) {
  const absolute = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
  if (position) absolute.searchParams.set(POSITION, position);
  return absolute.href;
}
