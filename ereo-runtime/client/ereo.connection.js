/**
 * Attempts, and the watch over what has succeeded.
 *
 * @import { Answer, EventsOptions, Status } from "./ereo.d.ts"
 */
import { Backoff } from "./ereo.backoff.js";
import { isUrl, warn } from "./ereo.common.js";
import { observable } from "./ereo.observable.js";

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

export { connection };
