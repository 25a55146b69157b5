/**
 * Ereo's connections as React hooks. Components with equal URLs and options have one connection together: it is
 * opened when the first of them is mounted, and closed a moment after the last has gone, so that StrictMode and a
 * change of pages do not open it twice. Handlers get every event once, by their latest closures; React is told of
 * what changed once an animation frame.
 *
 * @import { Events, EventsOptions, Live, Reset, Socket } from "./ereo.d.ts"
 * @import { Store } from "./ereo.react.store.js"
 * @import { LiveState, SocketState, SubscriptionState, EventsState, UseSocketOptions, UseSubscriptionOptions } from "./ereo.react.d.ts"
 */
import { useEffect, useInsertionEffect, useRef, useState } from "react";
import { events, live, socket } from "./ereo.js";
import { AWAITED, delegating, onServer, useLatest, useSnapshot, useStore } from "./ereo.react.store.js";

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
