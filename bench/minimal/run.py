"""What Ereo adds to a plain actix-web hello, with and without its default features: prints the table of docs/BENCHMARKS.md.

usage: run.py

Three programs, release, stripped, one after the other into one empty target folder: the second has what the first has built
already, so that its seconds are what Ereo adds, and the third what the default features add to that.
"""

import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HELLO = """use actix_web::{App, HttpServer, get};

#[get("/")]
async fn hello() -> &'static str {
    "hello"
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| App::new().service(hello)).bind(("127.0.0.1", 8080))?.run().await
}
"""
ACTIX = 'actix-web = { version = "4.18", default-features = false, features = ["macros"] }\n'
EREO = f'ereo-runtime = {{ path = "{ROOT}/ereo-runtime"%s }}\n'
TEN_LINES = (ROOT / "tests/crates/ten_lines/src/main.rs").read_text()
PROGRAMS = [
    ("actix-web hello", HELLO, ACTIX),
    ("the README's ten lines, `default-features = false`", TEN_LINES, ACTIX + EREO % ", default-features = false"),
    ("the README's ten lines", TEN_LINES, ACTIX + EREO % ""),
]


def cargo(folder, target, *words):
    environment = os.environ | {"CARGO_TARGET_DIR": str(target), "CARGO_INCREMENTAL": "0"}
    return subprocess.run(["cargo", *words], cwd=folder, env=environment, check=True, text=True, stdout=subprocess.PIPE).stdout


def seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    folder = Path(tempfile.mkdtemp(prefix="ereo-minimal-"))
    print("| release, stripped | crates | seconds of the processor, beyond the row above | KiB | KiB beyond hello |")
    print("|---|---|---|---|---|")
    hello = None
    for name, source, dependencies in PROGRAMS:
        program = folder / "program"
        shutil.rmtree(program, ignore_errors=True)
        (program / "src").mkdir(parents=True)
        (program / "src/main.rs").write_text(source)
        (program / "Cargo.toml").write_text(
            '[package]\nname = "program"\nversion = "0.1.0"\nedition = "2024"\n\n[workspace]\n\n'
            f'[profile.release]\nstrip = true\n\n[dependencies]\n{dependencies}')
        # The versions that the repository's tests run with.
        shutil.copy(ROOT / "Cargo.lock", program / "Cargo.lock")
        tree = cargo(program, folder / "target", "tree", "-e", "normal", "--prefix", "none", "--format", "{p}")
        crates = len({line.split(" (")[0] for line in tree.splitlines() if line}) - 1
        cargo(program, folder / "target", "fetch")
        begin = seconds()
        cargo(program, folder / "target", "build", "--release", "--offline")
        used = seconds() - begin
        size = (folder / "target/release/program").stat().st_size / 1024
        hello = hello or size
        print(f"| {name} | {crates} | {used:.0f} | {size:,.0f} | {size - hello:,.0f} |")
    version = subprocess.run(["rustc", "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout.split()[1]
    print(f"\nOn {os.cpu_count()} cores, Rust {version}.")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
