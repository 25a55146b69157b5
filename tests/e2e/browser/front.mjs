// Stands before Ereo's end-to-end server: serves the module as it lies in its folder, forwards all else, counts the
// streams that are open, and cuts them. What that server would not say on demand it says itself, below `/said`.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("../../../ereo-runtime/client/", import.meta.url));

export class Front {
  /** How many event streams were opened, by their paths. */
  opened = {};
  #streams = new Set();
  /** The events of `/said`. */
  #said = 0;
  answer = 200;
  headers = {};

  /**
   * @param {string} page the module script of every page
   * @param {number} [port] of the server behind
   */
  constructor(page, port) {
    this.port = port;
    this.server = createServer((asked, response) => {
      const { pathname, searchParams } = new URL(asked.url, "http://front");
      if (/^\/ereo[\w.]*\.js$/.test(pathname)) {
        response.setHeader("content-type", "text/javascript");
        // What a test cannot do to a worker from outside.
        const mortal = pathname === "/ereo.worker.js" ? 'new BroadcastChannel("kill").onmessage = () => close();\n' : "";
        response.end(mortal + readFileSync(CLIENT + pathname.slice(1)));
      } else if (pathname === "/" || pathname === "/elsewhere") {
        response.writeHead(200, { "content-type": "text/html", ...this.headers });
        response.end(`<!doctype html><link rel="icon" href="data:,"><script type="module">${page}</script>`);
      } else if (pathname === "/said") this.#say(asked, response, searchParams);
      else this.#forward(asked, response, pathname);
    });
  }

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  #count(path, response) {
    const stream = { path, response };
    this.opened[path] = (this.opened[path] ?? 0) + 1;
    this.#streams.add(stream);
    response.on("close", () => this.#streams.delete(stream));
  }

  #forward(asked, response, path) {
    const { method, url, headers } = asked;
    const behind = request({ host: "127.0.0.1", port: this.port, method, path: url, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      if (answer.headers["content-type"] === "text/event-stream") this.#count(path, response);
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    behind.on("error", () => response.destroy());
    response.on("close", () => behind.destroy());
    asked.pipe(behind);
  }

  /** A stream from the position asked for, as if there were any number before. */
  #say({ headers }, response, searchParams) {
    this.cookie = headers.cookie;
    if (this.answer !== 200) return response.writeHead(this.answer).end();
    this.#count("/said", response);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const [, from] = /^said-(\d+)$/.exec(searchParams.get("lastEventID") ?? "") ?? [0, this.#said];
    // More often than it says: it shares its processor with the browser, and no silence is to end a stream here.
    const beat = () => response.write("event: ereo.heartbeat\ndata: 5000\n\n");
    const beats = setInterval(beat, 1000);
    response.on("close", () => clearInterval(beats));
    response.write(`retry: 100\nid: said-${from}\n\n`);
    beat();
    for (let n = +from + 1; n <= this.#said; n++) response.write(this.#event(n));
  }

  #event = (n) => `event: ${n % 2 ? "odd" : "even"}\ndata: ${n}\nid: said-${n}\n\n`;

  /** Says one more, to all. */
  say() {
    this.#said += 1;
    this.raw(this.#event(this.#said));
  }

  /** Bytes for those who follow `/said`; the stream may end with them. */
  raw(text, ends = false) {
    for (const { path, response } of this.#streams) {
      if (path !== "/said") continue;
      response.write(text);
      if (ends) response.end();
    }
  }

  /** The streams that are open. */
  get open() { return this.#streams.size; }

  cut() {
    for (const { response } of this.#streams) response.destroy();
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
