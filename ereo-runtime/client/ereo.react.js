/**
 * Ereo's connections as React hooks. Components with equal URLs and options have one connection together: it is
 * opened when the first of them is mounted, and closed a moment after the last has gone, so that StrictMode and a
 * change of pages do not open it twice. Handlers get every event once, by their latest closures; React is told of
 * what changed once an animation frame.
 *
 * @import { Events, Live, Socket } from "./ereo.d.ts"
 * @import { LiveState, SocketState, SubscriptionState, EventsState, UseSocketOptions, UseSubscriptionOptions } from "./ereo.react.d.ts"
 */
import { useEffect, useRef, useState } from "react";
import { events, live, socket } from "./ereo.js";
import { AWAITED, onServer, useHandler, useLatest, useStore } from "./ereo.react.store.js";

/** @type {EventsState} */
const CONNECTING = { status: "connecting", lastEventId: "", reset: null };

/** @type {typeof import("./ereo.react.d.ts").useEvents} */
export function useEvents(url, handlers, options) {
  const latest = useLatest(/** @type {Record<string, Function>} */ (handlers));
  const names = Object.keys(handlers).sort();
  const [store, state] = useStore(
    url && ["events", url],
    options ?? {},
    CONNECTING,
    (options, { touch }) => {
      /** @type {Events} */
      const feed = events(/** @type {string} */ (url), options);
      // Moves the position as any event does.
      feed.on("ereo.heartbeat", touch);
      return feed;
    },
    ({ status, lastEventId }, { seen: { reset } }) => ({ status, lastEventId, reset }),
  );
  useEffect(() => {
    const offs = names.map((name) =>
      store.connection?.on(name, (/** @type {any[]} */ ...event) => {
        store.touch();
        latest.current[name]?.(...event);
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
  const failed = useLatest(onError);
  const [{ active, turn }, turnTo] = useState({ active: true, turn: 0 });
  const wanted = url && enabled && active;
  const [store, state] = useStore(
    wanted && ["subscription", url, event, keep, turn],
    rest,
    wanted ? SUBSCRIBING : IDLE,
    (options, { take }) => {
      /** @type {Events} */
      const feed = events(/** @type {string} */ (url), options);
      feed.on(event, (data) => take(keep, data));
      return feed;
    },
    ({ status, endedBy }, { seen, latest }) => {
      if (endedBy === "expired" || endedBy > 204) seen.error ??= new Error(`the server has ended it: ${endedBy}`);
      const { data, error, reset } = seen;
      return {
        data,
        history: latest(keep),
        error,
        status: error ? "error" : status === "open" ? "connected" : status,
        isActive: status !== "closed",
        reset,
      };
    },
  );
  useHandler(store, onData);
  const { error } = state;
  useEffect(() => {
    if (error) failed.current?.(error);
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
  const { onMessage, keep = 0, ...rest } = /** @type {UseSocketOptions<any>} */ (choices ?? {});
  const [store, state] = useStore(
    url && ["socket", url, keep],
    rest,
    AWAY,
    (options, { take }) => {
      /** @type {Socket<any, any>} */
      const chat = socket(/** @type {string} */ (url), options);
      chat.onmessage = (...message) => take(keep, ...message);
      return chat;
    },
    ({ status, queued, endedBy }, { seen, latest }) => ({ status, queued, endedBy, last: seen.data, messages: latest(keep) }),
  );
  useHandler(store, onMessage);
  const current = useLatest(store);
  const [calls] = useState(() => ({
    /** @param {any} data */
    send(data) {
      current.current.touch();
      return current.current.connection?.send(data) ?? false;
    },
    /** @type {Socket<any, any>["ask"]} */
    ask: (...args) =>
      current.current.connection?.ask(...args) ?? Promise.reject(Object.assign(new Error("no answer: closed"), { reason: "closed" })),
  }));
  return { ...state, ...calls };
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
function useLiveState(loader, stream, { initial, suspense, ...rest } = {}) {
  const value = initial ?? embeddedIn(rest.script === undefined ? "__EREO_DATA__" : rest.script);
  const { current: first } = useRef(/** @type {LiveState<any>} */ ({ value, status: "connecting", reset: null, error: null, endedBy: null }));
  const wanted = loader && stream;
  const [store, state] = useStore(
    wanted && ["live", loader, stream],
    rest,
    first,
    (options, store) => {
      /** @type {Live<any>} */
      const view = live(loader, stream, options);
      view.onerror = store.touch;
      /** Settles with the first value, or with the end. */
      const loaded = new Promise((done) => view.subscribe((value, status) => (value !== undefined || status === "closed") && done(0)));
      // The first change is not waited for with a frame; who waits for it renders what there is by then.
      loaded.then(store.tell);
      return Object.assign(view, { loaded });
    },
    ({ value = initial, status, error, endedBy }, { seen: { reset } }) => ({ value, status, error, endedBy, reset }),
  );
  if (suspense && wanted && state.value === undefined && state.status !== "closed") {
    if (onServer()) throw new Error("useLive: `suspense` needs `initial` on a server");
    store.start();
    const { loaded } = store.connection;
    loaded.then(() => store.leave(AWAITED));
    if (store.snapshot.value === undefined) throw loaded;
    return store.snapshot;
  }
  return state;
}

export const useLive = /** @type {typeof import("./ereo.react.d.ts").useLive} */ (useLiveState);
