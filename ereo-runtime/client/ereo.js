/**
 * Ereo in the browser: `events` (server-sent events), `socket` (WebSocket) and `live` (a loader's
 * value, kept up to date by a stream). No dependency, no build step. What the exports take and give is
 * declared in `ereo.d.ts`, to which each of them is tied by its type.
 *
 * A connection's status is `connecting`, `open` or `closed`. `connecting` covers the first attempt
 * and every wait before another one; `closed` is final: after `close()`, or when the server said so.
 *
 * Imports and exports of these modules are lines of their own, without which they are one script in this order:
 * `browser_client_script()` of ereo-runtime is that script.
 */
export { Backoff } from "./ereo.backoff.js";
export { events } from "./ereo.events.js";
export { live } from "./ereo.live.js";
export { socket } from "./ereo.socket.js";
