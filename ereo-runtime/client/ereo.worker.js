/**
 * The other side of `share`: a SharedWorker with one connection to the server for each URL, whatever the number of
 * tabs. Each tab has its own position; what it misses it is sent from what the worker has kept, or over a connection
 * of its own until that meets the one of all.
 */
import { Tab } from "./ereo.worker.tab.js";

/** @type {any} */ (globalThis).onconnect = (/** @type {MessageEvent} */ { ports: [port] }) => void new Tab(port);
