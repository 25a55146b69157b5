import { BROWSERS } from "./many.mjs";
import { testTabs } from "./tabs.mjs";

testTabs("Chromium", BROWSERS.Chromium);
