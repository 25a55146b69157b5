/**
 * Ereo in the browser: `events` (server-sent events), `socket` (WebSocket) and `live` (a loader's
 * value, kept up to date by a stream). One file, no dependency, no build step. What the exports take
 * and give is declared in `ereo.d.ts`, to which each of them is tied by its type.
 *
 * A connection's status is `connecting`, `open` or `closed`. `connecting` covers the first attempt
 * and every wait before another one; `closed` is final: after `close()`, or when the server said so.
 *
 * @import { Answer, BackoffOptions, Events, EventsOptions, Live, LiveOptions, LiveStatus, Socket, SocketClose, SocketOptions, Status, Transport, TransportSource } from "./ereo.d.ts"
 */

/** The id of a stream that has ended for good is no position: it tells the server that there is nothing to come back for. */
const ENDED = "ereo-end";
/** The first text of a socket; its number is that of a heartbeat event. */
const BEAT = /^\{"type":"ereo\.heartbeat","data":\d+\}$/;
/**
 * Whether another attempt after this HTTP status is in vain.
 * @param {number} status
 */
const isFinal = (status) => /^(204|4(?!08|25|29)..)$/.test(`${status}`);
/** Asks for heartbeats that a page can see: no comments, no pings. */
const ASKS = "ereoHeartbeat=1";

/**
 * How long to wait before attempt `n` (counted from 0): `min(base * factor ** n, max)` milliseconds.
 * With `jitter: "full"` any time from 0 up to that is as likely as any other, so that the clients of
 * a server that went away do not all come back at one moment; with `"none"` it is exactly that.
 */
export class Backoff {
  /** @param {BackoffOptions} [options] */
  constructor({ base = 1000, factor = 2, max = 30000, jitter = "full" } = {}) {
    if (jitter !== "full" && jitter !== "none") {
      throw new RangeError(`jitter is "full" or "none", not ${JSON.stringify(jitter)}`);
    }
    /** @readonly */
    this.base = base;
    /** @readonly */
    this.factor = factor;
    /** @readonly */
    this.max = max;
    /** @readonly @type {"full" | "none"} */
    this.jitter = jitter;
  }

  /**
   * The most that `delay(attempt)` can be.
   * @param {number} attempt
   */
  longest(attempt) {
    // An overflow to Infinity is no special case: the minimum takes it.
    return Math.min(this.base * this.factor ** attempt, this.max);
  }

