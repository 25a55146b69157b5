// The npm package as its users have it: packed, and installed into an application.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Packs it, and returns the tarball's path. */
export function pack() {
  mkdirSync(at("output"), { recursive: true });
  const told = execFileSync("npm", ["pack", "--json", "--pack-destination", at("output")], { cwd: at("../../ereo-runtime/client"), encoding: "utf8" });
  const [{ filename, files }] = JSON.parse(told);
  return { tarball: at(`output/${filename}`), files: files.map(({ path }) => path) };
}

/** An application with the package in it, in `output/`; all else is found in the folder above. */
export function install(folder, name) {
  const { tarball } = pack();
  const app = at(`output/${name}/`);
  rmSync(app, { recursive: true, force: true });
  cpSync(folder, app, { recursive: true, filter: (path) => !/node_modules|dist$/.test(path) });
  writeFileSync(`${app}package.json`, JSON.stringify({ private: true, type: "module", dependencies: { "ereo-client": `file:${tarball}` } }));
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--omit=peer"], { cwd: app, stdio: "pipe" });
  return app;
}
