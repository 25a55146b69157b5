// The types of the browser package: its JavaScript by its JSDoc, its declarations by what the JavaScript exports,
// and what a user writes by `types/*.ts`. Needs `npm ci` in this folder, which `tests/run --client` does.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const CLIENT = at("../../ereo-runtime/client/");
const OUTPUT = at("output/types/");
const MODULES = readdirSync(CLIENT).filter((name) => name.endsWith(".js"));
/** The others are for these alone. */
const ENTRIES = MODULES.filter((name) => existsSync(CLIENT + name.replace(/\.js$/, ".d.ts")));

/** What the compiler has to say of a project: nothing, if all is well. */
function check(project) {
  try {
    execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-p", project], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error.stdout || String(error);
  }
}

test("the modules keep to the types that their JSDoc names, and users get the errors that they should", () => {
  assert.equal(check(at("tsconfig.json")), "");
});

test("the declarations are those of the modules, both ways", () => {
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(`${OUTPUT}declared`, { recursive: true });
  mkdirSync(`${OUTPUT}script`);
  for (const declaration of readdirSync(CLIENT).filter((name) => name.endsWith(".d.ts"))) {
    cpSync(CLIENT + declaration, `${OUTPUT}declared/${declaration}`);
  }
  const lines = ['import type { Equal } from "./equal.ts";'];
  for (const module of MODULES) {
    // The compiler prefers declarations to the script beside them, so each is in a folder of its own.
    const script = readFileSync(CLIENT + module, "utf8").replaceAll(/"\.\/([\w.]+\.d\.ts)"/g, '"../declared/$1"');
    writeFileSync(`${OUTPUT}script/${module}`, script);
    if (!ENTRIES.includes(module)) continue;
    const name = module.replaceAll(/\W/g, "_");
    lines.push(
      `import * as ${name} from "./script/${module}";`,
      `import * as declared_${name} from "./declared/${module}";`,
      `export const same_${name}: Equal<typeof ${name}, typeof declared_${name}> = true;`,
    );
  }
  writeFileSync(
    `${OUTPUT}equal.ts`,
    `type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
     /** \`true\`, or the names of which there are two kinds or only one. */
     export type Equal<A, B> = { [K in keyof A | keyof B]: K extends keyof A & keyof B ? Same<A[K], B[K]> extends true ? never : K : K }[keyof A | keyof B] extends infer D ? [D] extends [never] ? true : D : never;`,
  );
  writeFileSync(`${OUTPUT}drift.ts`, lines.join("\n"));
  const config = { extends: at("tsconfig.json"), files: ["drift.ts"] };
  writeFileSync(`${OUTPUT}tsconfig.json`, JSON.stringify(config));
  assert.equal(check(`${OUTPUT}tsconfig.json`), "");
});
