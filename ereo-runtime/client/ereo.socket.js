/**
 * WebSockets.
 *
 * @import { SocketClose, SocketOptions } from "./ereo.d.ts"
 */
import { isFinal, parse, resolve, warn } from "./ereo.common.js";
import { connection } from "./ereo.connection.js";

/** The first text of a socket; its number is that of a heartbeat event. */
const BEAT = /^\{"type":"ereo\.heartbeat","data":\d+\}$/;

/**
 * A WebSocket that comes back. `send` gives JSON and `onmessage` gets it parsed, or the text if it is none;
 * with `json: false` texts go both ways as they are, as a `String` of the server takes them. Binary data goes
 * both ways as it is (an ArrayBuffer on arrival).
 *
 * While the connection is away `send` keeps up to `queue` messages, and sends them in order once it is
 * back. When that is full it refuses the new message, `send` returns false, rather than forget an older
 * one that it had promised to send. What was handed to a connection that then broke is not sent again:
 * whether it arrived only an answer can tell, and `ask` waits for one.
 *
 * What is broadcast while the connection is away comes too where the server forwards a subscription with
 * its positions: `id: (data) => data.id` says where a message has it, and each new connection asks for
 * what is behind the last one (`?lastEventID=`).
 *
 * A browser does not tell why a handshake was refused. So after an attempt that was never open the URL is
 * asked with `fetch`: a status at which `events` would end closes it, `endedBy` is the status; and where the
 * answer says what is spoken there and it is none of `protocols`, `endedBy` is `"protocol"`, and a warning
 * names both. No answer, or another one, changes nothing.
 *
 * @type {typeof import("./ereo.d.ts").socket}
 */
function socket(url, options = {}) {
  const { protocols = [], queue: bound = 100, json = true, id = () => undefined, final = ({ code }) => code === 1008 || code >= 4000 } = /** @type {SocketOptions<any>} */ (options);
  const offered = [protocols].flat();
  /** @type {any[]} */
  const queue = [];
  /** @type {Map<unknown, (failure?: "timeout" | "lost" | "refused" | "closed", reply?: any) => void>} */
  const asked = new Map();
  // Others' ids may be broadcast, so ours do not begin where theirs do.
  let nextId = Math.floor(Math.random() * 2 ** 31);
  /** @type {WebSocket | null} */
  let ws = null;
  /** @type {string | null | undefined} */
  let position;
  /** @type {SocketClose | null} */
  let lastClose = null;

  const link = connection(url, options, open, () => {
    const open = ws;
    ws = null;
    open?.close();
  });

  /** @param {string | URL} url */
  function open(url) {
    const mine = (ws = new WebSocket(resolve(url, position, true).replace(/^http/, "ws"), protocols));
    /** @type {string | false | undefined} */
    let beat;
    let opened = false;
    mine.binaryType = "arraybuffer";
    // What a connection says that was closed, or given up, is heard no more.
    mine.onopen = () => {
      if (mine !== ws) return;
      opened = true;
      for (const frame of queue.splice(0)) mine.send(frame);
      link.opened();
    };
    mine.onmessage = (event) => {
      if (mine !== ws) return;
      // All are the same text. No later message can pretend to be the first, and say another number.
      let { data } = event;
      beat ??= BEAT.test(data) && data;
      if (data === beat) return link.beats(parse(data).data);
      link.hears();
      if (json) data = parse(data);
      position = id(data) ?? position;
      const answered = asked.get(data?.id);
      if (answered) answered(undefined, data);
      else chat.onmessage?.(data, event);
    };
    mine.onclose = ({ code, reason: told }) => {
      if (mine !== ws) return;
      ws = null;
      // A server that ends it by name says behind the reason whether that is for good.
      const [reason, last] = told.split("\x04");
      lastClose = { code, reason };
      if (last ? +last : code !== 3000 && final(lastClose)) link.end(code);
      // The credentials have ended.
      else if (code === 3000) link.renew();
      // A server that sent our address too much again says when to come back.
      else if (link.retry(+(reason.match(/retry in (\d+) ms$/)?.[1] ?? 0)) && !opened) askWhy();
    };
  }

  async function askWhy() {
    const answer = await link.ask(resolve(link.url).replace(/^ws/, "http"), "application/problem+json");
    // Without an answer, or where it has come too late, nothing is known.
    if (!answer || link.status !== "connecting") return;
    const { status, headers } = answer;
    // What asks for no upgrade is answered so where nothing else is wrong, and told what is spoken.
    if (status === 400 || status === 426) {
      const spoken = headers?.get("sec-websocket-protocol") || "none";
      const inCommon = offered.some((protocol) => spoken.split(/[\s,]+/).includes(protocol));
      if (inCommon || !offered[0] || !headers?.has("sec-websocket-version")) return;
      warn(`no protocol in common with ${link.url}: ${offered.join(", ")} offered, ${spoken} spoken`);
      link.end("protocol");
    } else if (isFinal(status)) link.end(status);
  }

  /** @param {any} frame */
  function post(frame) {
    if (link.status === "closed") return false;
    // One that closes would swallow it.
    if (link.status === "open" && ws?.readyState === 1) ws.send(frame);
    else if (queue.length < bound) queue.push(frame);
    else return false;
    return true;
  }

  /** @type {import("./ereo.d.ts").Socket<any, any>} */
  const chat = {
    onmessage: null,
    get lastClose() { return lastClose; },
    get status() { return link.status; },
    get endedBy() { return link.endedBy; },
    get protocol() { return link.status === "open" ? /** @type {WebSocket} */ (ws).protocol : ""; },
    get queued() { return queue.length; },
    subscribe: link.subscribe,
    send: (data) => post(!json || isBinary(data) ? data : toJson(data)),
    ask: (data, { timeout = 10000 } = {}) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        const frame = toJson({ ...data, id });
        const timer = setTimeout(() => settle("timeout"), timeout);
        /** @type {(failure?: "timeout" | "lost" | "refused" | "closed", reply?: any) => void} */
        const settle = (failure, reply) => {
          const waits = queue.indexOf(frame);
          // What was not sent is not lost.
          if (waits >= 0 && failure === "lost") return;
          if (waits >= 0) queue.splice(waits, 1);
          clearTimeout(timer);
          asked.delete(id);
          if (failure) reject(Object.assign(new Error(`no answer: ${failure}`), { reason: failure }));
          else resolve(reply);
        };
        asked.set(id, settle);
        if (!post(frame)) settle(link.status === "closed" ? "closed" : "refused");
      }),
    close(code = 1000, reason = "") {
      ws?.close(code, reason);
      ws = null;
      link.end(null);
    },
  };

  link.subscribe((status) => {
    if (status === "closed") queue.length = 0;
    if (status !== "open") for (const settle of [...asked.values()]) settle(status === "closed" ? "closed" : "lost");
  });
  link.connect();
  return chat;
}

/** @param {unknown} data */
const isBinary = (data) => data instanceof ArrayBuffer || ArrayBuffer.isView(data) || data instanceof Blob;

/**
 * The JSON, with U+FFFD for each half of a surrogate pair: JavaScript escapes it (`\ud83d`), and strict
 * parsers refuse that.
 * @param {unknown} data
 */
const toJson = (data) =>
  JSON.stringify(data)?.replace(/\\(?:ud[89a-f]..|.)/g, (escape) => (escape[2] ? "\ufffd" : escape));

export { socket };
