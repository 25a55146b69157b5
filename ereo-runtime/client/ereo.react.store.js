// What components of equal URLs have together: one connection, and the state of it that they render.
import { useInsertionEffect, useRef, useSyncExternalStore } from "react";

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

export { AWAITED, Store, delegating, onServer, useLatest, useSnapshot, useStore };
