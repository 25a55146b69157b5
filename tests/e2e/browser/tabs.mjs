// One connection for all tabs, in Chromium and in Firefox, against Ereo's own server: no gap and no double, whatever
// becomes of a tab, of the worker, of the network and of the server.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Example, freePort } from "./example.mjs";
import { Front } from "./front.mjs";
import { until } from "./until.mjs";

const PAGE = `
  import { events, live } from "/ereo.js";
  import { share } from "/ereo.tabs.js";
  window.shared = share(undefined, { key: new URLSearchParams(location.search).get("user") ?? "" });
  /** Follows the counts from the loader's own position. */
  window.count = () => {
    const seen = (window.seen = { numbers: [], resets: 0, beats: 0, shown: 0 });
    window.feed = live("/count/now", "/count", {
      backoff: { base: 100 },
      reduce: (_, data) => (seen.numbers.push(data.n), data),
    });
    window.feed.subscribe((value) => value && !seen.numbers.length && seen.numbers.push(value.n));
    // What another server counts is another series.
    window.feed.onreset = () => ((seen.resets += 1), (seen.numbers.length = 0));
    events("/count", { backoff: { base: 100 } }).on("ereo.heartbeat", () => (seen.beats += 1));
  };
  window.said = (options) => {
    const seen = (window.seen = { odd: [], even: [] });
    window.asked = 0;
    window.feed = events("/said", { backoff: { base: 100, jitter: "none" }, ...options });
    for (const name of ["odd", "even"]) window.feed.on(name, (n) => seen[name].push(n));
  };
  addEventListener("pageshow", ({ persisted }) => (window.isBack = persisted));
  window.isReady = true;
`;

/** What comes twice is the value that the loader gave, and that alone. */
function assertWhole(numbers) {
  const [first, ...rest] = numbers;
  assert.ok(rest[0] === first || rest[0] === first + 1, `${first}, then ${rest[0]}`);
  for (const [at, n] of rest.entries()) assert.equal(n, rest[0] + at, `after ${rest[at - 1]}`);
}

/**
 * @param {"Chromium" | "Firefox"} name
 * @param {typeof import("./many.mjs").BROWSERS.Chromium} browsers
 */
