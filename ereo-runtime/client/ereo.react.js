/**
 * Ereo's connections as React hooks. Components with equal URLs and options have one connection together: it is
 * opened when the first of them is mounted, and closed a moment after the last has gone, so that StrictMode and a
 * change of pages do not open it twice. Handlers get every event once, by their latest closures; React is told of
 * what changed once an animation frame.
 *
 * @import { Events, EventsOptions, Live, Reset, Socket } from "./ereo.d.ts"
 * @import { LiveState, SocketState, SubscriptionState, EventsState, UseSocketOptions, UseSubscriptionOptions } from "./ereo.react.d.ts"
 */
import { useEffect, useInsertionEffect, useRef, useState, useSyncExternalStore } from "react";
import { events, live, socket } from "./ereo.js";

/** For how long a connection outlives its last component, in milliseconds. */
const LINGERS = 100;
/** The same of one that a component has begun to wait for, and that is not mounted before it is there. */
const AWAITED = 5000;
/** Between two renders of a page that nobody sees. */
const HIDDEN = 250;

/** @type {Map<string, Store<any, any>>} */
const stores = new Map();

const onServer = () => typeof document === "undefined";

/**
 * One connection, and what of it its components render.
 * @template {{ close(): void }} C
 * @template S
 */
class Store {
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #closing;
  #scheduled = false;
  #isTold = false;
  /** @type {C | undefined} */
  connection;
  /** Called for every message, whatever is rendered. @type {Set<(data: any, event: any) => void>} */
  handlers = new Set();

  /**
   * @param {string} key
   * @param {S} snapshot before there is a connection
   * @param {(store: Store<C, S>) => C} open
   * @param {(connection: C) => S} read
   */
  constructor(key, snapshot, open, read) {
    this.key = key;
    this.snapshot = snapshot;
    this.open = open;
    this.read = read;
  }

  start() {
    clearTimeout(this.#closing);
    if (this.connection) return;
    stores.set(this.key, this);
    this.connection = this.open(this);
    this.#refresh();
  }

  /** A snapshot stays what it is until something in it is another. */
  #refresh() {
    if (!this.connection) return;
    const next = this.read(this.connection);
    if (!isSame(/** @type {any} */ (this.snapshot), next)) this.snapshot = next;
  }

  /** @param {number} after */
  leave(after) {
    if (this.#listeners.size) return;
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => {
      this.connection?.close();
      this.connection = undefined;
      if (stores.get(this.key) === this) stores.delete(this.key);
    }, after);
  }

  /** @param {() => void} listener */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    this.start();
    return () => {
      this.#listeners.delete(listener);
      this.leave(LINGERS);
    };
  };

  /** Something is to be rendered: once a frame. */
  touch = () => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (onServer() || document.visibilityState === "hidden") setTimeout(this.tell, HIDDEN);
    else requestAnimationFrame(this.tell);
  };

  /** The first change is not waited for with a frame. */
  tellFirst() {
    if (this.#isTold) return;
    this.#isTold = true;
    this.tell();
  }

  tell = () => {
    this.#scheduled = false;
    this.#refresh();
    for (const listener of [...this.#listeners]) listener();
  };
}

/**
 * @param {Record<string, any>} a
 * @param {any} b
 */
const isSame = (a, b) =>
  Object.keys(b).every((name) => a[name] === b[name] || [a, b].every((of) => Array.isArray(of[name]) && !of[name].length));

/** @type {Store<any, any>} */
const NONE = new Store("", undefined, () => ({ close() {} }), () => undefined);
const nothing = () => () => {};

/**
 * @template {{ close(): void }} C
 * @template S
 * @param {unknown[] | null} parts what is equal where a connection is shared; null for none
 * @param {S} first
 * @param {(store: Store<C, S>) => C} open
 * @param {(connection: C) => S} read
 * @returns {Store<C, S>}
 */
function useStore(parts, first, open, read) {
  const key = parts && JSON.stringify(parts);
  /** @type {React.RefObject<Store<any, any>>} */
  const mine = useRef(NONE);
  if (!key) return (mine.current = NONE);
  const shared = stores.get(key);
  if (shared) return (mine.current = shared);
  if (mine.current.key !== key) mine.current = new Store(key, first, open, read);
  // So that a component that is rendered before this one is mounted finds it.
  if (!onServer()) {
    stores.set(key, mine.current);
    mine.current.leave(AWAITED);
  }
  return mine.current;
}

/**
 * @template S
 * @param {Store<any, S>} store
 * @param {S} first
 * @returns {S}
 */
function useSnapshot(store, first) {
  const of = () => (store.key ? store.snapshot : first);
  return useSyncExternalStore(store.key ? store.subscribe : nothing, of, () => first);
}

/**
 * The latest of what changes with every render.
 * @template T
 * @param {T} value
 */
function useLatest(value) {
  const latest = useRef(value);
  useInsertionEffect(() => void (latest.current = value));
  return latest;
}

/**
 * Options whose functions are the latest of the component that opened the connection, so that a closure makes no
 * connection of its own. A transport stays what it is.
 * @template {object} O
 * @param {{ current: O }} latest
 * @returns {O}
 */
function delegating(latest) {
  /** @type {Record<string, any>} */
  const options = { ...latest.current };
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== "function" || name === "transport") continue;
    /** @param {unknown[]} args */
    options[name] = (...args) => /** @type {any} */ (latest.current)[name](...args);
  }
  return /** @type {O} */ (options);
}

