import type { EventsOptions, LiveOptions, LiveStatus, Reset, Socket, SocketOptions, Status } from "./ereo.js";

export interface LiveState<T> {
  value: T;
  status: LiveStatus;
  /** The last loss, after which the value was loaded anew; `null` if there was none. */
  reset: Reset | null;
  /** Why the last load failed. */
  error: unknown;
  /** Why it is `closed`, as `Live.endedBy`. */
  endedBy: number | "end" | "expired" | null;
}

export interface UseLiveOptions<T, Data = T> extends LiveOptions<T, Data> {
  /** The value until one is loaded, also on a server. Default: that of the page's embedded script. */
  initial?: T;
  /** The component waits for the first value in the nearest `Suspense`. */
  suspense?: boolean;
}

/** The value of a loader, kept up to date by the stream that continues it. `null` connects nothing. */
export function useLive<T, Data = T>(
  loader: string | URL,
  stream: string | URL,
  options: UseLiveOptions<T, Data> & ({ initial: T } | { suspense: true }),
): LiveState<T>;
export function useLive<T = unknown, Data = T>(
  loader: string | URL | null,
  stream: string | URL | null,
  options?: UseLiveOptions<T, Data>,
): LiveState<T | undefined>;

export interface EventsState {
  status: Status;
  lastEventId: string;
  reset: Reset | null;
}

/** Calls the handlers, by the events' names; each event once, by the latest closure. `null` connects nothing. */
export function useEvents(
  url: string | URL | null,
  handlers: Record<string, (data: any, event: MessageEvent<string>) => void>,
  options?: EventsOptions,
): EventsState;

export interface SubscriptionState<T> {
  /** The last event's. */
  data: T | undefined;
  /** The last `keep` of them, oldest first. */
  history: T[];
  error: Error | null;
  status: "idle" | "connecting" | "connected" | "error" | "closed";
  isActive: boolean;
  /** Events that were missed: until then `history` is without a gap. */
  reset: Reset | null;
  unsubscribe(): void;
  /** Opens another connection, with a history of its own. */
  resubscribe(): void;
}

export interface UseSubscriptionOptions<T> extends EventsOptions {
  /** Default `message`. */
  event?: string;
  /** `false` connects nothing. */
  enabled?: boolean;
  /** How many events `history` keeps. Default 1000. */
  keep?: number;
  onData?: (data: T) => void;
  onError?: (error: Error) => void;
}

/** The events of one name, as EreoJS's `useSubscription`. `null` connects nothing. */
export function useSubscription<T = unknown>(url: string | URL | null, options?: UseSubscriptionOptions<T>): SubscriptionState<T>;

export interface SocketState<In, Out> extends Pick<Socket<In, Out>, "status" | "queued" | "endedBy" | "send" | "ask"> {
  /** The last message. */
  last: In | undefined;
  /** The last `keep` of them, oldest first. */
  messages: In[];
}

export interface UseSocketOptions<In> extends SocketOptions<In> {
  /** Called once for every message. */
  onMessage?: (data: In, event: MessageEvent) => void;
  /** How many messages `messages` keeps. Default 0. */
  keep?: number;
}

/** A WebSocket that comes back. `send` and `ask` stay the same functions. `null` connects nothing. */
export function useSocket<In = unknown, Out = unknown>(url: string | URL | null, options?: UseSocketOptions<In>): SocketState<In, Out>;
