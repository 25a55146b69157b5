// The npm package as it lies in `ereo-runtime/client`: its entries, its version, and what it weighs in a page.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { pack } from "./packed.mjs";

const CLIENT = fileURLToPath(new URL("../../ereo-runtime/client/", import.meta.url));
const PACKAGE = JSON.parse(readFileSync(`${CLIENT}package.json`, "utf8"));

test("every module with declarations has an entry, and the version is the crate's", () => {
  const modules = readdirSync(CLIENT).filter((name) => name.endsWith(".js") && existsSync(CLIENT + name.replace(/\.js$/, ".d.ts")));
  const entries = Object.values(PACKAGE.exports).map((entry) => entry.default);
  assert.deepEqual(entries.sort(), modules.map((name) => `./${name}`).sort());
  for (const { types, default: script } of Object.values(PACKAGE.exports)) {
    assert.ok(existsSync(CLIENT + types), types);
    assert.equal(types, script.replace(/\.js$/, ".d.ts"));
  }
  const toml = ["ereo-runtime/Cargo.toml", "Cargo.toml"].map((path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
  const version = toml.map((text) => /^version = "(.+)"/m.exec(text)?.[1]).find(Boolean);
  assert.equal(PACKAGE.version, version);
  assert.deepEqual(PACKAGE.sideEffects, ["./ereo.worker.js"]);
  // Old pages keep the worker of their release.
  const names = readFileSync(`${CLIENT}ereo.tabs.js`, "utf8").matchAll(/name: "(ereo-client .+?)"/g);
  assert.deepEqual([...new Set([...names].map(([, name]) => name))], [`ereo-client ${version}`]);
});

test("what is packed has every module, and nothing that publint or arethetypeswrong would have otherwise", async () => {
  const { tarball, files } = pack();
  assert.deepEqual(files.sort(), readdirSync(CLIENT).sort());
  const { messages, pkg } = await publint({ pkgDir: CLIENT, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  const attw = fileURLToPath(new URL("node_modules/@arethetypeswrong/cli/dist/index.js", import.meta.url));
  execFileSync(process.execPath, [attw, tarball, "--ignore-rules", "cjs-resolves-to-esm"], { stdio: "pipe" });
});

// The aim is 2,800 bytes for the core, 3,600 with React's hooks and 4,800 with `share`. It holds for a page that follows streams,
// which takes `events` alone, the hook of it, and `share` with it. All three of the core, and all hooks, are more than that,
// and what is asserted of them is what is reached, so that nothing comes unseen.
describe("minified and compressed", () => {
  for (const [what, code, most] of [
    ["events", 'export { events } from "./ereo.js"', 2370],
    ["events, and React's hook of them", 'export { events } from "./ereo.js"; export { useSubscription } from "./ereo.react.js"', 3600],
    ["events, React's hook of them, and `share`", 'export { events } from "./ereo.js"; export { useSubscription } from "./ereo.react.js"; export { share } from "./ereo.tabs.js"', 4500],
    ["socket", 'export { socket } from "./ereo.js"', 2920],
    ["live", 'export { live } from "./ereo.js"', 3090],
    ["all of the core", 'export * from "./ereo.js"', 4200],
    ["all of the core and React's hooks", 'export * from "./ereo.js"; export * from "./ereo.react.js"', 6090],
    ["all of the core, React's hooks and `share`", 'export * from "./ereo.js"; export * from "./ereo.react.js"; export * from "./ereo.tabs.js"', 7000],
    ["the worker of all tabs", 'import "./ereo.worker.js"', 5600],
    ["events over fetch", 'export { events } from "./ereo.js"; export * from "./ereo.fetch.js"', 3250],
  ]) {
    test(`${what}: at most ${most} bytes`, async (t) => {
      const stdin = { contents: code, resolveDir: CLIENT };
      const options = { bundle: true, minify: true, format: "esm", external: ["react"], write: false };
      const { outputFiles: [{ contents }] } = await build({ stdin, ...options });
      const { length } = gzipSync(contents, { level: 9 });
      t.diagnostic(`${contents.length} bytes, ${length} compressed`);
      assert.ok(length <= most, `${length} bytes`);
    });
  }
});