  /** @param {number} attempt */
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
 * A `transport` in the EventSource's place tells its `answer` itself, and is not asked for with `fetch`.
 *
 * When the server says that the stream is finished (`ereo.end`), it is `closed`, `endedBy` is `"end"`; when
 * it has ended this connection for good (`ereo.closed`), `endedBy` is the code that it gives.
 *
 * @type {typeof import("./ereo.d.ts").events}
 */
export function events(url, options = {}) {
  let { lastEventId = "", withCredentials = false, json = true, transport } = options;
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
    source = transport ? transport(at, { withCredentials }) : new EventSource(at, { withCredentials });
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
    else link.retry(1000 * Number(headers?.get("retry-after")) || 0, transport ? open : attempt);
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

/**
 * A WebSocket that comes back. `send` gives JSON and `onmessage` gets it parsed, or the text if it is none;
 * with `json: false` texts go both ways as they are, as a `String` of the server takes them. Binary data goes
 * both ways as it is (an ArrayBuffer on arrival).
 *
 * While the connection is away `send` keeps up to `queue` messages, and sends them in order once it is
 * back. When that is full it refuses the new message, `send` returns false, rather than forget an older
 * one that it had promised to send. What was handed to a connection that then broke is not sent again:
 * whether it arrived only an answer can tell, and `ask` waits for one.
 *
 * What is broadcast while the connection is away comes too where the server forwards a subscription with
 * its positions: `id: (data) => data.id` says where a message has it, and each new connection asks for
 * what is behind the last one (`?lastEventID=`).
 *
 * A browser does not tell why a handshake was refused. So after an attempt that was never open the URL is
 * asked with `fetch`: a status at which `events` would end closes it, `endedBy` is the status; and where the
 * answer says what is spoken there and it is none of `protocols`, `endedBy` is `"protocol"`, and a warning
 * names both. No answer, or another one, changes nothing.
 *
 * @type {typeof import("./ereo.d.ts").socket}
 */
export function socket(url, options = {}) {
  const { protocols = [], queue: bound = 100, json = true, id = () => undefined, final = ({ code }) => code === 1008 || code >= 4000 } = /** @type {SocketOptions<any>} */ (options);
  const offered = [protocols].flat();
  /** @type {any[]} */
  const queue = [];
  /** @type {Map<unknown, (failure?: "timeout" | "lost" | "refused" | "closed", reply?: any) => void>} */
  const asked = new Map();
  // Others' ids may be broadcast, so ours do not begin where theirs do.
  let nextId = Math.floor(Math.random() * 2 ** 31);
  /** @type {WebSocket | null} */
  let ws = null;
  /** @type {string | null | undefined} */
  let position;
  /** @type {SocketClose | null} */
  let lastClose = null;

  const link = connection(url, options, open, () => {
    const open = ws;
    ws = null;
    open?.close();
  });

  /** @param {string | URL} url */
  function open(url) {
    const mine = (ws = new WebSocket(resolve(url, position, true).replace(/^http/, "ws"), protocols));
    /** @type {string | false | undefined} */
    let beat;
    let opened = false;
    mine.binaryType = "arraybuffer";
    // What a connection says that was closed, or given up, is heard no more.
    mine.onopen = () => {
      if (mine !== ws) return;
      opened = true;
      for (const frame of queue.splice(0)) mine.send(frame);
      link.opened();
    };
    mine.onmessage = (event) => {
      if (mine !== ws) return;
      // All are the same text. No later message can pretend to be the first, and say another number.
      let { data } = event;
      beat ??= BEAT.test(data) && data;
      if (data === beat) return link.beats(parse(data).data);
      link.hears();
      if (json) data = parse(data);
      position = id(data) ?? position;
      const answered = asked.get(data?.id);
      if (answered) answered(undefined, data);
      else chat.onmessage?.(data, event);
    };
    mine.onclose = ({ code, reason: told }) => {
      if (mine !== ws) return;
      ws = null;
      // A server that ends it by name says behind the reason whether that is for good.
      const [reason, last] = told.split("\x04");
      lastClose = { code, reason };
      if (last ? +last : code !== 3000 && final(lastClose)) link.end(code);
      // The credentials have ended.
      else if (code === 3000) link.renew();
      // A server that sent our address too much again says when to come back.
      else if (link.retry(+(reason.match(/retry in (\d+) ms$/)?.[1] ?? 0)) && !opened) askWhy();
    };
  }

  async function askWhy() {
    const answer = await link.ask(resolve(link.url).replace(/^ws/, "http"), "application/problem+json");
    // Without an answer, or where it has come too late, nothing is known.
    if (!answer || link.status !== "connecting") return;
    const { status, headers } = answer;
    // What asks for no upgrade is answered so where nothing else is wrong, and told what is spoken.
    if (status === 400 || status === 426) {
      const spoken = headers?.get("sec-websocket-protocol") || "none";
      const inCommon = offered.some((protocol) => spoken.split(/[\s,]+/).includes(protocol));
      if (inCommon || !offered[0] || !headers?.has("sec-websocket-version")) return;
      warn(`no protocol in common with ${link.url}: ${offered.join(", ")} offered, ${spoken} spoken`);
      link.end("protocol");
    } else if (isFinal(status)) link.end(status);
  }

  /** @param {any} frame */
  function post(frame) {
    if (link.status === "closed") return false;
    // One that closes would swallow it.
    if (link.status === "open" && ws?.readyState === 1) ws.send(frame);
    else if (queue.length < bound) queue.push(frame);
    else return false;
    return true;
  }

  /** @type {import("./ereo.d.ts").Socket<any, any>} */
  const chat = {
    onmessage: null,
    get lastClose() { return lastClose; },
    get status() { return link.status; },
    get endedBy() { return link.endedBy; },
    get protocol() { return link.status === "open" ? /** @type {WebSocket} */ (ws).protocol : ""; },
    get queued() { return queue.length; },
    subscribe: link.subscribe,
    send: (data) => post(!json || isBinary(data) ? data : toJson(data)),
    ask: (data, { timeout = 10000 } = {}) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        const frame = toJson({ ...data, id });
        const timer = setTimeout(() => settle("timeout"), timeout);
        /** @type {(failure?: "timeout" | "lost" | "refused" | "closed", reply?: any) => void} */
        const settle = (failure, reply) => {
          const waits = queue.indexOf(frame);
          // What was not sent is not lost.
          if (waits >= 0 && failure === "lost") return;
          if (waits >= 0) queue.splice(waits, 1);
          clearTimeout(timer);
          asked.delete(id);
          if (failure) reject(Object.assign(new Error(`no answer: ${failure}`), { reason: failure }));
          else resolve(reply);
        };
        asked.set(id, settle);
        if (!post(frame)) settle(link.status === "closed" ? "closed" : "refused");
      }),
    close(code = 1000, reason = "") {
      ws?.close(code, reason);
      ws = null;
      link.end(null);
    },
  };

