// One of the Rust examples as a process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export class Example {
  /** `NAME_BIN` in the environment chooses another binary. */
  constructor(name, port, env = {}) {
    const built = fileURLToPath(new URL(`../../../target/debug/examples/${name}`, import.meta.url));
    this.binary = process.env[`${name.toUpperCase()}_BIN`] ?? built;
    this.env = { ...process.env, ...env, PORT: String(port) };
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts the process and waits until it answers. */
  async start() {
    this.output = "";
    this.process = spawn(this.binary, { env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on("data", (chunk) => (this.output += chunk));
    }
    this.process.on("error", (error) => (this.output += error));
    this.exited = once(this.process, "close").then(([code, signal]) => {
      this.process = null;
      return { code, signal };
    });
    const deadline = Date.now() + 20000;
    while (!(await fetch(this.url).then((response) => response.ok, () => false))) {
      if (!this.process || Date.now() > deadline) throw new Error(`${this.binary} does not answer:\n${this.output}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Sends the signal and waits for the end: `{ code, signal }`. */
  async stop(signal) {
    this.process?.kill(signal);
    return this.exited;
  }

  async post(path, body) {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return response.status;
  }
}
