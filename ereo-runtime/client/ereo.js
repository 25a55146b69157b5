/**
 * Ereo in the browser: `events` (server-sent events), `socket` (WebSocket) and `live` (a loader's
 * value, kept up to date by a stream). One file, no dependency, no build step.
 *
 * A connection's status is `connecting`, `open` or `closed`. `connecting` covers the first attempt
 * and every wait before another one; `closed` is final: after `close()`, or when the server said so.
 */

const RESET = "ereo.reset";
const EXPIRED = "ereo.expired";
const HEARTBEAT = "ereo.heartbeat";
/** The stream is finished. Its id is no position: it tells the server that there is nothing to come back for. */
const END = "ereo.end";
/** The first text of a socket; its number is that of a heartbeat event. */
const BEAT = /^\{"type":"ereo\.heartbeat","data":(\d+)\}$/;
/** Closed with: the credentials have ended. */
const UNAUTHORIZED = 3000;
const POSITION = "lastEventID";
/** Asks for heartbeats that a page can see: no comments, no pings. */
const ASKS = "ereoHeartbeat=1";

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

  /** The most that `delay(attempt)` can be. */
  longest(attempt) {
    // An overflow to Infinity is no special case: the minimum takes it.
    return Math.min(this.base * this.factor ** attempt, this.max);
  }

  delay(attempt) {
    return (this.jitter === "full" ? Math.random() : 1) * this.longest(attempt);
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
 * A connection on which neither events nor heartbeats come is dead, and another is made from its
 * position; see `watch`. When the server says that the stream is finished (`ereo.end`), it is `closed`,
 * `endedBy` is `"end"`.
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
  const vigil = watch(policy, (atOnce) => {
    source.close();
    probing?.abort();
    clearTimeout(timer);
    status.set("connecting");
    // A callback may have closed it.
    if (status.value === "closed") return;
    if (atOnce) return connect();
    vigil.waits();
    timer = setTimeout(connect, policy.delay(attempts++));
  });

  const feed = {
    /** Called with `{ reason, missed }` when the server could not go on from our position. */
    onreset: null,
    /** `"end"` where the stream is finished, `"expired"`, or the HTTP status of its end; else null. */
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
    source = new EventSource(resolve(url, lastEventId, true), { withCredentials });
    vigil.tries(policy.longest(attempts));
    source.onopen = (event) => {
      if ("data" in event) return; // an event that the server named "open"
      attempts = 0;
      opened = true;
      vigil.rests();
      credentials.taken();
      status.set("open");
      // What was sent in between is lost, and a loss is never silent.
      if (blind) feed.onreset?.({ reason: "unknown", missed: null });
      blind = false;
    };
    source.onerror = () => {
      if (source.readyState === 1) return; // an event that the server named "error"
      status.set("connecting");
      if (status.value === "closed") return;
      if (source.readyState === 2) attemptLater(0);
      // The browser tries again, when the server said.
      else vigil.tries(policy.max);
    };
    source.addEventListener(HEARTBEAT, (event) => {
      moveTo(event);
      vigil.beats(+event.data);
    });
    source.addEventListener(RESET, (event) => {
      moveTo(event);
      feed.onreset?.(JSON.parse(event.data));
    });
    source.addEventListener(EXPIRED, (event) => {
      moveTo(event);
      source.close();
      vigil.rests();
      status.set("connecting");
      credentials.renew();
    });
    source.addEventListener(END, () => end("end"));
    for (const name of handlers.keys()) source.addEventListener(name, dispatch);
  }

  function moveTo(event) {
    vigil.hears();
    // A new EventSource knows no position until the server sends one; ours stays right until then.
    if (event.type !== END) lastEventId = event.lastEventId || lastEventId;
  }

  function dispatch(event) {
    if (typeof event.data !== "string") return; // the EventSource's own "open" or "error"
    moveTo(event);
    // Data that does not parse throws here, and the browser reports it like any error of a listener.
    const data = json ? JSON.parse(event.data) : event.data;
    for (const handler of [...handlers.get(event.type)]) handler(data, event);
  }

  function attemptLater(retryAfter) {
    vigil.waits(retryAfter);
    timer = setTimeout(attempt, retryAfter + policy.delay(attempts++));
  }

  async function attempt() {
    const request = (probing = new AbortController());
    vigil.tries(policy.longest(attempts));
    let answer = { status: 0, headers: new Headers() };
    try {
      answer = await fetch(resolve(url, lastEventId, true), {
        headers: { accept: "text/event-stream" },
        cache: "no-store",
        credentials: withCredentials ? "include" : "same-origin",
        signal: request.signal,
      });
    } catch {
      // No answer at all: as good a reason to wait as a 503.
    }
    if (request.signal.aborted) return; // closed meanwhile, or given up
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
    vigil.stop();
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
 * whether it arrived only an answer can tell. A connection on which neither messages nor heartbeats come
 * is dead, and another is made; see `watch`.
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
  const vigil = watch(policy, (atOnce) => {
    clearTimeout(timer);
    asking?.abort();
    ws?.close();
    leave(atOnce);
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
      const frame = !json || isBinary(data) ? data : toJson(data);
      // One that closes would swallow it.
      if (status.value === "open" && ws.readyState === 1) ws.send(frame);
      else if (queue.length < bound) queue.push(frame);
      else return false;
      return true;
    },

    /** Closes, forgets what waits, and does not reconnect. */
    close(code = 1000, reason = "") {
      const open = ws;
      forget();
      open?.close(code, reason);
    },
  };

  function forget() {
    ws = null;
    clearTimeout(timer);
    asking?.abort();
    vigil.stop();
    credentials.stop();
    queue.length = 0;
    status.set("closed");
  }

  /** The connection is gone. */
  function leave(atOnce, code, reason) {
    ws = null;
    vigil.rests();
    status.set("connecting");
    // A callback may have closed it.
    if (status.value === "closed") return;
    if (code === UNAUTHORIZED) return credentials.renew();
    if (atOnce) return connect();
    // A server that restarts, or that sent our address too much again, says when.
    const wait = +/retry in (\d+) ms$/.exec(reason)?.[1] || 0;
    vigil.waits(wait);
    timer = setTimeout(connect, wait + policy.delay(attempts++));
  }

  function connect() {
    // What a connection says that was closed, or given up, is heard no more.
    const mine = (ws = new WebSocket(resolve(url, position, true).replace(/^http/, "ws"), protocols));
    let beat;
    let opened = false;
    vigil.tries(policy.longest(attempts));
    ws.binaryType = "arraybuffer";
    ws.onopen = () => {
      if (mine !== ws) return;
      opened = true;
      attempts = 0;
      vigil.rests();
      credentials.taken();
      for (const frame of queue.splice(0)) ws.send(frame);
      status.set("open");
    };
    ws.onmessage = (event) => {
      if (mine !== ws) return;
      // All are the same text. No later message can pretend to be the first, and say another number.
      beat ??= BEAT.test(event.data) && event.data;
      if (event.data === beat) return vigil.beats(+BEAT.exec(beat)[1]);
      vigil.hears();
      const parse = json && typeof event.data === "string";
      const data = parse ? JSON.parse(event.data) : event.data;
      position = id(data) ?? position;
      connection.onmessage?.(data, event);
    };
    ws.onclose = ({ code, reason }) => {
      if (mine !== ws) return;
      leave(false, code, reason);
      if (!opened && status.value === "connecting") askWhatIsSpoken();
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
    const attempt = ws;
    forget();
    attempt?.close();
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
 * value or comes after it, never both. `refresh` is that of `events`, for the stream. A loader that has not
 * answered after half a minute is asked again.
 *
 * Status: `connecting`, `live`, `reconnecting` (the value shown may be old) and, for good, `closed`.
 */
export function live(loaderUrl, streamUrl, options = {}) {
  const { events: names = ["message"], reduce = (_, data) => data, script = "__EREO_DATA__" } = options;
  const { withCredentials = false, backoff, refresh } = options;
  const policy = asBackoff(backoff);
  const state = observable({ value: undefined, status: "connecting" });
  let stream, timer, loading;
  let attempts = 0;
  let resets = 0;
  let wasLive = false;
  const vigil = watch(policy, (atOnce) => {
    loading?.abort();
    loadIn(atOnce ? 0 : policy.delay(attempts++));
  }, 15000);

  function change(next) {
    if (state.value.status !== "closed") state.set({ ...state.value, ...next });
  }

  function loadIn(delay) {
    clearTimeout(timer);
    vigil.waits();
    timer = setTimeout(load, delay);
  }

  async function load() {
    const request = (loading = new AbortController());
    vigil.tries(0);
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
      loadIn(policy.delay(attempts++));
    }
  }

  function follow(value, lastEventId) {
    attempts = 0;
    vigil.rests();
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
      loadIn(policy.delay(resets++));
    };
    stream.subscribe((status) => {
      wasLive ||= status === "open";
      // Closed for a reset is not the end: only what the server ended is.
      const ended = status === "closed" && stream.endedBy !== null;
      if (ended) vigil.stop();
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
  else load();

  return {
    get value() { return state.value.value; },
    get status() { return state.value.status; },

    /** Calls `callback(value, status)` now and at every change of either; returns what stops it. */
    subscribe: (callback) => state.subscribe(({ value, status }) => callback(value, status)),

    /** Ends the stream, and any load under way. */
    close() {
      change({ status: "closed" });
      clearTimeout(timer);
      vigil.stop();
      loading?.abort();
      stream?.close();
    },
  };
}

/**
 * What follows when a connection's credentials have ended. `refresh()` gets fresh ones, such as a cookie
 * that its request sets, or gives the URL with a new token; it may be asynchronous. Then the connection
 * is made `again`. `false` means that there are none: the `end`. A `refresh` that throws is called again,
 * with backoff; so is one whose credentials end again before they were good for `backoff.max`. Credentials
 * that were given together end together, so that even the first call waits for a random part of
 * `backoff.base`, unless there is to be no jitter.
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
      const atOnce = !attempts && policy.jitter === "none";
      timer = setTimeout(ask, atOnce ? 0 : policy.delay(Math.max(attempts - 1, 0)));
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

/**
 * Watches over a connection, whose death a browser may tell minutes later or never: behind a laptop's sleep,
 * a change of networks, or a proxy that stays up. The server is asked for heartbeats and says how often they
 * come, in milliseconds (0: none, and nothing is watched). After two such times without any sign of life the
 * connection is `lost`; so is an attempt after that and the longest wait before it. When the network or the
 * page comes back it is looked at, and is lost `atOnce` if there was no sign for one such time.
 */
function watch(policy, lost, every = 0) {
  const places = { online: globalThis, pageshow: globalThis, visibilitychange: globalThis.document };
  let heard, patience, limit, due, timer, excused;

  const silence = () => Date.now() - heard;

  function wake(delay) {
    clearTimeout(timer);
    due = Date.now() + delay;
    // What is longer than a browser's timer can be is looked at in between.
    if (delay) timer = setTimeout(ring, Math.min(delay, 2 ** 31 - 1));
  }

  function ring() {
    if (silence() < patience) return wake(patience - silence());
    // A timer that is so late itself has slept with the page: what came meanwhile is still to be handled.
    if (excused || Date.now() - due <= every) return lost(false);
    excused = true;
    wake(every);
  }

  function set(nextPatience, nextLimit, ahead = 0) {
    [patience, limit, heard, excused] = [nextPatience, nextLimit, Date.now() + ahead, false];
    wake(patience);
  }

  function look({ type }) {
    if (type === "visibilitychange" && document.visibilityState === "hidden") return;
    if (silence() > limit) lost(true);
  }

  for (const type in places) places[type]?.addEventListener?.(type, look);

  return {
    /** An attempt begins, and may take as much longer than two heartbeats. */
    tries: (longer) => set(every && 2 * every + longer, policy.base),
    /** The next attempt is made later; however one looks, not within so many milliseconds. */
    waits: (ahead) => set(0, policy.base, ahead),
    /** Nothing need come, for the time being. */
    rests: () => set(0, Infinity),
    /** A heartbeat, and how often they come. */
    beats(ms) {
      every = ms;
      set(2 * ms, ms || Infinity);
    },
    /** A sign of life. */
    hears() {
      heard = Date.now();
      excused = false;
    },
    stop() {
      set(0, Infinity);
      for (const type in places) places[type]?.removeEventListener?.(type, look);
    },
  };
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

/**
 * The JSON, with U+FFFD for each half of a surrogate pair: JavaScript escapes it (`\ud83d`), and strict
 * parsers refuse that.
 */
const toJson = (data) =>
  JSON.stringify(data)?.replace(/\\(?:ud[89a-f]..|.)/g, (escape) => (escape[2] ? "\ufffd" : escape));

/** The absolute URL, with the position to continue from if there is one. */
function resolve(url, position, asks) {
  const absolute = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
  if (position) absolute.searchParams.set(POSITION, position);
  if (asks) absolute.search += (absolute.search && "&") + ASKS;
  return absolute.href;
}
