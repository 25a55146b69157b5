// The main job, as people see it: two tabs on the dashboard, orders, a server that is killed and comes back.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { launch } from "./chromium.mjs";
import { Example, freePort } from "./example.mjs";

const PICTURE = fileURLToPath(
  process.env.UPDATE_PICTURE === "1"
    ? new URL("../../../docs/dashboard.png", import.meta.url)
    : new URL("../output/dashboard.png", import.meta.url),
);

const shows = (page, id, expected) =>
  page.waitForFunction(([id, expected]) => document.getElementById(id)?.textContent === expected, [id, expected]);

const revenue = (cents) => `Revenue today: $${(cents / 100).toFixed(2)}`;

const countRevenues = (page) => page.evaluate(() => window.revenues.length);

/** Runs in the page before anything else: keeps every revenue that is ever shown, however briefly. */
function recordRevenue() {
  window.revenues = [];
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      if (target.id === "revenue-today") for (const node of addedNodes) window.revenues.push(node.textContent);
    }
  }).observe(document, { childList: true, subtree: true });
}

describe("dashboard", () => {
  let folder, server, browser, context, tabs;
  let total = 0; // cents, so that the expected sums are exact

  async function order(cents) {
    assert.equal(Math.floor((await server.post("/api/orders", { amount: cents / 100 })) / 100), 2);
    return (total += cents);
  }

  const bothShow = (id, expected) => Promise.all(tabs.map((tab) => shows(tab, id, expected)));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "ereo-dashboard-"));
    server = new Example("dashboard", await freePort(), { DATABASE: join(folder, "orders.sqlite"), WORKERS: "2" });
    await server.start();
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1200, height: 750 }, colorScheme: "light" });
    context.setDefaultTimeout(15000);
    await context.addInitScript(recordRevenue);
  });

  after(async () => {
    await browser?.close();
    await server?.stop("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  test("the page comes with its figures before any script runs", async () => {
    await order(1250);
    const html = await (await fetch(server.url)).text();
    assert.ok(html.includes("Active users: 0"), html);
    assert.ok(html.includes("Revenue today: $12.50"), html);
    const [, position, data] = html.match(/<script [^>]*id="__EREO_DATA__"[^>]* data-last-event-id="([^"]+)"[^>]*>(.*?)<\/script>/s);
    assert.match(position, /^\w+-\d+$/);
    assert.deepEqual(JSON.parse(data), { activeUsers: 0, revenueToday: 12.5 });
  });

  test("two tabs are two active users", async () => {
    tabs = [await context.newPage(), await context.newPage()];
    for (const tab of tabs) {
      tab.on("pageerror", (error) => assert.fail(error));
      await tab.goto(server.url);
      // Lost if the page is ever loaded again.
      await tab.evaluate(() => (window.sameDocument = true));
    }
    await bothShow("status", "live");
    await bothShow("active-users", "Active users: 2");
  });

  test("every order arrives in both tabs, each once and in order", async () => {
    const seen = await Promise.all(tabs.map(countRevenues));
    const expected = [];
    for (const cents of [500, 4999, 1, 1250, 3000, 725, 1999]) expected.push(revenue(await order(cents)));
    await bothShow("revenue-today", expected.at(-1));
    for (const [n, tab] of tabs.entries()) {
      assert.deepEqual((await tab.evaluate(() => window.revenues)).slice(seen[n]), expected);
      assert.equal(await tab.evaluate(() => window.sameDocument), true);
    }
  });

  test("an order placed with the page's own button arrives in the other tab", async () => {
    await tabs[0].getByRole("button", { name: "$12.50" }).click();
    total += 1250;
    await bothShow("revenue-today", revenue(total));
  });

  test("a refused order says so and changes nothing", async () => {
    assert.equal(await server.post("/api/orders", "{"), 400);
    assert.equal(await server.post("/api/orders", { amount: -1 }), 422);
    await tabs[0].evaluate(() => (document.querySelector("#order [name=amount]").min = ""));
    await tabs[0].getByLabel("Amount").fill("-5");
    await tabs[0].getByRole("button", { name: "Order", exact: true }).click();
    await tabs[0].waitForFunction(() => document.getElementById("refused").textContent !== "");
    await order(2200);
    await bothShow("revenue-today", revenue(total));
  });

  test("the picture", async () => {
    mkdirSync(dirname(PICTURE), { recursive: true });
    await tabs[1].bringToFront();
    await tabs[1].evaluate(() => Promise.all(document.getAnimations().filter((a) => a.animationName === "changed").map((a) => a.finished)));
    await tabs[1].screenshot({ path: PICTURE });
  });

  test("a killed server shows as reconnecting, and comes back with the right figures", async () => {
    const seen = await Promise.all(tabs.map(countRevenues));
    await server.stop("SIGKILL");
    await bothShow("status", "reconnecting");
    await bothShow("revenue-today", revenue(total));
    await server.start();
    // Perhaps before the tabs are back: then it must come with the load, else with the stream.
    const missed = revenue(await order(900));
    await bothShow("status", "live");
    await bothShow("revenue-today", missed);
    await bothShow("active-users", "Active users: 2");
    const further = [revenue(await order(100)), revenue(await order(10000))];
    await bothShow("revenue-today", further.at(-1));
    for (const [n, tab] of tabs.entries()) {
      assert.deepEqual((await tab.evaluate(() => window.revenues)).slice(seen[n]), [missed, ...further]);
      assert.equal(await tab.evaluate(() => window.sameDocument), true);
    }
  });

  test("what the tabs saw in all only ever rose, and ends at the sum of the orders", async () => {
    for (const tab of tabs) {
      const amounts = (await tab.evaluate(() => window.revenues)).map((shown) => Number(shown.split("$")[1]));
      assert.deepEqual(amounts, [...new Set(amounts)].sort((a, b) => a - b));
      assert.equal(amounts.at(-1), total / 100);
    }
    const stats = await (await fetch(`${server.url}/dashboard/data`)).json();
    assert.equal(Math.round(stats.revenueToday * 100), total);
  });

  test("a closed tab is one active user less", async () => {
    await tabs.pop().close();
    await bothShow("active-users", "Active users: 1");
  });

  test("SIGTERM stops the server although a tab is open, and the tab says so", async () => {
    const from = Date.now();
    const { code, signal } = await server.stop("SIGTERM");
    // Its drain may take 10 s; waiting them out would mean that the streams were not ended.
    assert.ok(Date.now() - from < 5000, `it took ${Date.now() - from} ms`);
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    await bothShow("status", "reconnecting");
  });

  test("and the tab goes on with the next server", async () => {
    await server.start();
    await bothShow("status", "live");
    await order(4200);
    await bothShow("revenue-today", revenue(total));
    // A tab that asks what became of the server may be counted beside its stream for a moment.
    await bothShow("active-users", "Active users: 1");
  });
});
