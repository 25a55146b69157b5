// What the client needs of a browser, driven by a test: an EventSource and a WebSocket that do only what
// they are told, a `fetch` answered by hand, and the rules of the real ones that the client relies on.

/** Lets everything that waits for a promise run. */
export const settle = () => new Promise((done) => setImmediate(done));

export class FakeEventSource extends EventTarget {
  static all = [];
  static get last() { return this.all.at(-1); }
  static get open() { return this.all.filter((source) => source.readyState !== 2); }

  readyState = 0;

  constructor(url) {
    super();
    this.url = new URL(url);
    FakeEventSource.all.push(this);
    for (const type of ["open", "error"]) {
      this.addEventListener(type, (event) => this[`on${type}`]?.(event));
    }
  }

  get position() { return this.url.searchParams.get("lastEventID"); }

  /** The server answers 200. */
  accept() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /** The connection breaks: the browser will try again by itself. */
  lose() {
    this.readyState = 0;
    this.dispatchEvent(new Event("error"));
  }

  /** Any answer but 200: the browser gives up. */
  fail() {
    this.readyState = 2;
    this.dispatchEvent(new Event("error"));
  }

  /** One event off the wire; a closed EventSource hands out none. */
  emit(data, { name = "message", id = "" } = {}) {
    if (this.readyState === 2) return;
    const text = typeof data === "string" ? data : JSON.stringify(data);
    this.dispatchEvent(new MessageEvent(name, { data: text, lastEventId: id }));
  }

  close() {
    this.readyState = 2;
  }
}

export class FakeWebSocket {
  static all = [];
  static get last() { return this.all.at(-1); }

  readyState = 0;
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    FakeWebSocket.all.push(this);
  }

  accept(protocol = "") {
    this.readyState = 1;
    this.protocol = protocol;
    this.onopen({});
  }

  lose(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }

  emit(data) {
    this.onmessage({ data });
  }

  send(data) {
    if (this.readyState !== 1) throw new Error("not open");
    this.sent.push(data);
  }

  close(code, reason) {
    this.closedWith = { code, reason };
    this.readyState = 2;
  }
}

/** Requests that wait for the test to answer them. */
export class FakeFetch {
  requests = [];

  get last() { return this.requests.at(-1); }

  call = (url, { signal, ...options }) => new Promise((answer, fail) => {
    const request = { url: new URL(url), signal, options };
    signal.addEventListener("abort", () => fail(signal.reason));
    request.respond = (status, { body = null, headers = {} } = {}) => {
      answer(new Response(body === null ? null : JSON.stringify(body), { status, headers }));
      return settle();
    };
    request.fail = () => {
      fail(new TypeError("network error"));
      return settle();
    };
    this.requests.push(request);
  });
}
