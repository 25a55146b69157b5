/**
 * An event stream of which every event is heard, whatever its name.
 *
 * @import { Events, EventsOptions, Transport, TransportSource } from "./ereo.d.ts"
 */
import { events } from "./ereo.events.js";
import { overFetch } from "./ereo.fetch.js";

/**
 * `hear` is called once the stream itself has taken notice of the event.
 * @param {string} url
 * @param {EventsOptions} options
 * @param {(name: string, data: string, id: string) => void} hear
 * @returns {Events<unknown>}
 */
function everything(url, options, hear) {
  const open = overFetch();
  /** @type {Set<string>} */
  const known = new Set();
  /** @type {Transport} */
  const transport = (url, how) => {
    const source = /** @type {EventTarget & TransportSource} */ (/** @type {unknown} */ (open(url, how)));
    const dispatch = source.dispatchEvent.bind(source);
    source.dispatchEvent = (event) => {
      const { type, data, lastEventId } = /** @type {MessageEvent<string>} */ (event);
      // So that it moves the stream's position.
      if (!known.has(type)) feed.on(type, () => {});
      known.add(type);
      const dispatched = dispatch(event);
      hear(type, data, lastEventId);
      return dispatched;
    };
    return /** @type {TransportSource} */ (/** @type {unknown} */ (source));
  };
  const feed = /** @type {Events<unknown>} */ (events(url, { ...options, json: false, transport }));
  return feed;
}

export { everything };
