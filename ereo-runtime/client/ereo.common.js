// What streams, sockets and loads use alike.

/**
 * Whether another attempt after this HTTP status is in vain.
 * @param {number} status
 */
const isFinal = (status) => /^(204|4(?!08|25|29)..)$/.test(`${status}`);

/** Asks for heartbeats that a page can see: no comments, no pings. */
const ASKS = "ereoHeartbeat=1";

/**
 * @param {string} what
 * @param {unknown[]} error
 */
const warn = (what, ...error) => console.warn(`ereo: ${what}`, ...error);

/** @param {unknown} fresh */
const isUrl = (fresh) => typeof fresh === "string" || fresh instanceof URL;

/**
 * What the JSON says; what is none is what it is: a text, as the server sends a `String`, or bytes.
 * @param {any} data
 */
function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/**
 * The absolute URL, with the position to continue from if there is one.
 * @param {string | URL} url
 * @param {string | null} [position]
 * @param {boolean} [asks]
 */
function resolve(url, position, asks) {
  const absolute = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
  if (position) absolute.searchParams.set("lastEventID", position);
  if (asks) absolute.search += (absolute.search && "&") + ASKS;
  return absolute.href;
}

export { isFinal, isUrl, parse, resolve, warn };
