"""What a contract costs the compiler: `cargo check` of 200 messages and of 100 routes.

usage: bench/run contract

The same crate three times: without the feature `contract`, with it and without a schema, and with `JsonSchema` among the
derives of its messages. The dependencies are compiled before; each figure is the lowest of interleaved rounds in which only the
crate itself is checked anew. The seconds are those of the processor: other work on the machine only makes them more.
"""

import os
import resource
import subprocess
from pathlib import Path

TYPES = 200
ROUTES = 100
ROUNDS = 9
ROOT = Path(__file__).resolve().parent.parent
BENCH = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "contract-bench"

MANIFEST = """[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[dependencies]
ereo-runtime = {{ path = "{root}/ereo-runtime"{features} }}

[workspace]
"""
HEAD = """#![allow(dead_code)]
use ereo_runtime::prelude::*;
"""
STRUCT = """
#[derive(Clone, Serialize, Message{word})]
struct Message{n} {{ at: u64, from: String, text: Option<String>, tags: Vec<u32> }}
"""
ENUM = """
#[derive(Clone, Serialize, Message{word})]
#[serde(rename_all = "snake_case")]
enum Message{n} {{ Joined {{ user: String }}, Left(u32), Line {{ from: String, text: String }}, Cleared }}
"""
ROUTE = """
#[sse("/feeds/{n}/{{id}}")]
async fn feed_{n}(id: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {{
    set.room(id).subscribe(last)
}}
"""

WITHOUT, UNUSED, USED = "without", "unused", "used"
WAYS = {WITHOUT: ("", ""), UNUSED: (', features = ["contract"]', ""), USED: (', features = ["contract"]', ", JsonSchema")}


def write(way, what, text):
    features, _ = WAYS[way]
    folder = BENCH / f"{what}-{way}"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(MANIFEST.format(name=f"{what}-{way}", root=ROOT, features=features))
    (folder / "src" / "lib.rs").write_text(HEAD + text)
    # The dependencies are those of the workspace.
    (folder / "Cargo.lock").write_bytes((ROOT / "Cargo.lock").read_bytes())
    return folder


def messages(way):
    _, word = WAYS[way]
    return "".join((STRUCT, ENUM)[n % 2].format(n=n, word=word) for n in range(TYPES))


def routes(_):
    return "".join(ROUTE.format(n=n) for n in range(ROUTES))


def check_anew(folder):
    (folder / "src" / "lib.rs").touch()
    env = dict(os.environ, CARGO_TARGET_DIR=str(BENCH / "target"), CARGO_INCREMENTAL="0")
    begin = processor_time()
    subprocess.run(["cargo", "check", "--quiet"], cwd=folder, env=env, check=True)
    return processor_time() - begin


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    kinds = {"messages": (TYPES, messages, [WITHOUT, UNUSED, USED]), "routes": (ROUTES, routes, [WITHOUT, UNUSED])}
    print(f"| `cargo check`, seconds of the processor, the lowest of {ROUNDS} interleaved rounds | without the feature | with it, unused | `JsonSchema` derived | ms each |")
    print("|---|---|---|---|---|")
    for what, (number, source, ways) in kinds.items():
        times = {write(way, what, source(way)): [] for way in ways}
        for folder in times:
            check_anew(folder)  # the dependencies
        for _ in range(ROUNDS):
            for folder in times:
                times[folder].append(check_anew(folder))
        lowest = [min(taken) for taken in times.values()]
        cells = [f"{seconds:.2f}" for seconds in lowest] + ["-"] * (3 - len(lowest))
        print(f"| {number} {what} | {' | '.join(cells)} | {1000 * (lowest[-1] - lowest[0]) / number:.1f} |")


main()
