/**
 * What one tab follows, and how it is sent what there is.
 *
 * @import { Events, Status } from "./ereo.d.ts"
 * @import { Sent } from "./ereo.worker.ring.js"
 * @import { Tab } from "./ereo.worker.tab.js"
 */
import { later } from "./ereo.positions.js";

/** How many a tab may be sent before it says that it has handled them. */
const AHEAD = 500;
/** The id that tells of an end. */
const ENDED = "ereo-end";

/**
 * What one tab follows. `at` is the position of what it was sent last, from which it can always go on.
 * @typedef {object} Reader
 * @property {Tab} tab
 * @property {number} key as the tab names it
 * @property {[name: string, url: string, withCredentials: boolean]} of the stream's
 * @property {boolean} renews whether it can get fresh credentials
 * @property {string} at
 * @property {import("./ereo.worker.stream.js").Stream} [stream]
 * @property {number} cursor the number of the entry that it gets next
 * @property {number} joined what has no position of its own and came before that is none of its business
 * @property {number} sent
 * @property {number} acked
 * @property {number} stopped since when it does not go on; 0 while it does
 * @property {Events<unknown>} [catching] a connection of its own, until that meets the one of all
 */

/**
 * The end as its cause has it.
 * @param {unknown} cause
 * @returns {Sent}
 */
const ending = (cause) => (typeof cause === "number" ? ["", cause, ""] : ["ereo.expired", "{}", ""]);

/**
 * @param {Reader} reader
 * @param {Status} status
 */
const tell = ({ tab, key }, status) => status !== "closed" && tab.post([status, key]);

/**
 * The event with the position that the tab has with it: that of a merged stream may be ahead of it in one set, and
 * behind it in another.
 * @param {Reader} reader
 * @param {Sent} sent
 * @returns {Sent}
 */
function moved(reader, [name, data, id]) {
  // That of an end is none to go on from.
  if (!id || id === ENDED) return [name, data, id];
  reader.at = later(reader.at, id);
  return [name, data, reader.at];
}

/**
 * @param {Reader} reader
 * @param {Sent[]} batch
 */
function post(reader, batch) {
  reader.sent += batch.length;
  reader.tab.post(["events", reader.key, batch]);
}

/**
 * @param {Reader} reader
 * @param {Sent} sent
 */
const send = (reader, sent) => post(reader, [moved(reader, sent)]);

/** @param {Reader} reader */
function release(reader) {
  const { catching } = reader;
  reader.catching = undefined;
  catching?.close();
}

/** @param {Reader} reader */
function stop(reader) {
  reader.stopped ||= Date.now();
  // It is found anew, by its position.
  if (reader.catching) reader.cursor = -1;
  release(reader);
}

/**
 * How many it may be sent now.
 * @param {Reader} reader
 */
const room = ({ sent, acked }) => AHEAD - (sent - acked);

export { ending, moved, post, release, room, send, stop, tell };
