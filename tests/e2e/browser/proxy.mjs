// A TCP proxy that can stop passing bytes without closing anything, as a network does that is gone.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Proxy {
  #pairs = new Set();
  #stopped = false;

  constructor(port) {
    this.server = createServer((client) => this.#join(client, connect(port, "127.0.0.1")));
  }

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  #join(client, server) {
    const pair = { client, server, dead: this.#stopped };
    this.#pairs.add(pair);
    for (const [from, to] of [[client, server], [server, client]]) {
      from.on("data", (bytes) => pair.dead || to.write(bytes));
      // Neither end nor reset passes a dead one either.
      from.on("close", () => pair.dead || to.destroy());
      from.on("error", () => {});
    }
  }

  /** From now on bytes are swallowed, both ways; also those of connections that are made meanwhile. */
  stop() {
    this.#stopped = true;
    for (const pair of this.#pairs) pair.dead = true;
  }

  /** New connections are served again; the dead ones stay dead. */
  recover() {
    this.#stopped = false;
  }

  close() {
    this.server.close();
    for (const { client, server } of this.#pairs) [client, server].forEach((socket) => socket.destroy());
  }
}
