import type {
  DataOf, EventsArguments, EventsOf, LiveArguments, Params, ReceivedOf, SentOf, SocketArguments, StreamOf, Unset, Url, ValueOf,
} from "./ereo.routes.js";

/** `connecting` covers every wait before another attempt; `closed` is final. */
export type Status = "connecting" | "open" | "closed";

/** `connecting` before the first stream, `reconnecting` while the value may be old; `closed` is final. */
export type LiveStatus = "connecting" | "live" | "reconnecting" | "closed";

export interface BackoffOptions {
  /** Milliseconds before the first new attempt. Default 1000. */
  base?: number;
  /** Default 2. */
  factor?: number;
  /** The most milliseconds between two attempts. Default 30000. */
  max?: number;
  /** `full` (the default): anything from 0 to the delay. `none`: the delay. */
  jitter?: "full" | "none";
}

/** `delay(n) = min(base * factor ** n, max)`, in milliseconds, `n` counted from 0. */
export class Backoff {
  constructor(options?: BackoffOptions);
  readonly base: number;
  readonly factor: number;
  readonly max: number;
  readonly jitter: "full" | "none";
  delay(attempt: number): number;
  /** The most that `delay(attempt)` can be. */
  longest(attempt: number): number;
}

/** Why a stream could not go on from the client's position. `unknown`: the client never learned one. */
export interface Reset {
  reason: "expired" | "epoch" | "lagged" | "unreadable" | "unknown";
  /** How many events were missed, where the server can tell. */
  missed: number | null;
}

/**
 * Called when the credentials have ended, and awaited: gets fresh ones, such as a cookie that its request
 * sets, or gives the URL with a new token. `false`: there are none, which closes the connection for good.
 * One that throws is called again, with backoff; with jitter the first call, too, waits for a random part of
 * `backoff.base`, for credentials that were given together end together.
 */
export type Refresh = () => unknown;

/** The head of an HTTP answer; 0 where there was none. */
export interface Answer {
  status: number;
  headers?: Headers;
  type?: ResponseType;
  body?: any;
  error?: unknown;
}

/** What `events` uses of an EventSource. */
export interface TransportSource {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(name: string, listener: (event: Event) => void): void;
  close(): void;
  /** Once `readyState` is 2: why, where it can tell. Another attempt is made `retry-after` seconds later. */
  readonly answer?: Answer;
}

/**
 * Opens event streams in the EventSource's place: `overFetch` of `ereo-client/fetch`. `renews`: the stream has a
 * `refresh`.
 */
export interface Transport {
  (url: string, options: { withCredentials: boolean; renews?: boolean }): TransportSource;
  /** Asks with the same headers, as `live` does for the loader. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export interface EventsOptions {
  /** What stands for the `{parameters}` of the URL; percent-encoded here. */
  params?: Params;
  /** Continue after this position. */
  lastEventId?: string;
  /** Send cookies to another origin. */
  withCredentials?: boolean;
  /** Instead of the browser's EventSource, which can send neither headers nor a body. */
  transport?: Transport;
  /** `false`: not over the connection of all tabs, although the page says `share()` of `ereo-client/tabs`. */
  shared?: boolean;
  /**
   * `false`: handlers get the text as it came. Without it they get what its JSON says, and the text where it is
   * none: a stream of `String`s, where a text such as `5` is to stay one, wants `false`.
   */
  json?: boolean;
  backoff?: Backoff | BackoffOptions;
  /** Without it the connection is closed for good when the credentials end. */
  refresh?: Refresh;
}

/** `E`: the data of the events, by their names; without a contract it is not known. */
export interface Events<E = unknown> {
  readonly status: Status;
  /** The position of the last event that was handled. */
  readonly lastEventId: string;
  /**
   * `end`: the stream is finished. `expired`: there were no fresh credentials. A number: the HTTP status with
   * which the server ended it for good, 204 or a 4xx, or the code with which it ended this connection by name.
   */
  readonly endedBy: number | "end" | "expired" | null;
  /** Called when the server could not go on from our position. */
  onreset: ((reset: Reset) => void) | null;
  /** Calls back now and at every change; returns what stops it. */
  subscribe(callback: (status: Status) => void): () => void;
  /** Calls back for events of that name; `message` is the name of events without one. `event.data` is the raw text. Returns what stops it. */
  on: unknown extends E
    ? <T = unknown>(name: string, handler: (data: T, event: MessageEvent<string>) => void) => () => void
    : <N extends keyof E & string>(name: N, handler: (data: E[N], event: MessageEvent<string>) => void) => () => void;
  /** Ends the stream; nothing is called afterwards, and nothing reconnects. */
  close(): void;
}

/**
 * Server-sent events that reconnect, also after the HTTP errors at which an EventSource gives up, and from a
 * connection that is dead: two heartbeats without a sign of life, or one when the network or the page comes
 * back. The query says `ereoHeartbeat=1`, which asks the server for them.
 */
export function events<U extends string = string, J extends boolean = true>(
  url: Url<U, "sse"> | URL,
  ...options: EventsArguments<U, J>
): Events<EventsOf<U, J>>;

export interface SocketOptions<In = unknown> {
  /** What stands for the `{parameters}` of the URL; percent-encoded here. */
  params?: Params;
  /** What is offered. A server that speaks none of them closes the socket for good: `endedBy` is `protocol`. */
  protocols?: string | string[];
  /** How many messages `send` keeps while the connection is away. Default 100. */
  queue?: number;
  /**
   * `false`: text is sent and received as it is, which is what a `String` of the server's is. Without it JSON is
   * sent, and received; what comes and is none is the text.
   */
  json?: boolean;
  /** Where a message has its position: a new connection asks for what is behind the last one. */
  id?: (data: In) => string | null | undefined;
  /**
   * Whether the server's close is for good, where the server does not say so itself (as it does with `disconnect`).
   * Default: 1008, and 4000 to 4999. 3000 asks for fresh credentials.
   */
  final?: (close: SocketClose) => boolean;
  /** Send cookies to another origin when it is asked why it refused. The socket itself always has them. */
  withCredentials?: boolean;
  backoff?: Backoff | BackoffOptions;
  /** Without it the connection is closed for good when the credentials end. */
  refresh?: Refresh;
}