/** @type {EventsState} */
const CONNECTING = { status: "connecting", lastEventId: "", reset: null };

/** @type {typeof import("./ereo.react.d.ts").useEvents} */
export function useEvents(url, handlers, choices) {
  const options = /** @type {EventsOptions} */ (choices ?? {});
  const latest = useLatest(/** @type {Record<string, Function>} */ (handlers));
  const given = useLatest(options);
  const names = Object.keys(handlers).sort();
  /** @type {Store<Events, EventsState>} */
  const store = useStore(
    url ? ["events", url, options] : null,
    CONNECTING,
    ({ touch }) => {
      const feed = /** @type {Events} */ (events(/** @type {string} */ (url), delegating(given)));
      /** @type {Reset | null} */
      let reset = null;
      feed.onreset = (told) => {
        reset = told;
        touch();
      };
      feed.subscribe(touch);
      // Moves the position as any event does.
      feed.on("ereo.heartbeat", touch);
      return Object.assign(feed, { told: () => reset });
    },
    (feed) => {
      const { status, lastEventId } = feed;
      return { status, lastEventId, reset: /** @type {any} */ (feed).told() };
    },
  );
  const state = useSnapshot(store, CONNECTING);
  useEffect(() => {
    const offs = names.map((name) =>
      store.connection?.on(name, (data, event) => {
        store.touch();
        latest.current[name]?.(/** @type {any} */ (data), event);
      }));
    return () => offs.forEach((off) => off?.());
  }, [store, names.join("\n")]);
  return state;
}

/** @type {Omit<SubscriptionState<any>, "unsubscribe" | "resubscribe">} */
const IDLE = { data: undefined, history: [], error: null, status: "idle", isActive: false, reset: null };
/** @type {typeof IDLE} */
const SUBSCRIBING = { ...IDLE, status: "connecting", isActive: true };

/** @type {typeof import("./ereo.react.d.ts").useSubscription} */
export function useSubscription(url, choices) {
  const options = /** @type {UseSubscriptionOptions<any>} */ (choices ?? {});
  const { event = "message", enabled = true, keep = 1000, onData, onError, ...rest } = options;
  const given = useLatest(rest);
  const latest = useLatest({ onData, onError });
  const [{ active, turn }, turnTo] = useState({ active: true, turn: 0 });
  const wanted = url && enabled && active;
  /** @type {Store<Events, typeof IDLE>} */
  const store = useStore(
    wanted ? ["subscription", url, event, keep, turn, rest] : null,
    SUBSCRIBING,
    ({ touch, handlers }) => {
      const feed = /** @type {Events} */ (events(/** @type {string} */ (url), delegating(given)));
      /** @type {{ data: any, history: any[], reset: Reset | null, error?: Error }} */
      const seen = { data: undefined, history: [], reset: null };
      feed.onreset = (reset) => {
        seen.reset = reset;
        touch();
      };
      feed.subscribe(touch);
      feed.on(event, (data, { type }) => {
        seen.history.push(data);
        // Not for every one of many: a list that is full is cut once it has grown by half.
        if (seen.history.length > 1.5 * keep) seen.history = keep ? seen.history.slice(-keep) : [];
        seen.data = data;
        touch();
        for (const handler of [...handlers]) handler(data, type);
      });
      return Object.assign(feed, { seen });
    },
    (feed) => {
      const { seen } = /** @type {any} */ (feed);
      const { data, history, reset } = seen;
      const { endedBy } = feed;
      if (endedBy === "expired" || Number(endedBy) > 204) seen.error ??= new Error(`the server has ended it: ${endedBy}`);
      const status = seen.error ? "error" : feed.status === "open" ? "connected" : feed.status;
      return {
        data,
        history: keep ? history.slice(-keep) : [],
        error: seen.error ?? null,
        status,
        isActive: feed.status !== "closed",
        reset,
      };
    },
  );
  const state = useSnapshot(store, wanted ? SUBSCRIBING : IDLE);
  useEffect(() => {
    /** @param {any} data */
    const handler = (data) => latest.current.onData?.(data);
    store.handlers.add(handler);
    return () => void store.handlers.delete(handler);
  }, [store]);
  const { error } = state;
  useEffect(() => {
    if (error) latest.current.onError?.(error);
  }, [error]);
  return {
    ...state,
    unsubscribe: () => turnTo({ active: false, turn }),
    resubscribe: () => turnTo({ active: true, turn: turn + 1 }),
  };
}

