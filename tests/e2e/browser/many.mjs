// Debian's Chromium and Firefox, as they are driven alike: many pages, crashes, and pages that one goes back to.

import { readFileSync, readdirSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { until } from "./until.mjs";

const CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** The processes below one, by the names that they give themselves. */
function children(root, name) {
  const parents = new Map();
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const [, comm, parent] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
      parents.set(+pid, { comm, parent: +parent });
    } catch {
      // It has ended meanwhile.
    }
  }
  const isBelow = (pid) => pid === root || (parents.has(pid) && isBelow(parents.get(pid).parent));
  return [...parents].filter(([pid, { comm }]) => comm === name && isBelow(pid)).map(([pid]) => pid);
}

const isGone = (tab) => tab.evaluate(() => false).catch(() => true);
const goneOf = async (tabs) => {
  const are = await Promise.all(tabs.map(isGone));
  return tabs.filter((_, n) => are[n]);
};

/** How a browser is started, and how tabs of it crash: which ones it tells. */
export const BROWSERS = {
  Chromium: {
    launch: () =>
      puppeteer.launch({
        executablePath: "/usr/bin/chromium",
        args: CHROMIUM,
        ignoreDefaultArgs: ["--disable-features=Translate,AcceptCHFrame,MediaRouter,OptimizationHints,BackForwardCache"],
      }),
    async crash(_, [tab]) {
      tab.on("error", () => {});
      await tab.goto("chrome://crash").catch(() => {});
      return [tab];
    },
  },
  Firefox: {
    launch: () => puppeteer.launch({ browser: "firefox", executablePath: "/usr/bin/firefox-esr", args: ["--headless"] }),
    /** Ends one process after the other, as a crash ends it, until it was one of tabs: some are kept in reserve. */
    async crash(browser, tabs) {
      for (const pid of children(browser.process().pid, "Web Content")) {
        process.kill(pid, "SIGKILL");
        let gone = [];
        await until(async () => (gone = await goneOf(tabs)).length > 0, "tabs of it are gone", 2000).catch(() => {});
        if (gone.length) return gone;
      }
      return [];
    },
  },
};
