import type { EventsOptions, LiveOptions, LiveStatus, Reset, Socket, SocketOptions, Status } from "./ereo.js";
import type {
  Asked, DataOf, EventsArguments, EventsOf, Handlers, LiveArguments, NameOf, Optional, ParamsOf, ReceivedOf, RouteOf, SentOf, StreamOf,
  Streamed, TextOf, Unset, Url, ValueOf,
} from "./ereo.routes.js";

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
export function useLive<T = Unset, Data = Unset, L extends string = string, S extends string = string, N extends string = "message">(
  loader: Url<L, "loader"> | URL,
  stream: Url<S, "sse", StreamOf<L>> | URL,
  options: LiveArguments<ValueOf<T, L>, DataOf<T, Data, S, N>, L, S, N>[0] & ({ initial: ValueOf<T, L>; suspense?: boolean } | { suspense: true }),
): LiveState<ValueOf<T, L>>;
export function useLive<T = Unset, Data = Unset, L extends string = string, S extends string = string, N extends string = "message">(
  loader: Url<L, "loader"> | URL | null,
  stream: Url<S, "sse", StreamOf<L>> | URL | null,
  ...options: LiveArguments<ValueOf<T, L>, DataOf<T, Data, S, N>, L, S, N>
): LiveState<ValueOf<T, L> | undefined>;

export interface EventsState {
  status: Status;
  lastEventId: string;
  reset: Reset | null;
}

/** Calls the handlers, by the events' names; each event once, by the latest closure. `null` connects nothing. */
export function useEvents<U extends string = string, J extends boolean = true>(
  url: Url<U, "sse"> | URL | null,
  handlers: Handlers<EventsOf<U, J>>,
  ...options: EventsArguments<U, J>
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

export interface UseSubscriptionOptions<T, N = string> extends EventsOptions {
  /** Default `message`. */
  event?: N;
  /** `false` connects nothing. */
  enabled?: boolean;
  /** How many events `history` keeps. Default 1000. */
  keep?: number;
  onData?: (data: T) => void;
  onError?: (error: Error) => void;
}

/** The events of one name, as EreoJS's `useSubscription`. `null` connects nothing. */
export function useSubscription<T = Unset, U extends string = string, N extends NameOf<U> = NameOf<U> & "message", J extends boolean = true>(
  url: Url<U, "sse"> | URL | null,
  ...options: Optional<Omit<UseSubscriptionOptions<Streamed<T, U, N, J>, N>, "json"> & { json?: J }, Asked<U, N> & ParamsOf<U, RouteOf<U>> & TextOf<RouteOf<U>>>
): SubscriptionState<Streamed<T, U, N, J>>;

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
export function useSocket<In = Unset, Out = Unset, U extends string = string>(
  url: Url<U, "websocket"> | URL | null,
  ...options: Optional<UseSocketOptions<SentOf<In, U>>, ParamsOf<U, RouteOf<U>>>
): SocketState<SentOf<In, U>, ReceivedOf<Out, U>>;
