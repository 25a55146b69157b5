"""Does what each page of the book tells its reader to do: writes its files and runs its commands, in a new folder that no
workspace stands above, with a target folder of its own.

usage: try.py [PAGE]...

A comment before a block says what is to be done with it:

    <!-- file: PATH -->      it is written there
    <!-- server: PORT -->    its command runs until the page is through; the next one waits for the port
    <!-- needs: PROGRAM -->  it is left out, and that is said, where there is none
    <!-- not run: REASON --> it is left out

Ports of a page are replaced by free ones. `cargo add` finds the crates in this repository, until they are published.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/book/src"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "pages"
# The crates of this repository, as if they were published.
SHELL = f"""set -eu
cargo() {{
  if [ "$1" = add ] && [[ " $* " = *" ereo-runtime "* ]]; then
    local others=() word
    for word in "${{@:2}}"; do
      [ "$word" = ereo-runtime ] || others+=("$word")
    done
    if [[ "$*" = *--* ]]; then
      command cargo add --path "{ROOT}/ereo-runtime" "${{others[@]}}"
    else
      command cargo add --path "{ROOT}/ereo-runtime"
      [ "${{#others[@]}}" = 0 ] || command cargo add "${{others[@]}}"
    fi
  else
    command cargo "$@"
  fi
}}
"""
BLOCK = re.compile(r"^([ ]*)```(\w*)[^\n]*\n(.*?)^[ ]*```$", re.M | re.S)
MARK = re.compile(r"<!-- (file|server|needs|not run): (.*?) -->\s*$")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def blocks(text):
    """Each block with the marks that stand before it."""
    for block in BLOCK.finditer(text):
        marks, before = {}, text[: block.start()].rstrip()
        while mark := MARK.search(before):
            marks[mark[1]] = mark[2]
            before = before[: mark.start()].rstrip()
        indent, language, code = block.groups()
        code = "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))
        yield marks, language, code


def written(language, code):
    """As a reader copies it: lines that are hidden in the book begin with `# ` and are compiled all the same."""
    return re.sub(r"^#(?: |$)", "", code, flags=re.M) if language == "rust" else code


class Failed(Exception):
    pass


class Reader:
    def __init__(self, name):
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"ereo-{name}-"))
        self.ports = {}
        self.servers = []
        self.environment = os.environ | {"CARGO_TARGET_DIR": str(TARGET), "CARGO_INCREMENTAL": "0"}

    def port(self, match):
        return str(self.ports.setdefault(match[0], free_port()))

    def follow(self, text):
        ran = 0
        for marks, language, code in blocks(text):
            code = re.sub(r"\b80[0-9]{2}\b", self.port, code)
            if path := marks.get("file"):
                path = self.folder / path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(written(language, code))
            elif language == "sh" and not self.is_left_out(marks):
                print(f"{self.name}: {code.strip()}", flush=True)
                self.serve(code, marks["server"]) if "server" in marks else self.run(code)
                ran += 1
        return ran

    def is_left_out(self, marks):
        reason = marks.get("not run")
        program = marks.get("needs")
        if program == "docker" and subprocess.run(["docker", "info"], capture_output=True).returncode:
            reason = "no Docker daemon"
        elif program and not shutil.which(program):
            reason = f"no {program}"
        if reason:
            print(f"{self.name}: left out: {reason}")
        return reason is not None

    def run(self, code):
        done = subprocess.run(["bash", "-c", SHELL + code], cwd=self.folder, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1800)
        if done.returncode:
            raise Failed(f"{done.returncode} of\n{code}\n{done.stdout}")

    def serve(self, code, port):
        port = self.ports.setdefault(port, free_port())
        log = open(self.folder / f"server-{port}.log", "w+")
        server = subprocess.Popen(["bash", "-c", SHELL + code], cwd=self.folder, env=self.environment, stdout=log,
                                  stderr=subprocess.STDOUT, start_new_session=True)
        self.servers.append(server)
        # A server is compiled first.
        end = time.monotonic() + 1800
        while time.monotonic() < end:
            if server.poll() is not None:
                log.seek(0)
                raise Failed(f"ended with {server.returncode}:\n{code}\n{log.read()}")
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.2)
        raise Failed(f"nobody listens on {port}: {code}")

    def leave(self):
        for server in self.servers:
            try:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait(30)
            except ProcessLookupError:
                pass
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    names = sys.argv[1:] or sorted(page.stem for page in PAGES.glob("*.md"))
    failed = 0
    for name in names:
        reader = Reader(name)
        try:
            if ran := reader.follow((PAGES / f"{name}.md").read_text()):
                print(f"{name}: {ran} blocks of commands ran")
        except Failed as error:
            failed += 1
            print(f"{name}: FAILED: {error}")
        finally:
            reader.leave()
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
