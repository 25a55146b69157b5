// What components of equal URLs have together: one connection, and the state of it that they render.
import { useEffect, useInsertionEffect, useRef, useSyncExternalStore } from "react";

/**
 * @typedef {object} Store
 * @property {string} key
 * @property {any} snapshot
 * @property {any} connection
 * @property {{ data?: any, all: any[], reset: any, error: any }} seen the last message, the last of them, the last loss, and
 *   why it has failed
 * @property {Set<(...message: any[]) => void>} handlers called for every message, whatever is rendered
 * @property {() => void} start
 * @property {(after: number) => void} leave closes it a moment later, unless somebody has come
 * @property {(listener: () => void) => () => void} subscribe
 * @property {() => void} touch something is to be rendered: once a frame
 * @property {() => void} tell
 * @property {(keep: number, ...message: any[]) => void} take a message, its data first, of which so many are kept
 * @property {(keep: number) => any[]} latest the last of the messages
 */

/** For how long a connection outlives its last component, in milliseconds. */
const LINGERS = 100;
/** The same of one that a component has begun to wait for, and that is not mounted before it is there. */
const AWAITED = 5000;
/** Between two renders of a page that nobody sees. */
const HIDDEN = 250;

/** @type {Map<string, Store>} */
const stores = new Map();

const onServer = () => typeof document === "undefined";

/**
 * One connection, and what of it its components render.
 * @param {string} key
 * @param {any} snapshot before there is a connection
 * @param {(store: Store) => any} open
 * @param {(connection: any, store: Store) => any} read
 */
function createStore(key, snapshot, open, read) {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let closing;
  let isScheduled = false;

  /** @type {Store} */
  const store = {
    key,
    snapshot,
    connection: undefined,
    seen: /** @type {any} */ (undefined),
    handlers: new Set(),

    start() {
      clearTimeout(closing);
      if (store.connection) return;
      stores.set(key, store);
      const seen = (store.seen = /** @type {Store["seen"]} */ ({ all: [], reset: null, error: null }));
      const connection = (store.connection = open(store));
      connection.onreset = (/** @type {any} */ reset) => {
        seen.reset = reset;
        store.touch();
      };
      connection.subscribe(store.touch);
      refresh();
    },

    leave(after) {
      if (listeners.size) return;
      clearTimeout(closing);
      closing = setTimeout(() => {
        store.connection?.close();
        store.connection = undefined;
        if (stores.get(key) === store) stores.delete(key);
      }, after);
    },

    subscribe(listener) {
      listeners.add(listener);
      store.start();
      return () => {
        listeners.delete(listener);
        store.leave(LINGERS);
      };
    },

    touch() {
      if (isScheduled) return;
      isScheduled = true;
      if (onServer() || document.visibilityState === "hidden") setTimeout(store.tell, HIDDEN);
      else requestAnimationFrame(store.tell);
    },

    tell() {
      isScheduled = false;
      refresh();
      for (const listener of [...listeners]) listener();
    },

    take(keep, ...message) {
      const { seen } = store;
      seen.data = message[0];
      seen.all.push(seen.data);
      // Not for every one of many: a list that is full is cut once it has grown by half.
      if (seen.all.length > 1.5 * keep) seen.all = store.latest(keep);
      store.touch();
      for (const handler of [...store.handlers]) handler(...message);
    },

    latest: (keep) => (keep ? store.seen.all.slice(-keep) : []),
  };

  /** A snapshot stays what it is until something in it is another. */
  function refresh() {
    if (!store.connection) return;
    const next = read(store.connection, store);
    if (!isSame(store.snapshot, next)) store.snapshot = next;
  }

  return store;
}

/**
 * @param {Record<string, any>} a
 * @param {any} b
 */
const isSame = (a, b) =>
  Object.keys(b).every((name) => a[name] === b[name] || [a, b].every((of) => Array.isArray(of[name]) && !of[name].length));

const nothing = () => () => {};
/** @type {Store} */
const NONE = { ...createStore("", undefined, nothing, nothing), subscribe: nothing };

/**
 * The store of these parts and options, and what is to be rendered of it. Functions among the options are the latest of
 * the component that opened the connection, so that a closure makes no connection of its own.
 * @param {unknown[] | false | "" | null | undefined} parts what is equal where a connection is shared; none for none
 * @param {any} options
 * @param {any} first
 * @param {(options: any, store: Store) => any} open
 * @param {(connection: any, store: Store) => any} read
 * @returns {[Store, any]}
 */
function useStore(parts, options, first, open, read) {
  const given = useLatest(options);
  const mine = useRef(NONE);
  const key = parts ? JSON.stringify([...parts, options]) : "";
  /** @type {any} */
  let store = key ? stores.get(key) : NONE;
  if (!store) {
    store = mine.current.key === key ? mine.current : createStore(key, first, (store) => open(delegating(given), store), read);
    // So that a component that is rendered before this one is mounted finds it.
    if (!onServer()) {
      stores.set(key, store);
      store.leave(AWAITED);
    }
  }
  const { subscribe } = (mine.current = store);
  return [store, useSyncExternalStore(subscribe, () => (key ? store.snapshot : first), () => first)];
}

/**
 * Calls the latest of these functions for every message.
 * @param {Store} store
 * @param {Function | undefined} handler
 */
function useHandler(store, handler) {
  const latest = useLatest(handler);
  useEffect(() => {
    const call = (/** @type {any[]} */ ...message) => latest.current?.(...message);
    store.handlers.add(call);
    return () => void store.handlers.delete(call);
  }, [store]);
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
 * A transport stays what it is.
 * @param {{ current: any }} latest
 */
function delegating(latest) {
  const options = { ...latest.current };
  for (const name in options) {
    if (typeof options[name] === "function" && name !== "transport") options[name] = (/** @type {any[]} */ ...args) => latest.current[name](...args);
  }
  return options;
}

export { AWAITED, onServer, useHandler, useLatest, useStore };
