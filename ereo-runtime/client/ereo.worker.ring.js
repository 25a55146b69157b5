/**
 * What a stream got lately, for tabs that are behind it.
 *
 * @import { Places } from "./ereo.positions.js"
 */
import { hasHad, places } from "./ereo.positions.js";

/** How many events are kept, and how many characters of them. */
const KEPT = 2000;
const CHARACTERS = 4e6;

/**
 * An event as a tab is sent it. One without a name is the end, and its data the HTTP status.
 * @typedef {[name: string, data: unknown, id: string]} Sent
 * @typedef {{ sent: Sent, place: Places | undefined, isAside: boolean, weight: number }} Entry
 */

class Ring {
  /** @type {Entry[]} */
  #entries = [];
  #weight = 0;
  /** The number of the first entry that is kept, and what had come before it. */
  first = 0;
  #floor;
  /** Of the last that came. */
  position;

  /** @param {string} position */
  constructor(position) {
    this.#floor = this.position = position;
  }

  /** The number of the entry that comes next. */
  get next() { return this.first + this.#entries.length; }

  /** @param {number} number */
  at(number) {
    return this.#entries[number - this.first];
  }

  /** @param {Sent} sent */
  push(sent) {
    const [, data, id] = sent;
    const place = places(id);
    const isAside = !id || id === this.position;
    const weight = String(data).length;
    // What it has had itself, it has had.
    if (place) this.#floor ||= id;
    this.position = id || this.position;
    this.#weight += weight;
    this.#entries.push({ sent, place, isAside, weight });
    while (this.#entries.length > KEPT || (this.#weight > CHARACTERS && this.#entries.length > 1)) {
      const [gone] = this.#entries.splice(0, 1);
      this.first += 1;
      this.#weight -= gone.weight;
      this.#floor = gone.sent[2] || this.#floor;
    }
  }

  /** The stream is there, with nothing that is kept. @param {string} id */
  moveTo(id) {
    this.#floor ||= id;
    this.position = id || this.position;
  }

  /** Nothing goes on from what was kept. @param {string} id */
  clear(id) {
    this.first = this.next;
    this.#entries = [];
    this.#weight = 0;
    this.#floor = this.position = id;
  }

  /**
   * The number of the entry that comes behind a position; none where what is kept does not reach back to it.
   * @param {string} at
   */
  cursor(at) {
    if (!at || at === this.position) return this.next;
    // What it has had is passed over.
    if (at === this.#floor || hasHad(places(this.#floor), places(at))) return this.first;
    const index = this.#entries.findLastIndex(({ sent, isAside }) => sent[2] === at && !isAside);
    return index < 0 ? undefined : this.first + index + 1;
  }
}

export { Ring };