  link.subscribe((status) => {
    if (status === "closed") queue.length = 0;
    if (status !== "open") for (const settle of [...asked.values()]) settle(status === "closed" ? "closed" : "lost");
  });
  link.connect();
  return chat;
}

/** Resets for another epoch in a row, at which the page is told what that may come from: once. */
const EPOCHS = 3;
let toldOfEpochs = false;

/**
 * The value of a loader, kept up to date by the stream that continues it.
 *
 * It starts from the script element that a server-rendered page carries, else fetches the loader. Either
 * comes with the position up to which the value is right, and the stream starts from there, so nothing is
 * missed in between. When the server cannot go on from a position (`ereo.reset`), the stream is closed, the
 * loader asked again and a new stream opened from the new position: what happens meanwhile is in the new
 * value or comes after it, never both. `refresh` is that of `events`, for the stream. A loader that has not
 * answered after half a minute is asked again; one that answers with a status at which `events` would end
 * closes it, `endedBy` is the status. `error` is why the last load failed.
 *
 * Status: `connecting`, `live`, `reconnecting` (the value shown may be old) and, for good, `closed`.
 *
 * @type {typeof import("./ereo.d.ts").live}
 */
export function live(loaderUrl, streamUrl, choices) {
  const options = /** @type {LiveOptions<any>} */ (choices ?? {});
  const { events: names = ["message"], reduce = (_, data) => data, script = "__EREO_DATA__", refresh } = options;
  /** @type {any} */
  let value;
  /** @type {Events | undefined} */
  let stream;
  /** @type {unknown} */
  let failure = null;
  let wasLive = false;
  let resets = 0;
  let epochs = 0;
  const shown = observable(value, /** @type {LiveStatus} */ ("connecting"));
  const link = connection(loaderUrl, options, load, () => stream?.close());

  function show() {
    const away = wasLive ? "reconnecting" : "connecting";
    shown.set(value, link.status === "closed" ? "closed" : stream?.status === "open" ? "live" : away);
  }

  /** @param {string | URL} url */
  async function load(url) {
    link.expect(30000);
    const answer = await link.ask(resolve(url), "application/json", (response) => response.ok && response.json());
    if (!answer) return;
    const { status, headers, body, error, type } = answer;
    const position = headers?.get("last-event-id");
    if (!error && body !== false && position) return follow(body, position);
    const hidden = type === "cors" ? " that this page may read (access-control-expose-headers)" : "";
    const without = body === false ? status : `without a last-event-id header${hidden}`;
    failure = error ?? new Error(`${url} answered ${without}`);
    if (isFinal(status)) link.end(status);
    else if (link.retry()) warn("asking again later:", failure);
    view.onerror?.(failure);
  }

  /**
   * @param {any} next
   * @param {string} lastEventId
   */
  function follow(next, lastEventId) {
    value = next;
    failure = null;
    link.opened();
    show();
    // Closed while the value was read, or by a subscriber that saw it.
    if (link.status === "closed") return;
    const mine = (stream = events(/** @type {any} */ (streamUrl), { ...options, lastEventId, refresh: refresh && remember }));
    for (const name of names) {
      mine.on(name, (data, event) => {
        resets = epochs = 0;
        value = reduce(value, /** @type {any} */ (data), event);
        show();
      });
    }
    mine.onreset = (reset) => {
      mine.close();
      view.onreset?.(reset);
      epochs = reset.reason === "epoch" ? epochs + 1 : 0;
      if (epochs >= EPOCHS && !toldOfEpochs) {
        toldOfEpochs = true;
        warn(`${streamUrl}: several servers without a shared store?`);
      }
      // Clients that meet a new server are all reset at once, hence a delay even at first.
      link.retry(0, load, link.policy.delay(epochs < EPOCHS ? resets++ : 99));
    };
    mine.subscribe((status) => {
      wasLive ||= status === "open";
      // Closed for a reset is not the end: only what the server ended is.
      if (mine.endedBy !== null) link.end(mine.endedBy);
      show();
    });
  }

  async function remember() {
    const fresh = await refresh?.();
    // A stream that is opened after a reset needs it as well.
    if (isUrl(fresh)) streamUrl = /** @type {any} */ (fresh);
    return fresh;
  }

  /** @type {Live<any>} */
  const view = {
    onerror: null,
    onreset: null,
    get value() { return value; },
    get error() { return failure; },
    get status() { return shown.state[1]; },
    get endedBy() { return link.endedBy; },
    subscribe: shown.subscribe,
    close: () => link.end(null),
  };

  link.subscribe(show);
  const element = script ? globalThis.document?.getElementById(script) : null;
  const position = element?.dataset.lastEventId;
  if (position) follow(JSON.parse(element?.textContent ?? ""), position);
  else link.connect();
  return view;
}