/** @type {Omit<SocketState<any, any>, "send" | "ask">} */
const AWAY = { status: "connecting", last: undefined, messages: [], queued: 0, endedBy: null };

/** @type {typeof import("./ereo.react.d.ts").useSocket} */
export function useSocket(url, choices) {
  const options = /** @type {UseSocketOptions<any>} */ (choices ?? {});
  const { onMessage, keep = 0, ...rest } = options;
  const given = useLatest(rest);
  const latest = useLatest(onMessage);
  /** @type {Store<Socket<any, any>, typeof AWAY>} */
  const store = useStore(
    url ? ["socket", url, keep, rest] : null,
    AWAY,
    ({ touch, handlers }) => {
      const chat = socket(/** @type {string} */ (url), /** @type {any} */ (delegating(given)));
      /** @type {{ messages: any[], last: any }} */
      const seen = { messages: [], last: undefined };
      chat.subscribe(touch);
      chat.onmessage = (data, event) => {
        seen.last = data;
        if (keep) seen.messages.push(data);
        if (seen.messages.length > 1.5 * keep) seen.messages = seen.messages.slice(-keep);
        touch();
        for (const handler of [...handlers]) handler(data, event);
      };
      return Object.assign(chat, { seen });
    },
    (chat) => {
      const { last, messages } = /** @type {any} */ (chat).seen;
      const { status, queued, endedBy } = chat;
      return { status, queued, endedBy, last, messages: keep ? messages.slice(-keep) : [] };
    },
  );
  const state = useSnapshot(store, AWAY);
  useEffect(() => {
    /** @type {(data: any, event: MessageEvent) => void} */
    const handler = (data, event) => latest.current?.(data, event);
    store.handlers.add(handler);
    return () => void store.handlers.delete(handler);
  }, [store]);
  const [calls] = useState(() => {
    /** @type {{ store: Store<any, any> }} */
    const current = { store };
    return {
      current,
      /** @param {any} data */
      send(data) {
        current.store.touch();
        return current.store.connection?.send(data) ?? false;
      },
      /** @type {Socket<any, any>["ask"]} */
      ask: (data, options) =>
        current.store.connection?.ask(data, options) ??
        Promise.reject(Object.assign(new Error("no answer: closed"), { reason: "closed" })),
    };
  });
  useInsertionEffect(() => void (calls.current.store = store));
  return { ...state, send: calls.send, ask: calls.ask };
}

/** Values of embedded scripts, each parsed once so that it is one value to React. @type {WeakMap<Element, unknown>} */
const embedded = new WeakMap();

/** @param {string | null} id */
function embeddedIn(id) {
  const element = !id || onServer() ? null : document.getElementById(id);
  if (!element?.dataset.lastEventId) return undefined;
  if (!embedded.has(element)) embedded.set(element, JSON.parse(element.textContent ?? ""));
  return embedded.get(element);
}

/** @type {(loader: any, stream: any, options?: any) => LiveState<any>} */
function useLiveState(loader, stream, options = {}) {
  const { initial, suspense, ...rest } = options;
  const given = useLatest(rest);
  const value = initial ?? embeddedIn(rest.script === undefined ? "__EREO_DATA__" : rest.script);
  const kept = useRef(/** @type {LiveState<any>} */ ({ value, status: "connecting", reset: null, error: null, endedBy: null }));
  const first = kept.current;
  const wanted = loader && stream;
  /** @type {Store<Live<any>, LiveState<any>>} */
  const store = useStore(
    wanted ? ["live", loader, stream, rest] : null,
    first,
    (store) => {
      const view = live(loader, stream, delegating(given));
      /** @type {Reset | null} */
      let reset = null;
      view.onreset = (told) => {
        reset = told;
        store.touch();
      };
      view.onerror = store.touch;
      /** Settles with the first value, or with the end; who waits for it renders what there is by then. */
      const loaded = new Promise((done) => {
        view.subscribe((value, status) => {
          if (value !== undefined || status === "closed") queueMicrotask(() => done(store.tellFirst()));
          store.touch();
        });
      });
      return Object.assign(view, { told: () => reset, loaded });
    },
    (view) => {
      const { value = initial, status, error, endedBy } = view;
      return { value, status, error, endedBy, reset: /** @type {any} */ (view).told() };
    },
  );
  const state = useSnapshot(store, first);
  if (suspense && wanted && state.value === undefined && state.status !== "closed") {
    if (onServer()) throw new Error("useLive: `suspense` needs `initial` on a server");
    store.start();
    const { loaded } = /** @type {any} */ (store.connection);
    loaded.then(() => store.leave(AWAITED));
    if (store.snapshot.value === undefined) throw loaded;
    return store.snapshot;
  }
  return state;
}

export const useLive = /** @type {typeof import("./ereo.react.d.ts").useLive} */ (useLiveState);
