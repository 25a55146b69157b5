import type { Transport } from "./ereo.js";

export interface OverFetchOptions {
  /** Sent with each attempt; a function is called for each, so that a token in it can be a fresh one. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /** Default `GET`. */
  method?: string;
  body?: BodyInit | null;
}

/**
 * A transport for `events` and `live` that sends headers and a body:
 * `events("/feed", { transport: overFetch({ headers: () => ({ authorization: `Bearer ${token}` }) }) })`.
 * The loader of a `live` is asked with the same headers, but with neither `method` nor `body`.
 */
export function overFetch(options?: OverFetchOptions): Transport & { fetch: NonNullable<Transport["fetch"]> };