export function testTabs(name, { launch, crash }) {
  // What Ereo's server writes is followed either way, by the tabs of one browser.
  const isOff = process.env.LEAN === "off";
  const skip = isOff && name === "Firefox" && "LEAN=off: Chromium's tabs follow what is written the other way";
  const ofTabs = { skip: isOff && "LEAN=off: what becomes of tabs and workers is no matter of how the server writes" };
  const ofStandIn = { skip: isOff && "LEAN=off: a stand-in writes what is followed here" };

  /**
   * How long a stream may outlive its last tab. Chromium's tabs say that they go, which is sooner than the 15 s after which one
   * that says nothing is given up; not all of Firefox's do.
   */
  const LEFT = name === "Firefox" ? 40000 : 12000;

  describe(`the tabs of ${name}`, { skip }, () => {
    let server, front, browser;
    let tabs = [];

    before(async () => {
      server = new Example("e2e-server", await freePort());
      await server.start();
      front = await new Front(PAGE, new URL(server.url).port).start();
      browser = await launch();
    });

    after(async () => {
      await browser?.close();
      front?.stop();
      await server?.stop("SIGKILL");
    });

    async function open(path = "/") {
      const tab = await browser.newPage();
      tab.warnings = [];
      tab.on("console", (message) => /warn/.test(message.type()) && tab.warnings.push(message.text()));
      await tab.goto(front.url + path);
      await tab.waitForFunction(() => window.isReady);
      tabs.push(tab);
      return tab;
    }

    const seen = (of = tabs) => Promise.all(of.map((tab) => tab.evaluate(() => window.seen)));
    const close = async (tab) => {
      tabs = tabs.filter((other) => other !== tab);
      await tab.close();
    };

    const allAreOpen = (of = tabs) =>
      until(async () => (await Promise.all(of.map((tab) => tab.evaluate(() => window.feed.status)))).every((status) => status === "open"), "all are open");

    /** All have heard of what is counted from now on, and whatever they heard is whole. */
    async function allGoOn(of = tabs) {
      const before = Math.max(...(await seen(of)).map(({ numbers }) => numbers.at(-1) ?? 0));
      await until(async () => (await seen(of)).every(({ numbers }) => numbers.length > 1 && numbers.at(-1) > before + 5), "all tabs go on", 60000);
      for (const { numbers } of await seen(of)) assertWhole(numbers);
    }

    test("twenty of them have one stream, each from its own position; heartbeats reach all", async () => {
      const several = async () => {
        for (let n = 0; n < 5; n++) await (await open()).evaluate(() => window.count());
      };
      await Promise.all([several(), several(), several(), several()]);
      await allGoOn();
      // Who was behind what the worker keeps has another for a moment.
      await until(() => front.open === 1, "one stream");
      await until(async () => (await seen()).every(({ beats }) => beats > 1), "heartbeats reach all");
      assert.ok(await tabs[0].evaluate(() => window.shared.isShared));
    });

    test("the first is closed; the connection is cut", async () => {
      await close(tabs[0]);
      await allGoOn();
      front.cut();
      await allGoOn();
      await until(() => front.open === 1, "one stream");
    });

    test("one crashes", ofTabs, async () => {
      const gone = await crash(browser, tabs);
      assert.ok(gone.length > 0 && gone.length < 10, `${gone.length} tabs are gone`);
      tabs = tabs.filter((tab) => !gone.includes(tab));
      await allGoOn();
      await until(() => front.open === 1, "one stream");
    });

    test("one navigates away, and back", ofTabs, async () => {
      const [tab] = tabs;
      await tab.goto(`${front.url}/elsewhere`);
      await allGoOn(tabs.slice(1));
      // No page is loaded where it was kept, for which `goBack` would wait.
      await tab.evaluate(() => { history.back(); });
      await until(() => tab.evaluate(() => window.isReady && location.pathname === "/").catch(() => false), "it is back");
      const isBack = await tab.evaluate(() => window.isBack);
      if (name === "Chromium") assert.equal(isBack, true, "from the cache of pages");
      if (!isBack) await tab.evaluate(() => window.count());
      await allGoOn();
      await until(() => front.open === 1, "one stream");
    });

    test("the worker is killed", ofTabs, async () => {
      await tabs[0].evaluate(() => new BroadcastChannel("kill").postMessage(""));
      await until(() => front.open === 0, "its stream ends with it");
      await allGoOn();
      await until(() => front.open === 1, "one stream");
    });

    test("the server drains, and another takes its place: each tab is reset once", async () => {
      while (tabs.length > 8) await close(tabs[0]);
      const before = (await seen()).map(({ resets }) => resets);
      await server.stop("SIGTERM");
      await server.start();
      await until(async () => (await seen()).every(({ resets }, n) => resets === before[n] + 1), "each is reset", 40000);
      await allGoOn();
      assert.deepEqual((await seen()).map(({ resets }) => resets), before.map((resets) => resets + 1));
      await until(() => front.open === 1, "one stream");
    });

    test("the last is closed, and the stream with it", async () => {
      for (const tab of [...tabs]) await close(tab);
      await until(() => front.open === 0, "no stream", LEFT);
    });

    /** What `/said` said from a number on, by name. */
    const told = (from, to) => {
      const all = Array.from({ length: to - from + 1 }, (_, n) => from + n);
      return { odd: all.filter((n) => n % 2), even: all.filter((n) => n % 2 === 0) };
    };

    test("a tab that hangs is waited for by nobody, and misses nothing", ofStandIn, async () => {
      for (let n = 0; n < 3; n++) await (await open()).evaluate(() => window.said());
      await allAreOpen();
      // So that each has a position.
      front.say();
      await until(async () => (await seen()).every(({ odd }) => odd.length), "the first");
      const blocked = tabs[0].evaluate(() => { for (const until = Date.now() + 4000; Date.now() < until; ); });
      for (let n = 2; n <= 3000; n++) {
        front.say();
        if (n % 100 === 0) await new Promise((done) => setTimeout(done, 20));
      }
      const all = told(1, 3000);
      await until(async () => (await seen(tabs.slice(1))).every(({ odd, even }) => odd.length + even.length === 3000), "the others have all");
      await blocked;
      await until(async () => (await seen()).every(({ even }) => even.at(-1) === 3000), "it has them as well");
      for (const heard of await seen()) assert.deepEqual(heard, all);
      await until(() => front.open === 1, "one stream");
    });

    test("one tab gets fresh credentials for all", ofStandIn, async () => {
      for (const tab of [...tabs]) await close(tab);
      for (let n = 0; n < 4; n++) {
        await (await open()).evaluate(() => window.said({ refresh: () => { window.asked += 1; document.cookie = "user=fresh"; } }));
      }
      // Before it is open a stream without a position hears nothing.
      await allAreOpen();
      front.say();
      await until(async () => (await seen()).every(({ odd }) => odd.at(-1) === 3001), "all follow");
      front.raw("event: ereo.expired\ndata: {}\n\n", true);
      await until(() => front.open === 1 && front.cookie === "user=fresh", "it is opened with them");
      front.say();
      await until(async () => (await seen()).every(({ even }) => even.at(-1) === 3002), "all go on");
      const asked = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.asked)));
      assert.equal(asked.reduce((a, b) => a + b), 1, "one was asked");
    });

    test("another user has another connection, and a logout ends those of one user", ofStandIn, async () => {
      const other = await open("/?user=bob");
      await other.evaluate(() => window.said());
      await until(() => front.open === 2, "two streams");
      // Those with a `refresh` would come back.
      const mine = await open();
      await mine.evaluate(() => { window.said(); });
      await allAreOpen([other, mine]);
      assert.equal(front.open, 2);
      await mine.evaluate(() => window.shared.expire());
      await until(() => mine.evaluate(() => window.feed.endedBy === "expired"), "ended for good");
      assert.equal(await other.evaluate(() => window.feed.status), "open");
      for (const tab of [...tabs]) await close(tab);
      await until(() => front.open === 0, "no stream", LEFT);
    });

    test("what the server ends is ended in all tabs, with its reason", ofStandIn, async () => {
      for (let n = 0; n < 3; n++) await (await open()).evaluate(() => window.said());
      await allAreOpen();
      front.answer = 403;
      front.cut();
      await until(async () => (await Promise.all(tabs.map((tab) => tab.evaluate(() => window.feed.endedBy)))).every((why) => why === 403), "all have ended");
      front.answer = 200;
      for (const tab of [...tabs]) await close(tab);
    });

    test("where there may be no worker each page has its own connection, and says so once", async () => {
      front.headers = { "content-security-policy": "worker-src 'none'" };
      for (let n = 0; n < 2; n++) await (await open()).evaluate(() => window.count());
      await allGoOn();
      // Two connections a page, as it follows the counts twice.
      await until(() => front.open === 4, "each its own");
      for (const { warnings } of tabs) assert.equal(warnings.filter((text) => text.startsWith("ereo: ")).length, 1, warnings.join());
      assert.equal(await tabs[0].evaluate(() => window.shared.isShared), false);
    });
  });
}