/**
 * What a stream, a socket and a load have in common: attempts with backoff (`open`) until one succeeds, a
 * watch over what has, fresh credentials when they have ended, and an end (`drop`).
 *
 * The watch is over a connection whose death a browser may tell minutes later or never: behind a laptop's
 * sleep, a change of networks, or a proxy that stays up. The server is asked for heartbeats and says how often
 * they come, in milliseconds (0: none, and nothing is watched). After two such times without any sign of life
 * the connection is lost; so is an attempt after that and the longest wait before it. When the network or the
 * page comes back it is looked at, and if there was no sign for one such time another is made at once.
 *
 * When the credentials have ended, `refresh()` gets fresh ones, such as a cookie that its request sets, or
 * gives the URL with a new token; it may be asynchronous. `false` means that there are none: the end. A
 * `refresh` that throws is called again, with backoff; so is one whose credentials end again before they were
 * good for `backoff.max`. Credentials that were given together end together, so that even the first call waits
 * for a random part of `backoff.base`, unless there is to be no jitter.
 *
 * @param {string | URL} url
 * @param {EventsOptions} options
 * @param {(url: string | URL) => void} open
 * @param {() => void} drop
 */
function connection(url, { backoff, refresh, withCredentials, transport, params }, open, drop) {
  if (params) {
    url = String(url).replace(/\{(.+?)\}(\*?)/g, (_, name, tail) => {
      const text = encodeURIComponent(/** @type {string} */ (params[name]));
      return tail ? text.replaceAll("%2F", "/") : text;
    });
  }
  const policy = backoff instanceof Backoff ? backoff : new Backoff(backoff);
  const status = observable(/** @type {Status} */ ("connecting"));
  const places = { online: globalThis, pageshow: globalThis, visibilitychange: globalThis.document };
  let attempts = 0;
  /** How often credentials were asked for in a row, and when the server took them last. */
  let renewals = 0;
  let taken = 0;
  /** How often heartbeats come; how long may be silent, and if looked at; since when it is, and if it was excused. */
  let every = 0;
  let patience = 0;
  let limit = Infinity;
  let heard = 0;
  let excused = false;
  /** One timer, for what comes next: an attempt, a look at the silence, a call of `refresh`. */
  let due = 0;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  /** @type {AbortController | undefined} */
  let asking;

  const silence = () => Date.now() - heard;

  /**
   * @param {number} delay
   * @param {() => void} next
   */
  function wake(delay, next) {
    clearTimeout(timer);
    due = Date.now() + delay;
    // What is longer than a browser's timer can be is looked at in between.
    timer = setTimeout(next, Math.min(delay, 2 ** 31 - 1));
  }

  /**
   * Gives it so long for a sign of life (0: for ever), and so long if it is looked at.
   * @param {number} ms
   */
  function expect(ms, look = policy.base, ahead = 0) {
    patience = ms;
    limit = look;
    heard = Date.now() + ahead;
    excused = false;
    clearTimeout(timer);
    if (ms) wake(ms, ring);
  }

  function ring() {
    if (silence() < patience) return wake(patience - silence(), ring);
    // A timer that is so late itself has slept with the page: what came meanwhile is still to be handled.
    if (excused || Date.now() - due <= patience / 2) return lose();
    excused = true;
    wake(patience / 2, ring);
  }

  /** @param {Event} event */
  function look({ type }) {
    if ((type[0] !== "v" || document.visibilityState !== "hidden") && silence() > limit) lose(0);
  }

  /** @param {number} [delay] */
  function lose(delay) {
    unask();
    drop();
    retry(0, open, delay);
  }

  function unask() {
    asking?.abort();
    asking = undefined;
  }

  /** Whether it goes on, also after the callbacks that hear of it. */
  function connecting() {
    expect(0, Infinity);
    if (link.status !== "closed") status.set("connecting");
    return link.status !== "closed";
  }

  function retry(ahead = 0, next = open, delay = policy.delay(attempts++)) {
    if (!connecting()) return false;
    // However one looks, it is not made sooner than the server said.
    expect(0, policy.base, ahead);
    if (delay + ahead) wake(delay + ahead, () => begin(next));
    else begin(next);
    return true;
  }

  function begin(next = open) {
    // It may take as much longer than two heartbeats.
    expect(every && 2 * every + policy.longest(attempts));
    next(url);
  }

  async function askForCredentials() {
    let fresh;
    try {
      fresh = await refresh?.();
    } catch (error) {
      warn("asking again later:", error);
      if (link.status !== "closed") wake(policy.delay(renewals++), askForCredentials);
      return;
    }
    if (link.status === "closed") return;
    if (fresh === false) return link.end("expired");
    if (isUrl(fresh)) url = fresh;
    begin();
  }

  const link = {
    policy,
    /** @type {any} */
    endedBy: null,
    get status() { return status.state[0]; },
    get url() { return url; },
    subscribe: status.subscribe,
    connect: () => begin(),
    expect,
    /** Not open any more, and tried again later: returns whether it goes on. */
    retry,

    /** The browser connects again by itself, which may take as much longer than two heartbeats. @param {number} longer */
    pause: (longer) => connecting() && expect(every && 2 * every + longer),

    /** Nothing need come before there is a heartbeat. */
    opened() {
      attempts = 0;
      taken = Date.now();
      expect(0, Infinity);
      status.set("open");
    },

    /** A heartbeat, and how often they come. @param {number} ms */
    beats(ms) {
      every = ms;
      expect(2 * ms, ms || Infinity);
    },

    /** A sign of life. */
    hears() {
      heard = Date.now();
      excused = false;
    },

    /** The credentials have ended. */
    renew() {
      if (!refresh) return link.end("expired");
      drop();
      if (!connecting()) return;
      if (Date.now() - taken >= policy.max) renewals = 0;
      const atOnce = !renewals && policy.jitter === "none";
      wake(atOnce ? 0 : policy.delay(Math.max(renewals - 1, 0)), askForCredentials);
      renewals += 1;
    },

    /**
     * Asks over HTTP, and ends the request whatever it is answered with. No answer: it was aborted, or another
     * is under way.
     * @param {string} url
     * @param {string} accept
     * @param {(response: Response) => any} [read]
     * @returns {Promise<Answer | undefined>}
     */
    async ask(url, accept, read) {
      if (asking) return;
      const { signal } = (asking = new AbortController());
      /** @type {Answer} */
      let answer;
      try {
        const response = await (transport?.fetch ?? fetch)(url, {
          headers: { accept },
          // An answer from a cache would bring back the position that the server just refused.
          cache: "no-store",
          credentials: withCredentials ? "include" : "same-origin",
          signal,
        });
        const { status, headers, type } = response;
        answer = { status, headers, type, body: await read?.(response) };
      } catch (error) {
        answer = { status: 0, error };
      }
      if (signal.aborted) return;
      unask();
      return answer;
    },

    /** For good. @param {unknown} why */
    end(why) {
      if (link.status === "closed") return;
      link.endedBy = why;
      listen("removeEventListener");
      expect(0, Infinity);
      unask();
      status.set("closed");
      drop();
    },
  };

  /** @param {"addEventListener" | "removeEventListener"} how */
  function listen(how) {
    for (const [type, place] of Object.entries(places)) place?.[how]?.(type, look);
  }

  listen("addEventListener");
  return link;
}

