// A node of Socket.IO over Redis, or a client of one, as bench/own/src/bin/nodes.rs drives them by lines.
//
//   node peer.mjs node streams|pubsub REDIS_URL   says its port; `COUNT MICROSECONDS SIZE` publishes so many messages, so far
//                                                 apart, and is answered with `done`
//   node peer.mjs client PORT                     says `ready`; `COUNT` waits for so many, and is answered with the
//                                                 nanoseconds that each took, with spaces between
import { createServer } from "node:http";
import { createInterface } from "node:readline";

// Of the system's clock, as the publisher may be another process.
const now = () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n;
const say = (line) => process.stdout.write(`${line}\n`);
const lines = createInterface({ input: process.stdin });
const [role, ...rest] = process.argv.slice(2);

async function adapter(kind, url) {
  const { createClient } = await import("redis");
  const client = createClient({ url });
  await client.connect();
  if (kind === "streams") {
    const { createAdapter } = await import("@socket.io/redis-streams-adapter");
    return createAdapter(client);
  }
  const { createAdapter } = await import("@socket.io/redis-adapter");
  const subscriber = client.duplicate();
  await subscriber.connect();
  return createAdapter(client, subscriber);
}

async function node(kind, url) {
  const { Server } = await import("socket.io");
  const http = createServer();
  const io = new Server(http, { adapter: await adapter(kind, url), transports: ["websocket"] });
  http.listen(0, "127.0.0.1", () => say(http.address().port));
  for await (const line of lines) {
    const [count, apart, size] = line.split(" ").map(Number);
    const begun = performance.now();
    for (let sent = 0; sent < count; sent += 1) {
      const due = begun + (sent * apart) / 1e3;
      // A timer is a millisecond late: what is closer is waited for in turns.
      while (performance.now() < due) {
        const left = due - performance.now();
        await new Promise((go) => (left > 2 ? setTimeout(go, left - 2) : setImmediate(go)));
      }
      io.emit("message", `${now()} `.padEnd(size, "x"));
    }
    say("done");
  }
  process.exit();
}

async function client(port) {
  const { io } = await import("socket.io-client");
  const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
  let took = [];
  let wanted = 0;
  const answer = () => {
    if (wanted > 0 && took.length >= wanted) {
      say(took.splice(0, wanted).join(" "));
      wanted = 0;
    }
  };
  socket.on("message", (text) => {
    took.push(now() - BigInt(text.slice(0, text.indexOf(" "))));
    answer();
  });
  socket.on("connect", () => say("ready"));
  for await (const line of lines) {
    wanted = Number(line);
    answer();
  }
  process.exit();
}

await (role === "node" ? node(...rest) : client(...rest));
