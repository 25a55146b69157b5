// One of the Rust examples as a process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

const TARGET = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../../target", import.meta.url));

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
    this.binary = process.env[`${name.toUpperCase()}_BIN`] ?? join(TARGET, "debug/examples", name);
    this.env = { ...process.env, ...env, PORT: String(port) };
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts the process and waits until it answers; one without a page of its own says what will do. */
  async start(isUp = (response) => response.ok) {
    this.output = "";
    this.process = spawn(this.binary, { env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on("data", (chunk) => (this.output += chunk));
    }
    this.exited = new Promise((resolve) => {
      const over = (how) => {
        this.process = null;
        resolve(how);
      };
      this.process.on("close", (code, signal) => over({ code, signal }));
      this.process.on("error", over); // it could not be started at all
    });
    const answers = () => fetch(this.url).then(isUp, () => false);
    await until(async () => {
      if (!this.process) throw new Error(`${this.binary} is not running:\n${this.output}`);
      return answers();
    }, `${this.binary} answers`);
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