/**
 * What callbacks hear of at every change, and as it is when they subscribe.
 * @template {unknown[]} T
 * @param {T} initial
 */
function observable(...initial) {
  let state = initial;
  /** @type {Set<(...state: T) => void>} */
  const callbacks = new Set();
  return {
    get state() { return state; },
    /** @param {T} next */
    set(...next) {
      if (next.every((part, n) => part === state[n])) return;
      state = next;
      for (const callback of [...callbacks]) {
        // One before may have changed it again, of which all have heard by now.
        if (state !== next) break;
        try {
          callback(...next);
        } catch (error) {
          // Reported like an error of any listener; the connection and the other callbacks go on.
          queueMicrotask(() => { throw error; });
        }
      }
    },
    /** @param {(...state: T) => void} callback */
    subscribe(callback) {
      callbacks.add(callback);
      callback(...state);
      return () => void callbacks.delete(callback);
    },
  };
}

/**
 * @param {string} what
 * @param {unknown[]} error
 */
const warn = (what, ...error) => console.warn(`ereo: ${what}`, ...error);

/** @param {unknown} fresh */
const isUrl = (fresh) => typeof fresh === "string" || fresh instanceof URL;

/** @param {unknown} data */
const isBinary = (data) => data instanceof ArrayBuffer || ArrayBuffer.isView(data) || data instanceof Blob;

/**
 * What the JSON says; what is none is what it is: a text, as the server sends a `String`, or bytes.
 * @param {any} data
 */
function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/**
 * The JSON, with U+FFFD for each half of a surrogate pair: JavaScript escapes it (`\ud83d`), and strict
 * parsers refuse that.
 * @param {unknown} data
 */
const toJson = (data) =>
  JSON.stringify(data)?.replace(/\\(?:ud[89a-f]..|.)/g, (escape) => (escape[2] ? "\ufffd" : escape));

/**
 * The absolute URL, with the position to continue from if there is one.
 * @param {string | URL} url
 * @param {string | null} [position]
 * @param {boolean} [asks]
 */
function resolve(url, position, asks) {
  const absolute = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
  if (position) absolute.searchParams.set("lastEventID", position);
  if (asks) absolute.search += (absolute.search && "&") + ASKS;
  return absolute.href;
}
