// A page of another origin, with a cookie: what the module gets there, and what it says when it is refused.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

const CLIENT = new URL("../../../ereo-runtime/client/", import.meta.url);

describe("a page of another origin", () => {
  let pages, api, browser, context, page, at;

  before(async () => {
    pages = createServer(({ url }, response) => {
      if (url === "/") return response.setHeader("content-type", "text/html").end("<!doctype html>");
      // A loader whose server lets pages read the body, and does not expose the header.
      response.setHeader("access-control-allow-origin", "*").setHeader("last-event-id", "e-1");
      if (url.startsWith("/hidden")) return response.setHeader("content-type", "application/json").end("1");
      if (!url.endsWith(".js")) return response.writeHead(404).end();
      response.setHeader("content-type", "text/javascript").end(readFileSync(new URL(`.${url}`, CLIENT)));
    });
    pages.listen(0, "127.0.0.1");
    await once(pages, "listening");
    at = `http://127.0.0.1:${pages.address().port}`;
    api = new Example("e2e-server", await freePort(), { PAGES: at });
    await api.start();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    pages?.closeAllConnections();
    pages?.close();
    await api?.stop("SIGKILL");
  });

  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(15000);
    await page.goto(at);
    await page.evaluate(async (api) => {
      Object.assign(window, await import("/ereo.js"), await import("/ereo.fetch.js"));
      window.api = `${api}/shared`;
      window.withCredentials = true;
      window.settled = (connection, ...wanted) =>
        new Promise((done) => {
          connection.subscribe(() => wanted.includes(connection.status) && done());
        });
    }, api.url);
  });

  const login = () => page.evaluate(() => fetch(`${api}/login`, { method: "POST", credentials: "include" }));

  /** How each of them ends, and why. */
  const ends = () =>
    page.evaluate(async () => {
      const backoff = { base: 50, max: 50 };
      const feed = events(`${api}/mine`, { withCredentials, backoff });
      const value = live(`${api}/mine/now`, `${api}/mine`, { withCredentials, backoff });
      const chat = socket(`${api}/mine/ws`, { withCredentials, backoff });
      const all = [feed, value, chat];
      await Promise.all(all.map((one) => settled(one, "closed", "open", "live")));
      const how = all.map(({ status, endedBy }) => [status, endedBy]);
      const { error, value: got } = value;
      const reply = chat.status === "open" ? await chat.ask({ say: "hi" }) : null;
      all.forEach((one) => one.close());
      return { how, error: error && String(error), got, heard: reply?.heard, lastClose: chat.lastClose };
    });

  test("who is not logged in is told so by all three, and none tries again", async () => {
    const { how, error, lastClose } = await ends();
    assert.deepEqual(how, [["closed", 401], ["closed", 401], ["closed", 401]]);
    assert.match(error, /\/shared\/mine\/now answered 401/);
    assert.equal(lastClose.code, 1006);
  });

  test("with the cookie all three work, out of the box", async () => {
    await login();
    const { how, error, got, heard } = await ends();
    assert.deepEqual(how, [["open", null], ["live", null], ["open", null]]);
    assert.deepEqual([error, heard], [null, "hi"]);
    assert.equal(typeof got.n, "number");
  });

  test("without `withCredentials` the cookie is not sent", async () => {
    await login();
    await page.evaluate(() => (window.withCredentials = false));
    const { how } = await ends();
    assert.deepEqual(how.slice(0, 2), [["closed", 401], ["closed", 401]]);
  });

  test("over fetch it is the same stream, with a header of the page's", async () => {
    await login();
    const seen = await page.evaluate(async () => {
      const feed = events(`${api}/mine`, { withCredentials, transport: overFetch({ headers: { accept: "text/event-stream;q=1" } }) });
      const numbers = [];
      await new Promise((done) => feed.on("message", ({ n }) => numbers.push(n) === 5 && done()));
      const { lastEventId, status } = feed;
      feed.close();
      return { numbers, lastEventId, status };
    });
    const [first] = seen.numbers;
    assert.deepEqual(seen.numbers, [0, 1, 2, 3, 4].map((n) => first + n));
    assert.match(seen.lastEventId, /-\d+$/);
    assert.equal(seen.status, "open");
  });

  test("a close with a code of the application's is for good, and readable", async () => {
    await login();
    const end = await page.evaluate(async () => {
      const chat = socket(`${api}/mine/ws`, { withCredentials });
      const reply = chat.ask({ say: "kick" }).catch(({ reason }) => reason);
      await settled(chat, "closed");
      return [chat.endedBy, chat.lastClose, await reply];
    });
    assert.deepEqual(end, [4001, { code: 4001, reason: "kicked" }, "closed"]);
  });

  test("a header that is not exposed is named", async () => {
    const other = at.replace("127.0.0.1", "localhost");
    const error = await page.evaluate(async (other) => {
      const value = live(`${other}/hidden`, `${api}/mine`);
      await new Promise((done) => (value.onerror = done));
      const { error, status } = value;
      value.close();
      return [String(error), status];
    }, other);
    assert.match(error[0], /without a last-event-id header that this page may read \(access-control-expose-headers\)/);
    assert.equal(error[1], "connecting");
  });
});
