// The contract as those who read it see it: TypeScript 7 and 5.9 check a front end against it, and the parsers of AsyncAPI
// and OpenAPI read the documents. `tests/run --contract` builds the programs that write them.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { before, describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";

const { Parser } = createRequire(import.meta.url)("@asyncapi/parser");
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR ?? at("../../../target");
const OUTPUT = at("../output/contract/");
const CONFIG = JSON.parse(readFileSync(at("tsconfig.json"), "utf8"));
const COMPILERS = { "TypeScript 7": "typescript", "TypeScript 5.9": "typescript-5" };
const EXAMPLES = ["chat", "dashboard", "echo", "events", "react"];

/** What the compiler has to say of a project: nothing, if all is well. */
function check(compiler, project) {
  const script = at(`../node_modules/${COMPILERS[compiler]}/bin/tsc`);
  try {
    execFileSync(process.execPath, [script, "-p", project], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error.stdout || String(error);
  }
}

/**
 * How long the compiler takes over a project without a mistake. Where others use the machine it is the processor's time, which
 * would be the longest that it took alone.
 */
function seconds(compiler, project) {
  const script = at(`../node_modules/${COMPILERS[compiler]}/bin/tsc`);
  const timed = ["-c", 'TIMEFORMAT="%R %U %S"; time "$@"', "bash", process.execPath, script, "-p", project];
  const { status, stdout, stderr } = spawnSync("bash", timed, { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  assert.equal(status, 0, stdout + stderr);
  const [real, user, system] = stderr.trim().split(/\s+/).slice(-3).map(Number);
  return Math.min(real, user + system);
}

/** A folder with a project of these files. */
function project(name, files) {
  const folder = `${OUTPUT}${name}/`;
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(folder + file, text);
  const paths = Object.entries(CONFIG.compilerOptions.paths).map(([module, [path]]) => [module, [at(path)]]);
  const compilerOptions = { ...CONFIG.compilerOptions, paths: Object.fromEntries(paths) };
  writeFileSync(`${folder}tsconfig.json`, JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  return `${folder}tsconfig.json`;
}

before(() => {
  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
});

const MISTAKES = readFileSync(at("mistakes.ts"), "utf8");
const TYPES = readFileSync(at("../../contract/types/ereo.gen.ts"), "utf8");

for (const compiler of Object.keys(COMPILERS)) {
  describe(compiler, () => {
    test("calls as they are become typed, and every mistake is an error", () => {
      assert.ok(MISTAKES.match(/@ts-expect-error/g).length >= 17);
      assert.equal(check(compiler, at("tsconfig.json")), "");
    });

    test("so they are where the module is the one that the server serves", () => {
      const page = MISTAKES.replaceAll("../../contract/types/ereo.gen.ts", "./ereo.gen.ts").replace('"ereo-client"', '"/ereo.js"');
      assert.equal(check(compiler, project(`served-${COMPILERS[compiler]}`, { "page.ts": page, "ereo.gen.ts": TYPES })), "");
    });

    test("an exhaustive switch over a socket's messages ends in never", () => {
      const page = `
        import type {} from "./ereo.gen.ts";
        import { socket } from "ereo-client";
        socket("/api/ws").onmessage = (told) => {
          switch (told.type) {
            case "user_joined": return told.userId;
            case "ack": return told.id;
            case "message": return told.userId;
            case "user_left": return told.userId;
            default: { const none: never = told; return none; }
          }
        };`;
      const types = written("chat", "ereo.gen.ts");
      const mended = project(`switch-${COMPILERS[compiler]}`, { "page.ts": page, "ereo.gen.ts": types });
      assert.equal(check(compiler, mended), "");
      const forgotten = project(`switch-${COMPILERS[compiler]}`, { "page.ts": page.replace(/case "ack".*/, "") });
      assert.match(check(compiler, forgotten), /is not assignable to type 'never'/);
    });

    test("without a contract nothing is asked and nothing known", () => {
      const page = `
        import { events, live, socket } from "ereo-client";
        events("/feed").on("count", (data) => data satisfies unknown);
        socket<{ id: number }, string>("/ws").send("a");
        live<string[], string>("/list", "/added", { reduce: (all, one) => [...all, one] });`;
      assert.equal(check(compiler, project(`without-${COMPILERS[compiler]}`, { "page.ts": page })), "");
    });
  });
}

test("500 routes and 200 calls are checked in 1.5 s", (t) => {
  const route = (n, fields) => `  "/area${n}/{id}/things": { kind: ${fields}; path: ["area${n}", string, "things"]; params: "id" };`;
  const kinds = ['"sse"; events: { message: Line; moved: { x: number; y: number } }', '"loader"; data: Line', '"websocket"; sends: Line; takes: Line'];
  const routes = Array.from({ length: 500 }, (_, n) => route(n, kinds[n % 3]));
  const tree = Array.from({ length: 500 }, (_, n) => `  area${n}: { "{}": { things: { "=": "/area${n}/{id}/things" } } };`);
  const types = `export type Line = { text: string };\nexport interface Routes {\n${routes.join("\n")}\n}\ninterface Tree {\n${tree.join("\n")}\n}\ndeclare global { interface EreoContract { routes: Routes; tree: Tree } }\n`;
  const calls = Array.from({ length: 200 }, (_, n) => [
    `events("/area${n}/7/things").on("moved", ({ x }) => x.toFixed());`,
    `live("/area${n}/7/things", "/area0/7/things").subscribe((line) => line?.text.length);`,
    `socket(\`/area${n}/\${id}/things\`).send({ text: "a" });`,
  ][n % 3]);
  const page = `import type {} from "./ereo.gen.ts";\nimport { events, live, socket } from "ereo-client";\ndeclare const id: string;\n${calls.join("\n")}\n`;
  const folder = project("many", { "page.ts": page, "ereo.gen.ts": types });
  let best = Infinity;
  for (let run = 0; run < 3 && best > 1500; run++) best = Math.min(best, seconds("TypeScript 7", folder) * 1000);
  t.diagnostic(`${Math.round(best)} ms`);
  assert.ok(best <= 1500, `${Math.round(best)} ms`);
  const wrong = project("many", { "page.ts": page.replace("/area3/7/things", "/area3/7/thing") });
  assert.match(check("TypeScript 7", wrong), /page\.ts.*error/);
});

/** The contract of an example, or of all shapes. */
function written(program, file) {
  const path = `${OUTPUT}${program}-${file}`;
  if (program === "shapes") execFileSync(`${TARGET}/debug/ereo-contract`, [path]);
  else execFileSync(`${TARGET}/debug/examples/${program}`, { env: { ...process.env, CONTRACT: path } });
  return readFileSync(path, "utf8");
}

describe("AsyncAPI's parser finds neither error nor warning in", () => {
  const parser = new Parser();
  for (const program of [...EXAMPLES, "shapes"]) {
    test(program, async () => {
      const { document, diagnostics } = await parser.parse(written(program, "asyncapi.json"));
      // 2 is a hint that there is a later version.
      assert.deepEqual(diagnostics.filter(({ severity }) => severity < 2), []);
      assert.ok(document.channels().all().length > 0);
    });
  }

  test("and does find one in a wrong document", async () => {
    const wrong = written("chat", "asyncapi.json").replace("#/components/schemas/Told", "#/components/schemas/Tld");
    const { diagnostics } = await parser.parse(wrong);
    assert.ok(diagnostics.some(({ severity }) => severity === 0));
  });
});

describe("OpenAPI's schema holds for", () => {
  for (const program of [...EXAMPLES, "shapes"]) {
    test(program, async () => {
      const validator = new Validator();
      const { valid, errors } = await validator.validate(JSON.parse(written(program, "openapi.json")));
      assert.equal(validator.version, "3.2");
      assert.ok(valid, JSON.stringify(errors));
    });
  }
});
