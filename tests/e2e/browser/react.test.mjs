// The hooks in Chromium, under StrictMode: the guide's LiveFeed at 50 and at 1,000 events a second, each event handled
// once and in order, rendered at most once a frame, over one connection.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launch } from "./chromium.mjs";
import { until } from "./until.mjs";

const APP = `
  import { createElement as h, Profiler, StrictMode } from "react";
  import { createRoot } from "react-dom/client";
  import { useSubscription } from "./ereo.react.js";

  window.seen = [[], []];
  window.commits = [0, 0];

  function LiveFeed({ n }) {
    const { history, status } = useSubscription("/ticks", { keep: 100, onData: ({ at }) => window.seen[n].push(at) });
    return h("ul", null, h("li", null, status), history.map(({ at }) => h("li", { key: at }, at)));
  }

  const feed = (n) => h(Profiler, { key: n, id: String(n), onRender: () => (window.commits[n] += 1) }, h(LiveFeed, { n }));
  const root = createRoot(document.getElementById("root"));
  window.show = (...feeds) => root.render(h(StrictMode, null, feeds.map(feed)));
  window.frames = 0;
  requestAnimationFrame(function frame() {
    window.frames += 1;
    requestAnimationFrame(frame);
  });
  window.show(0, 1);
`;

describe("React in Chromium", () => {
  let server, browser, page, streams, opened;
  let at = 0;

  before(async () => {
    const { outputFiles: [{ contents: script }] } = await build({
      stdin: { contents: APP, resolveDir: fileURLToPath(new URL("../../../ereo-runtime/client/", import.meta.url)) },
      nodePaths: [fileURLToPath(new URL("../node_modules/", import.meta.url))],
      bundle: true,
      format: "esm",
      write: false,
    });
    [streams, opened] = [new Set(), 0];
    server = createServer(({ url }, response) => {
      if (url === "/app.js") return response.setHeader("content-type", "text/javascript").end(script);
      if (!url.startsWith("/ticks")) {
        response.setHeader("content-type", "text/html");
        return response.end('<!doctype html><div id="root"></div><script type="module" src="/app.js"></script>');
      }
      opened += 1;
      streams.add(response);
      response.on("close", () => streams.delete(response));
      response.writeHead(200, { "content-type": "text/event-stream" }).write("id: e-0\n\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    browser = await launch();
    page = await browser.newPage();
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => document.body.textContent.startsWith("open") || document.body.textContent.startsWith("connected"));
  });

  after(async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  });

  for (const rate of [50, 1000]) {
    test(`${rate} events a second`, async () => {
      const before = await page.evaluate(() => [window.seen[0].length, ...window.commits, window.frames]);
      const every = rate > 100 ? 10 : 1000 / rate;
      for (let sent = 0; sent < 2 * rate; ) {
        for (let n = 0; n < (rate * every) / 1000; n++, sent++) {
          at += 1;
          for (const stream of streams) stream.write(`id: e-${at}\ndata: {"at":${at}}\n\n`);
        }
        await new Promise((done) => setTimeout(done, every));
      }
      await page.waitForFunction((at) => window.seen.every((seen) => seen.at(-1) === at), at);
      await page.waitForFunction((at) => document.body.textContent.endsWith(at), String(at));
      const [seen, commits, frames] = await page.evaluate(() => [window.seen, window.commits, window.frames]);
      for (const numbers of seen) assert.deepEqual(numbers, Array.from({ length: at }, (_, n) => n + 1));
      for (const n of [0, 1]) {
        const rendered = commits[n] - before[1 + n];
        assert.ok(rendered > 20, `${rendered} commits`);
        assert.ok(rendered <= frames - before[3] + 1, `${rendered} commits in ${frames - before[3]} frames`);
      }
      assert.equal(opened, 1, "one connection, for two components under StrictMode");
    });
  }

  test("it is closed with the last component, and not before", async () => {
    await page.evaluate(() => window.show(1));
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    assert.equal(streams.size, 1);
    await page.evaluate(() => window.show());
    await until(() => streams.size === 0, "no stream");
    assert.equal(opened, 1);
  });
});
