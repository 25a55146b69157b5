// What a front end writes, and the mistakes in it that the compiler must find.

import { events, live, socket, type AskError, type Reset } from "../../../ereo-runtime/client/ereo.js";
import { overFetch } from "../../../ereo-runtime/client/ereo.fetch.js";
import { share } from "../../../ereo-runtime/client/ereo.tabs.js";
import { useEvents, useLive, useSocket, useSubscription } from "../../../ereo-runtime/client/ereo.react.js";

const feed = events("/feed", { backoff: { jitter: "full" } });
const off: () => void = feed.on<{ n: number }>("count", ({ n }, { lastEventId }) => void [n.toFixed(), lastEventId.length]);
off();
feed.onreset = ({ missed }: Reset) => void (missed ?? 0).toFixed();
// @ts-expect-error: no such jitter
events("/feed", { backoff: { jitter: "some" } });
// @ts-expect-error: not told without being asked for
feed.endedBy.toFixed();
// @ts-expect-error: the server's, not the page's
feed.status = "open";

type Takes = { id: number; say: string } | { wave: true };
type Sends = { id: number; heard: string } | { type: "joined" };
const chat = socket<Sends, Takes>("/ws", { final: ({ code }) => code === 4001, id: (said) => ("id" in said ? `${said.id}` : null) });
chat.send({ wave: true });
chat.ask({ say: "hi" }, { timeout: 500 }).then(({ heard }) => heard.length, ({ reason }: AskError) => reason === "lost");
// @ts-expect-error: no field of what the socket takes
chat.ask({ sya: "hi" });
// @ts-expect-error: nothing with an id, so nothing to be answered
chat.ask({ wave: true });
// @ts-expect-error: `ask` numbers it
chat.ask({ id: 1, say: "hi" }).then(({ type }) => type);
// A server that answers with `reply` has an `id` in what it takes, though not always, and in no message that it sends.
type Told = { type: "stock"; pieces: number } | { type: "prices"; of: string[] };
const shop = socket<Told, { id?: number | null } & ({ type: "stock"; item: string } | { type: "prices" })>("/shop/ws");
shop.ask({ type: "stock", item: "pen" }).then((told) => (told.type === "stock" ? told.pieces : told.of.length));
shop.ask<{ pieces: number }>({ type: "stock", item: "pen" }).then(({ pieces }) => pieces.toFixed());
// @ts-expect-error: no such field
shop.ask({ type: "stock", iten: "pen" });
// @ts-expect-error: no such field in any reply
shop.ask({ type: "prices" }).then(({ price }) => price);
const untyped: Promise<any> = socket("/ws").ask({ say: "hi" });
void untyped;

const list = live<string[], string>("/list", "/added", { reduce: (all, one) => [...all, one] });
list.subscribe((value, status) => void [value?.map((line) => line.length), status === "reconnecting"]);
const why: number | "end" | "expired" | null = list.endedBy;
void why;
// @ts-expect-error: the value may not be there yet
list.value.length;

const transport = overFetch({ method: "POST", body: "{}", headers: async () => ({ authorization: "Bearer t" }) });
events("/feed", { transport });
live("/list", "/added", { transport });
// @ts-expect-error: a transport is none before it is made
events("/feed", { transport: overFetch });

export function Hooks() {
  const ticks = useSubscription<{ message: string }>("/api/events", { onData: ({ message }) => message.length });
  ticks.history.map((tick) => tick.message);
  // @ts-expect-error: none may have come yet
  ticks.data.message;
  useEvents(null, { chat: ({ from }: { from: string }) => from.length }).lastEventId.length;
  const { last, send, ask } = useSocket<Sends, Takes>("/ws", { keep: 10, queue: 5 });
  send({ wave: true });
  ask({ say: "hi" }).then(({ heard }) => heard.length);
  // @ts-expect-error: none may have come yet
  last.id;
  useLive("/list", "/added", { initial: ["a"] }).value.length;
  useLive<string[]>("/list", "/added", { suspense: true }).value.length;
  // @ts-expect-error: the value may not be there yet
  useLive<string[]>("/list", "/added").value.length;
  useLive<string[]>(null, "/added").value?.length;
}

const shared = share(new URL("./ereo.worker.js", import.meta.url), { key: "ann" });
const mayShare: boolean = shared.isShared;
shared.expire();
share(() => new SharedWorker("/mine.js", { type: "module" }));
events("/feed", { shared: mayShare });
live("/now", "/feed", { shared: false });
// @ts-expect-error: a user has a name
share(undefined, { key: 5 });
