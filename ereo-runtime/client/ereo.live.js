/**
 * Loaders, and the streams that go on from them.
 *
 * @import { Events, Live, LiveOptions, LiveStatus } from "./ereo.d.ts"
 */
import { isFinal, isUrl, resolve, warn } from "./ereo.common.js";
import { connection } from "./ereo.connection.js";
import { events } from "./ereo.events.js";
import { observable } from "./ereo.observable.js";

/** Resets for another epoch in a row, at which the page is told what that may come from: once. */
const EPOCHS = 3;
let toldOfEpochs = false;

/**
 * The value of a loader, kept up to date by the stream that continues it.
 *
 * It starts from the script element that a server-rendered page carries, else fetches the loader. Either
 * comes with the position up to which the value is right, and the stream starts from there, so nothing is
 * missed in between. When the server cannot go on from a position (`ereo.reset`), the stream is closed, the
 * loader asked again and a new stream opened from the new position: what happens meanwhile is in the new
 * value or comes after it, never both. `refresh` is that of `events`, for the stream. A loader that has not
 * answered after half a minute is asked again; one that answers with a status at which `events` would end
 * closes it, `endedBy` is the status. `error` is why the last load failed.
 *
 * Status: `connecting`, `live`, `reconnecting` (the value shown may be old) and, for good, `closed`.
 *
 * @type {typeof import("./ereo.d.ts").live}
 */
function live(loaderUrl, streamUrl, choices) {
  const options = /** @type {LiveOptions<any>} */ (choices ?? {});
  const { events: names = ["message"], reduce = (_, data) => data, script = "__EREO_DATA__", refresh } = options;
  /** @type {any} */
  let value;
  /** @type {Events | undefined} */
  let stream;
  /** @type {unknown} */
  let failure = null;
  let wasLive = false;
  let resets = 0;
  let epochs = 0;
  const shown = observable(value, /** @type {LiveStatus} */ ("connecting"));
  const link = connection(loaderUrl, options, load, () => stream?.close());

  function show() {
    const away = wasLive ? "reconnecting" : "connecting";
    shown.set(value, link.status === "closed" ? "closed" : stream?.status === "open" ? "live" : away);
  }

  /** @param {string | URL} url */
  async function load(url) {
    link.expect(30000);
    const answer = await link.ask(resolve(url), "application/json", (response) => response.ok && response.json());
    if (!answer) return;
    const { status, headers, body, error, type } = answer;
    const position = headers?.get("last-event-id");
    if (!error && body !== false && position) return follow(body, position);
    const hidden = type === "cors" ? " that this page may read (access-control-expose-headers)" : "";
    const without = body === false ? status : `without a last-event-id header${hidden}`;
    failure = error ?? new Error(`${url} answered ${without}`);
    if (isFinal(status)) link.end(status);
    else if (link.retry()) warn("asking again later:", failure);
    view.onerror?.(failure);
  }

  /**
   * @param {any} next
   * @param {string} lastEventId
   */
  function follow(next, lastEventId) {
    value = next;
    failure = null;
    link.opened();
    show();
    // Closed while the value was read, or by a subscriber that saw it.
    if (link.status === "closed") return;
    const mine = (stream = events(/** @type {any} */ (streamUrl), { ...options, lastEventId, refresh: refresh && remember }));
    for (const name of names) {
      mine.on(name, (data, event) => {
        resets = epochs = 0;
        value = reduce(value, /** @type {any} */ (data), event);
        show();
      });
    }
    mine.onreset = (reset) => {
      mine.close();
      view.onreset?.(reset);
      epochs = reset.reason === "epoch" ? epochs + 1 : 0;
      if (epochs >= EPOCHS && !toldOfEpochs) {
        toldOfEpochs = true;
        warn(`${streamUrl}: several servers without a shared store?`);
      }
      // Clients that meet a new server are all reset at once, hence a delay even at first.
      link.retry(0, load, link.policy.delay(epochs < EPOCHS ? resets++ : 99));
    };
    mine.subscribe((status) => {
      wasLive ||= status === "open";
      // Closed for a reset is not the end: only what the server ended is.
      if (mine.endedBy !== null) link.end(mine.endedBy);
      show();
    });
  }

  async function remember() {
    const fresh = await refresh?.();
    // A stream that is opened after a reset needs it as well.
    if (isUrl(fresh)) streamUrl = /** @type {any} */ (fresh);
    return fresh;
  }

  /** @type {Live<any>} */
  const view = {
    onerror: null,
    onreset: null,
    get value() { return value; },
    get error() { return failure; },
    get status() { return shown.state[1]; },
    get endedBy() { return link.endedBy; },
    subscribe: shown.subscribe,
    close: () => link.end(null),
  };

  link.subscribe(show);
  const element = script ? globalThis.document?.getElementById(script) : null;
  const position = element?.dataset.lastEventId;
  if (position) follow(JSON.parse(element?.textContent ?? ""), position);
  else link.connect();
  return view;
}

export { live };
