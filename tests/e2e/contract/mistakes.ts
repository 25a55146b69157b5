// What a front end writes whose contract is `tests/contract/types/ereo.gen.ts`, and the mistakes in it that the compiler
// must find. The calls are those of a page without a contract.

import type {} from "../../contract/types/ereo.gen.ts";
import type { ChatLine, Internal, Notice, OrdersLine } from "../../contract/types/ereo.gen.ts";
import { events, live, socket } from "ereo-client";
import { useEvents, useLive, useSocket, useSubscription } from "ereo-client/react";

declare const room: string;
declare function takes<T>(value: T): void;

// ---- Streams ----

const feed = events("/rooms/lobby/feed");
feed.on("chat_line", ({ fromUser, text }, { lastEventId }) => takes<[string, string | undefined, string]>([fromUser, text, lastEventId]));
feed.on("notification", (notice) => takes<Notice>(notice));
feed.on("user_left", (nothing) => takes<null>(nothing));
events(`/rooms/${room}/feed`, { refresh: () => fetch("/session") }).on("pair", ([number, text]) => takes<[number, string]>([number, text]));
events("/rooms/lobby/feed?from=3#top").on("number", (number) => number.toFixed());
events("/rooms/{room}/feed", { params: { room: 7 } }).on("cleared", (nothing) => takes<null>(nothing));
events("/internal").on("user_joined", (joined) => takes<"user_joined">(joined.type));
events("/text", { json: false }).on("message", (text) => text.length);
events("/any").on("whatever", (data) => takes<unknown>(data));
events("/external", { json: false }).on("number", (text) => takes<string>(text));
// Of another server, or known at run time only: not checked.
events("https://other.example/feed").on<{ n: number }>("count", ({ n }) => n.toFixed());
events(new URL("/feed", "https://other.example")).on("count", (data) => takes<unknown>(data));
events(room).on("count", (data) => takes<unknown>(data));

// @ts-expect-error 1: no such route
events("/rooms/lobby/fed");
// @ts-expect-error 2: no such parameter
events("/rooms/{room}/feed", { params: { rom: "lobby" } });
// @ts-expect-error 3: no such event
feed.on("chat", () => {});
// @ts-expect-error 4: no such field
feed.on("chat_line", ({ from }) => from);
// @ts-expect-error 6: a loader where a stream belongs
events("/rooms/lobby/last");
// @ts-expect-error a socket where a stream belongs
events("/talk");
// @ts-expect-error a parameter that is missing
events("/rooms/{room}/feed");
// @ts-expect-error one segment too many
events("/rooms/lobby/main/feed");
// @ts-expect-error another type of a field
feed.on("notification", ({ weight }) => takes<string>(weight));
// @ts-expect-error a field that may not be there
feed.on("chat_line", ({ text }) => text.length);
// @ts-expect-error text that is no JSON is asked for as text
events("/text");
// @ts-expect-error within a template, too
events(`/room/${room}/feed`);
// @ts-expect-error no such option
events("/external", { lastEventID: "a-1" });

// ---- Sockets ----

const talk = socket("/talk");
talk.onmessage = (message) => {
  if (typeof message === "object" && "type" in message && message.type === "user_joined") takes<string>(message.userId);
  takes<Internal>(message);
};
talk.send({ volume: 3 });
talk.send(new ArrayBuffer(1));
socket("/count").send({ amount: 1 } satisfies OrdersLine);
// Typed by hand, as before.
socket<{ id: number }, { text: string }>(room).send({ text: "a" });

// @ts-expect-error 5: another message
talk.send({ loudness: 3 });
// @ts-expect-error 7: a stream where a socket belongs
socket("/external");
// @ts-expect-error another type of a field
socket("/count").send({ amount: "1" });
// @ts-expect-error no such field of what comes
socket("/count").onmessage = (page) => page.lines;
// @ts-expect-error a socket that takes nothing
socket("/tell").send({ text: "a" });
// @ts-expect-error no such socket
socket("/tall");

// ---- Loaders ----

const last = live("/rooms/lobby/last", "/rooms/lobby/lines");
last.subscribe((line, status) => takes<[ChatLine | undefined, boolean]>([line, status === "live"]));
live("/rooms/lobby/last", `/rooms/${room}/lines`, { reduce: (line, next) => (next.text ? next : line) });
live("/rooms/{room}/last", "/rooms/{room}/lines", { params: { room: "lobby" } });
live<string[], string>("https://other.example/list", "https://other.example/added", { reduce: (all, one) => [...all, one] });
live("/settings/7/a/b", "/settings").subscribe((settings) => takes<number | undefined>(settings?.volume));

// @ts-expect-error a stream where a loader belongs
live("/rooms/lobby/lines", "/rooms/lobby/lines");
// @ts-expect-error not the stream that goes on from there
live("/rooms/lobby/last", "/external");
// @ts-expect-error the value may not be there yet
last.value.text;
// @ts-expect-error no such field
last.subscribe((line) => line?.txt);
// @ts-expect-error an event is no value: `reduce` is missing
live("/settings/7/a", "/tree");

// ---- Hooks ----

export function Page() {
  const { history } = useSubscription("/rooms/lobby/lines");
  history.map((line) => takes<ChatLine>(line));
  const { data } = useSubscription("/external", { event: "pair", onData: (pair) => takes<[number, string]>(pair) });
  takes<[number, string] | undefined>(data);
  useEvents("/rooms/lobby/feed", { chat_line: ({ fromUser }) => fromUser.length, pair: ([number]) => number.toFixed() });
  useEvents(room ? "/internal" : null, { bye: ({ type }) => takes<"bye">(type) });
  const { value } = useLive("/rooms/lobby/last", "/rooms/lobby/lines");
  takes<ChatLine | undefined>(value);
  useLive("/rooms/lobby/last", "/rooms/lobby/lines", { initial: { text: "" } }).value.text;
  const { send, last } = useSocket("/count");
  send({ amount: 2 });
  takes<number | undefined>(last?.total);
  useSubscription<{ n: number }>(room).data?.n.toFixed();
  useSocket<{ n: number }, string>(room).send("a");

  // @ts-expect-error no such route
  useSubscription("/rooms/lobby/line");
  // @ts-expect-error no such event
  useEvents("/rooms/lobby/feed", { chat: () => {} });
  // @ts-expect-error no event without a name
  useSubscription("/external");
  // @ts-expect-error another message
  send({ count: 2 });
  // @ts-expect-error the value may not be there yet
  value.text;
  // @ts-expect-error a stream where a loader belongs
  useLive("/rooms/lobby/lines", "/rooms/lobby/lines");
  // @ts-expect-error no such event
  useSubscription("/external", { event: "chat" });
}
