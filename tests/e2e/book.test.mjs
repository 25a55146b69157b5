// The JavaScript of README, book and rustdoc: blocks that import the client are checked by TypeScript, with its declarations
// and a contract of the routes beside them; those of other libraries, which a page shows beside ours, are parsed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { ROUTES, contract } from "./book/routes.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const ROOT = at("../../");
const OUTPUT = at("output/book/");
const BOOK = "docs/book/src/";
const PAGES = ["README.md", "docs/STORES.md", "ereo-runtime/src/websocket/reply.rs", ...readdirSync(ROOT + BOOK).map((name) => BOOK + name)];
const DECLARATIONS = { "/ereo.js": "ereo.d.ts", "/ereo.fetch.js": "ereo.fetch.d.ts", "/ereo.react.js": "ereo.react.d.ts", "/ereo.tabs.js": "ereo.tabs.d.ts" };

/** Where each is, and what. A block without an import is one that goes on from the core's. */
const BLOCKS = PAGES.flatMap((page) => {
  const text = readFileSync(ROOT + page, "utf8").replace(/^ *\/\/\/ ?/gm, "");
  return [...text.matchAll(/^```(js|jsx|ts|tsx)\b.*\n([^]*?)^```$/gm)].map(([, language, code], n) => {
    const modules = [...code.matchAll(/^import .*from "(.+)";/gm)].map(([, module]) => module);
    const isOurs = modules.every((module) => new URL(module, "https://api.example").pathname in DECLARATIONS);
    // A contract is of the page's own origin.
    if (isOurs) code = code.replaceAll("https://api.example/", "/");
    if (!modules.length) code = `import { events, live, socket } from "/ereo.js";${code}`;
    return { page, name: page.split("/").at(-1), n, language, code, isOurs };
  });
});

/** What the compiler has to say of these blocks: nothing, if all is well. */
function check(name, blocks, options, routes = {}) {
  const folder = `${OUTPUT}${name}/`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = blocks.map(({ name, n, language, code }) => {
    const file = `${name}-${n}.${language}`;
    // A module also where it imports nothing.
    writeFileSync(folder + file, `${code}\nexport {};\n`);
    return file;
  });
  writeFileSync(`${folder}contract.ts`, contract(routes));
  const { compilerOptions } = JSON.parse(readFileSync(at("tsconfig.json"), "utf8"));
  // The pages leave out the types of their own functions' arguments.
  Object.assign(compilerOptions, { noImplicitAny: false, jsx: "preserve" }, options);
  compilerOptions.paths = { react: [at("node_modules/@types/react")] };
  for (const [module, declaration] of Object.entries(DECLARATIONS)) compilerOptions.paths[module] = [at(`../../ereo-runtime/client/${declaration}`)];
  writeFileSync(`${folder}tsconfig.json`, JSON.stringify({ compilerOptions, files: [...files, "contract.ts", at("book/given.d.ts")] }));
  try {
    execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error.stdout || String(error);
  }
}

const OURS = BLOCKS.filter(({ isOurs }) => isOurs);
const ofPage = (name) => OURS.filter((block) => block.name === name);

describe("the blocks that use the client call what there is, with what it takes", () => {
  test("there are such on these pages", () => {
    assert.deepEqual([...new Set(OURS.map(({ name }) => name))].sort(), Object.keys(ROUTES).sort());
  });
  for (const [name, routes] of Object.entries(ROUTES)) {
    test(name, () => assert.equal(check(name, ofPage(name), {}, routes), ""));
  }
});

describe("a mistake of a block is an error", () => {
  for (const [what, name, right, wrong] of [
    ["a function that there is not", "sockets.md", ".ask(", ".request("],
    ["an option that there is not", "types.md", "params:", "parameters:"],
    ["a route that there is not", "events.md", "/lobby/news", "/lobby/new"],
    ["an event that there is not", "events.md", '"chat"', '"chats"'],
    ["a field that there is not", "browser.md", "from, text", "sender, text"],
  ]) {
    test(what, () => {
      const blocks = ofPage(name).map((block) => ({ ...block, code: block.code.replace(right, wrong) }));
      assert.match(check(`${name}-wrong`, blocks, {}, ROUTES[name]), new RegExp(`${name}-\\d+\\.js.*error TS`));
    });
  }
});

test("the blocks of other libraries can be parsed", () => {
  const others = BLOCKS.filter(({ isOurs }) => !isOurs);
  assert.ok(others.length > 3);
  const options = { noCheck: true };
  assert.equal(check("others", others, options), "");
  const broken = others.map((block) => ({ ...block, code: block.code.replace("{", "{(") }));
  assert.match(check("others-broken", broken, options), /error TS1/);
});
