// What the functions know of a URL where the front end includes a contract, which `Routes::contract` of
// ereo-runtime writes. Without one every URL is a `string`, and all data `unknown`.

import type { EventsOptions, LiveOptions, SocketOptions } from "./ereo.js";

declare global {
  /** The contract fills it. */
  interface EreoContract {}
}

type Routes = EreoContract extends { routes: infer R } ? R : {};
type Tree = EreoContract extends { tree: infer T } ? T : {};

/** What no call says. */
declare const unset: unique symbol;
export type Unset = typeof unset;

/** Values for the `{parameters}` of a URL. */
export type Params = { [name: string]: string | number | bigint | boolean };

type Path<U extends string> = U extends `${infer P}?${string}` ? P : U extends `${infer P}#${string}` ? P : U;
type Split<P extends string> = P extends `${infer A}/${infer B}` ? [A, ...Split<B>] : [P];
type Segments<U extends string> = Path<U> extends `/${infer P}` ? Split<P> : never;

/** The routes of one kind. */
type OfKind<K> = { [P in keyof Routes]: Routes[P] extends { kind: K } ? P : never }[keyof Routes];

/** The path of the route that a URL is for; `never`, if there is none. */
type Matched<U extends string> = Path<U> extends infer P extends keyof Routes ? P : Searched<Segments<U>>;
/** A segment of the tree that has a parameter in it may be another text nevertheless. */
type Searched<S> = Fitting<S, Found<Tree, S>>;
type Fitting<S, P> = P extends keyof Routes ? (Routes[P] extends { path: infer T } ? (S extends T ? P : never) : never) : never;
type Found<N, S> = S extends [infer H, ...infer T]
  ? (H extends keyof N ? (string extends H ? never : Found<N[H], T>) : never) | Under<N, "{}", T> | At<N, "{}*">
  : At<{ "": N }, "">;
type Under<N, K extends string, T> = N extends { [P in K]: infer B } ? Found<B, T> : never;
type At<N, K extends string> = N extends { [P in K]: { "=": infer P } } ? P : never;

/** Whether a contract can tell what the URL is for: not of another origin, nor of a text that is known at run time only. */
type IsKnown<U extends string> = [keyof Routes] extends [never]
  ? false
  : string extends U
    ? false
    : U extends `//${string}`
      ? false
      : U extends `/${string}`
        ? true
        : false;

/** The URL itself if a route of this kind has it, else all that have one; `P`: only this route will do. */
export type Url<U extends string, K extends string, P = unknown> = IsKnown<U> extends false
  ? U
  : [Extract<Routes[Matched<U>], { kind: K }>] extends [never]
    ? OfKind<K> & string
    : [Matched<U>] extends [P]
      ? U
      : P & string;

/** The route; `unknown`, if it is not known. */
export type RouteOf<U extends string> = IsKnown<U> extends true ? ([Matched<U>] extends [never] ? unknown : Routes[Matched<U>]) : unknown;

type Get<R, K extends string> = R extends { [P in K]: infer T } ? T : unknown;

/** The options that a URL needs: values for its parameters, where they stand in it by name. */
export type ParamsOf<U extends string, R> = U extends `${string}{${string}`
  ? R extends { params: infer N extends string }
    ? { params: { [P in N]: Params[string] } }
    : {}
  : {};

export type TextOf<R> = R extends { text: true } ? { json: false } : {};

/** Optional, unless they need something. */
export type Optional<O, Needed> = {} extends Needed ? [options?: O & Needed] : [options: O & Needed];

/** The data of a stream's events, by name. Without `json` it is their text. */
export type EventsOf<U extends string, J = true> = AsText<Get<RouteOf<U>, "events">, J>;
type AsText<E, J> = J extends true ? E : unknown extends E ? E : { [N in keyof E]: string };

export type EventsArguments<U extends string, J> = Optional<
  Omit<EventsOptions, "json" | "params"> & { json?: J; params?: Params },
  ParamsOf<U, RouteOf<U>> & TextOf<RouteOf<U>>
>;

/** The names of a stream's events. */
export type NameOf<U extends string> = unknown extends EventsOf<U> ? string : keyof EventsOf<U> & string;

/** The data of one of them. */
export type Streamed<T, U extends string, N, J = true> = [T] extends [Unset] ? (N extends string ? Get<EventsOf<U, J>, N> : never) : T;

/** A stream without unnamed events is asked for one by name. */
export type Asked<U extends string, N> = "message" extends NameOf<U> ? {} : { event: N };

/** A function for each event; without a contract of whatever data. */
export type Handlers<E> = unknown extends E
  ? Record<string, (data: any, event: MessageEvent<string>) => void>
  : { [N in keyof E]?: (data: E[N], event: MessageEvent<string>) => void };

/** What a socket's server sends. */
export type SentOf<In, U extends string> = [In] extends [Unset] ? Get<RouteOf<U>, "sends"> : In;

/** What a socket's server takes. */
export type ReceivedOf<Out, U extends string> = [Out] extends [Unset] ? Get<RouteOf<U>, "takes"> : Out;

export type SocketArguments<In, U extends string> = Optional<SocketOptions<In>, ParamsOf<U, RouteOf<U>>>;

/** What a loader gives. */
export type ValueOf<T, L extends string> = [T] extends [Unset] ? Get<RouteOf<L>, "data"> : T;

/** The data of the events that change a loader's value. */
export type DataOf<T, Data, S extends string, N extends string> = [Data] extends [Unset]
  ? [T] extends [Unset]
    ? Get<EventsOf<S>, N>
    : T
  : Data;

/** The path of the stream that goes on from a loader, if its route names one. */
export type StreamOf<L extends string> = RouteOf<L> extends { live: infer P } ? P : unknown;

export type LiveArguments<T, Data, L extends string, S extends string, N extends string> = Optional<
  Omit<LiveOptions<T, Data>, "events"> & { events?: (N & NameOf<S>)[] },
  ParamsOf<L, RouteOf<L>> & ParamsOf<S, RouteOf<S>> & Reduced<T, Data>
>;

/** An event's data replaces the value, unless a function says what becomes of both. */
type Reduced<T, Data> = unknown extends T | Data ? {} : Data extends T ? {} : { reduce: (value: T, data: Data, event: MessageEvent<string>) => T };
