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
  reason: "expired" | "epoch" | "lagged" | "unknown";
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

export interface EventsOptions {
  /** Continue after this position. */
  lastEventId?: string;
  /** Send cookies to another origin. */
  withCredentials?: boolean;
  /** `false`: handlers get the text as it came. */
  json?: boolean;
  backoff?: Backoff | BackoffOptions;
  /** Without it the connection is closed for good when the credentials end. */
  refresh?: Refresh;
}

export interface Events {
  readonly status: Status;
  /** The position of the last event that was handled. */
  readonly lastEventId: string;
  /**
   * `end`: the stream is finished. `expired`: there were no fresh credentials. A number: the HTTP status with
   * which the server ended it for good, 204 or a 4xx.
   */
  readonly endedBy: number | "end" | "expired" | null;
  onreset: ((reset: Reset) => void) | null;
  /** Calls back now and at every change; returns what stops it. */
  subscribe(callback: (status: Status) => void): () => void;
  /** `message` is the name of events without one. `event.data` is the raw text. Returns what stops it. */
  on<T = unknown>(name: string, handler: (data: T, event: MessageEvent<string>) => void): () => void;
  close(): void;
}

/**
 * Server-sent events that reconnect, also after the HTTP errors at which an EventSource gives up, and from a
 * connection that is dead: two heartbeats without a sign of life, or one when the network or the page comes
 * back. The query says `ereoHeartbeat=1`, which asks the server for them.
 */
export function events(url: string | URL, options?: EventsOptions): Events;

export interface SocketOptions<In = unknown> {
  /** What is offered. A server that speaks none of them closes the socket for good: `endedBy` is `protocol`. */
  protocols?: string | string[];
  /** How many messages `send` keeps while the connection is away. Default 100. */
  queue?: number;
  /** `false`: text is sent and received as it is. */
  json?: boolean;
  /** Where a message has its position: a new connection asks for what is behind the last one. */
  id?: (data: In) => string | null | undefined;
  backoff?: Backoff | BackoffOptions;
  /** Without it the connection is closed for good when the credentials end. */
  refresh?: Refresh;
}

export interface Socket<In = unknown, Out = unknown> {
  readonly status: Status;
  /** How many messages wait for the connection. */
  readonly queued: number;
  /** `expired`: closed for want of fresh credentials. `protocol`: the server speaks none of `protocols`. */
  readonly endedBy: "expired" | "protocol" | null;
  /** The one of `protocols` that the server chose; empty while not open, or if it chose none. */
  readonly protocol: string;
  onmessage: ((data: In, event: MessageEvent) => void) | null;
  /** Calls back now and at every change; returns what stops it. */
  subscribe(callback: (status: Status) => void): () => void;
  /** False: refused, because the socket is closed or too many messages wait already. */
  send(data: Out | ArrayBuffer | ArrayBufferView | Blob): boolean;
  /** For good. `code` is 1000 or 3000 to 4999. */
  close(code?: number, reason?: string): void;
}

/**
 * A WebSocket that reconnects, also from a connection that is dead, as `events` does. `http:` and `https:`
 * URLs and relative ones are fine. What is sent as JSON is well-formed: half an emoji goes out as U+FFFD.
 */
export function socket<In = unknown, Out = unknown>(url: string | URL, options?: SocketOptions<In>): Socket<In, Out>;

export interface LiveOptions<T, Data = T> {
  /** The names of the events that change the value. Default `["message"]`. */
  events?: string[];
  /** The next value. By default an event's data replaces it. */
  reduce?: (value: T, data: Data, event: MessageEvent<string>) => T;
  /** The id of the page's embedded data; `null` always asks the loader. Default `__EREO_DATA__`. */
  script?: string | null;
  /** Send cookies to another origin. */
  withCredentials?: boolean;
  backoff?: Backoff | BackoffOptions;
  /** Without it the connection is closed for good when the credentials end. */
  refresh?: Refresh;
}

export interface Live<T> {
  /** `undefined` until the first load. */
  readonly value: T | undefined;
  readonly status: LiveStatus;
  /** Calls back now and at every change of either; returns what stops it. */
  subscribe(callback: (value: T | undefined, status: LiveStatus) => void): () => void;
  close(): void;
}

/** The value of a loader, kept up to date by the stream that continues it without a gap. */
export function live<T = unknown, Data = T>(
  loaderUrl: string | URL,
  streamUrl: string | URL,
  options?: LiveOptions<T, Data>,
): Live<T>;
