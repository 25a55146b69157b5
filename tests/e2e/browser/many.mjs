// Debian's Chromium and Firefox, as they are driven alike: many pages, crashes, and pages that one goes back to.

import puppeteer from "puppeteer-core";

const CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const BROWSERS = {
  Chromium: () =>
    puppeteer.launch({
      executablePath: "/usr/bin/chromium",
      args: CHROMIUM,
      ignoreDefaultArgs: ["--disable-features=Translate,AcceptCHFrame,MediaRouter,OptimizationHints,BackForwardCache"],
    }),
  Firefox: () => puppeteer.launch({ browser: "firefox", executablePath: "/usr/bin/firefox-esr", args: ["--headless"] }),
};