/** How a connection was closed. */
export interface SocketClose {
  code: number;
  reason: string;
}

/** Why there is no answer; what was sent may have arrived with `timeout`, `lost` and `closed`. */
export interface AskError extends Error {
  reason: "timeout" | "lost" | "refused" | "closed";
}

/** Those of a union's members that have an `id`, though not always, and such as have no type. */
type Identified<M> = unknown extends M ? any : M extends unknown ? ("id" extends keyof M ? M : never) : never;

/** What may come back: where no message has an `id`, the server puts it beside the fields of any of them. */
type Replies<M> = [Identified<M>] extends [never] ? M & { id: unknown } : Identified<M>;

/** Each member of a union without its `id`. */
type WithoutId<M> = unknown extends M ? object : M extends unknown ? Omit<M, "id"> : never;

export interface Socket<In = unknown, Out = unknown> {
  readonly status: Status;
  /** How many messages wait for the connection. */
  readonly queued: number;
  /**
   * `expired`: closed for want of fresh credentials. `protocol`: the server speaks none of `protocols`. A
   * number: the code of a final close (1000 and more), or the HTTP status of a refusal.
   */
  readonly endedBy: number | "expired" | "protocol" | null;
  /** How the last connection was closed, 1006 where it broke; `null` before. */
  readonly lastClose: SocketClose | null;
  /** The one of `protocols` that the server chose; empty while not open, or if it chose none. */
  readonly protocol: string;
  /** Called for every message but the replies to `ask`. */
  onmessage: ((data: In, event: MessageEvent) => void) | null;
  /** Calls back now and at every change; returns what stops it. */
  subscribe(callback: (status: Status) => void): () => void;
  /** False: refused, because the socket is closed or too many messages wait already. */
  send(data: Out | ArrayBuffer | ArrayBufferView | Blob): boolean;
  /**
   * Sends the message with an `id` of its own, now or once connected, and resolves with the message that comes
   * back with this `id`. It is sent once at most, and rejects with an `AskError`: `timeout` (10,000 ms unless
   * told), also while it waits for the connection and then it is not sent any more; `lost`: sent, and the
   * connection broke, so that only the server knows; `refused`: too many messages wait; `closed`. A reply that
   * comes too late goes to `onmessage`.
   */
  ask<Reply = Replies<In>>(data: WithoutId<Identified<Out>>, options?: { timeout?: number }): Promise<Reply>;
  /** For good. `code` is 1000 or 3000 to 4999. */
  close(code?: number, reason?: string): void;
}

/**
 * A WebSocket that reconnects, also from a connection that is dead, as `events` does. `http:` and `https:`
 * URLs and relative ones are fine. What is sent as JSON is well-formed: half an emoji goes out as U+FFFD.
 */
export function socket<In = Unset, Out = Unset, U extends string = string>(
  url: Url<U, "websocket"> | URL,
  ...options: SocketArguments<SentOf<In, U>, U>
): Socket<SentOf<In, U>, ReceivedOf<Out, U>>;

export interface LiveOptions<T, Data = T> {
  /** What stands for the `{parameters}` of both URLs; percent-encoded here. */
  params?: Params;
  /** The names of the events that change the value. Default `["message"]`. */
  events?: string[];
  /** The next value. By default an event's data replaces it. */
  reduce?: (value: T, data: Data, event: MessageEvent<string>) => T;
  /** The id of the page's embedded data; `null` always asks the loader. Default `__EREO_DATA__`. */
  script?: string | null;
  /** Send cookies to another origin. */
  withCredentials?: boolean;
  /** Of the stream; the loader is asked by its `fetch`. */
  transport?: Transport;
  /** `false`: not over the connection of all tabs, although the page says `share()` of `ereo-client/tabs`. */
  shared?: boolean;
  backoff?: Backoff | BackoffOptions;
  /** Without it the connection is closed for good when the credentials end. */
  refresh?: Refresh;
}

export interface Live<T> {
  /** `undefined` until the first load. */
  readonly value: T | undefined;
  readonly status: LiveStatus;
  /** Why it is `closed`: as `events` says it, or the HTTP status of the loader. */
  readonly endedBy: number | "end" | "expired" | null;
  /** Why the last load failed; `null` once one has succeeded. */
  readonly error: unknown;
  /** Called when a load fails; another follows, unless `endedBy` is set. */
  onerror: ((error: unknown) => void) | null;
  /** Called when the stream could not go on, before the value is loaded anew. */
  onreset: ((reset: Reset) => void) | null;
  /** Calls back now and at every change of either; returns what stops it. */
  subscribe(callback: (value: T | undefined, status: LiveStatus) => void): () => void;
  /** Ends the stream, and any load under way. */
  close(): void;
}

/** The value of a loader, kept up to date by the stream that continues it without a gap. */
export function live<
  T = Unset,
  Data = Unset,
  L extends string = string,
  S extends string = string,
  N extends string = "message",
>(
  loaderUrl: Url<L, "loader"> | URL,
  streamUrl: Url<S, "sse", StreamOf<L>> | URL,
  ...options: LiveArguments<ValueOf<T, L>, DataOf<T, Data, S, N>, L, S, N>
): Live<ValueOf<T, L>>;
