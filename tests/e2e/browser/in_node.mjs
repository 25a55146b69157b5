// Node in the place of a page: a process that evaluates what it is sent, with an EventSource and a WebSocket
// of its own, which Node has behind flags.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export class NodePage {
  constructor() {
    const flags = ["--experimental-eventsource", "--experimental-websocket", "--no-warnings"];
    this.process = fork(fileURLToPath(import.meta.url), { execArgv: flags, env: { ...process.env, NODE_PAGE: "1" } });
  }

  /** As Playwright's: the function's text and its argument go over, its value comes back. */
  evaluate = async (call, argument) => {
    this.process.send({ text: `(${call})`, argument });
    const [{ value, error }] = await once(this.process, "message");
    if (error) throw new Error(error);
    return value;
  };

  close() {
    this.process.kill("SIGKILL");
  }
}

if (process.env.NODE_PAGE) {
  process.on("message", async ({ text, argument }) => {
    try {
      process.send({ value: await (0, eval)(text)(argument) });
    } catch (error) {
      process.send({ error: String(error.stack) });
    }
  });
}
