#!/usr/bin/env python3
"""Holds the sources against docs/ARCHITECTURE.md: imports, sizes, places of unit tests, and examples.

The page's first code block has a line a folder: `folder -> folders it may name`. An import that no line allows
fails, and so does an arrow that nothing uses any more. Tests are left out.

A file has 400 lines at most. One of fewer than 40 belongs into the file that uses it, unless there are several:
those are in SMALL. An item that the crate's root exports has an example, which is a doctest.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "ereo-runtime" / "src"
PAGE = ROOT / "docs" / "ARCHITECTURE.md"

# Files beside the folders that everybody may use, and that use nothing but each other.
GROUND = {"backoff", "block_slab", "budget", "charge", "compact_instant", "ending", "expiry", "heartbeat", "meters", "panicked", "progress", "refused_start", "served_list", "sync", "wakers"}
# Faces: what users and generated code name. They name everything.
FACES = {"lib", "prelude", "private", "browser", "fuzzing"}

MOST, LEAST = 400, 40
# Files below LEAST that stay, for several use them, or users and a feature see them as they are.
SMALL = {
    "ereo-runtime/src/fanout/channel.rs": "a trait between two folders",
    "ereo-runtime/src/fuzzing.rs": "for tests/fuzz",
    "ereo-runtime/src/heartbeat.rs": "streams, browser, both clients",
    "ereo-runtime/src/log/window.rs": "ring, readers, stores and sets",
    "ereo-runtime/src/panicked.rs": "five users",
    "ereo-runtime/src/prelude.rs": "a face",
    "ereo-runtime/src/refused_start.rs": "routes and server",
    "ereo-runtime/src/route/refusal.rs": "streams and sockets",
    "ereo-runtime/src/route/told.rs": "expansions and contract",
    "ereo-runtime/src/server/fuzzing.rs": "for tests/fuzz",
    "ereo-runtime/src/server/in_process.rs": "the test client",
    "ereo-runtime/src/server/ready.rs": "public",
    "ereo-runtime/src/sse/closed.rs": "both kinds of streams",
    "ereo-runtime/src/sse/finished.rs": "body and responses",
    "ereo-runtime/src/sse/last_event_id.rs": "an extractor: actix is its user",
    "ereo-runtime/src/sync.rs": "in place of it loom's",
    "ereo-runtime/src/takeover/no_check.rs": "in place of `check` on other systems",
    "ereo-runtime/src/test/wait.rs": "all of the test client",
    "ereo-runtime/src/websocket/fuzzing.rs": "for tests/fuzz",
    "ereo-runtime/src/websocket/link/beating.rs": "a part of `Link`, for driver and socket",
    "ereo-runtime/src/websocket/link/expiring.rs": "a part of `Link`, for driver and socket",
    "ereo-runtime/src/wire/format.rs": "fan-out and both kinds of connections",
    "ereo-runtime/src/worker/executor/executors.rs": "routes and inspector",
    "ereo-macros/src/check/sockets.rs": "check and emit",
}


def allowed():
    block = re.search(r"```arrows\n(.*?)```", PAGE.read_text(), re.S)
    if block is None:
        sys.exit(f"{PAGE}: there is no block of ```arrows")
    arrows = {}
    for line in block.group(1).splitlines():
        folder, _, below = line.partition("->")
        arrows[folder.strip()] = set(below.replace(",", " ").split()) - {"nothing"}
    return arrows


def without_tests(text):
    """The code of a file: without comments, and without inline modules of tests."""
    text = re.sub(r"#\[cfg\(test\)\]\n(?:pub\(crate\) )?mod \w+ \{.*?\n\}", "", text, flags=re.S)
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))


def used():
    for path in sorted(SOURCE.rglob("*.rs")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if any("tests" in part for part in parts) or parts[0] in FACES or parts[-1] == "fuzzing":
            continue
        for name in re.findall(r"\bcrate::(\w+)", without_tests(path.read_text())):
            yield parts[0], name, path.relative_to(ROOT)
        for names in re.findall(r"\bcrate::\{([^}]*)\}", without_tests(path.read_text())):
            for name in re.findall(r"(?:^|,)\s*(\w+)", names):
                yield parts[0], name, path.relative_to(ROOT)


def sizes():
    """Files that are too long or too short, and unit tests that stand elsewhere than all."""
    small = dict(SMALL)
    for path in sorted(file for crate in ("ereo-runtime", "ereo-macros") for file in (ROOT / crate / "src").rglob("*.rs")):
        name, lines = str(path.relative_to(ROOT)), path.read_text().count("\n")
        if lines > MOST:
            yield f"{name}: {lines} lines, of {MOST} at most"
        is_test = any(part in ("tests", "tests.rs") for part in path.parts)
        is_short = lines < LEAST and path.name not in ("mod.rs", "lib.rs") and not is_test
        if is_short and small.pop(name, None) is None:
            yield f"{name}: {lines} lines; put it into the file that uses it, or into SMALL if several do"
        if re.search(r"_tests?$", path.stem) or any(part.endswith("_tests") for part in path.parts):
            yield f"{name}: unit tests are a module `tests`: at the end of their file, or in a file or folder of that name"
    yield from (f"{name}: is in SMALL, and is not short any more" for name in small)


def without_example():
    """Items that the crate's root exports from its modules, without an example in their documentation."""
    exports = re.findall(r"^pub use (?!ereo_macros|schema_trait)([\w:]+?)(?:::\{([^}]*)\})?;", (SOURCE / "lib.rs").read_text(), re.M)
    names = {name.strip() for path, group in exports for name in (group or path.split("::")[-1]).split(",")} - {""}
    seen, shown = set(), set()
    for path in SOURCE.rglob("*.rs"):
        has_example = False
        for line in path.read_text().splitlines():
            item = re.match(r"pub (?:const |async |unsafe )*(?:struct|enum|trait|fn|type|union) (\w+)", line)
            if item is not None:
                seen.add(item[1])
                shown |= {item[1]} if has_example else set()
            # Documentation and attributes stand right before their item.
            has_example = (has_example or line.startswith("/// ```")) and line != "" and item is None
    yield from (f"ereo-runtime/src: `{name}` is exported at the root, and has no example" for name in sorted(names & seen - shown))
    yield from (f"ereo-runtime/src: `{name}` is exported at the root, and is not found" for name in sorted(names - seen))


def main():
    arrows, wrong, seen = allowed(), [*sizes(), *without_example()], set()
    for source, target, path in used():
        if source == target or target in GROUND:
            continue
        seen.add((source, target))
        if source in GROUND:
            wrong.append(f"{path}: {source} is ground, and names {target}")
        elif target not in arrows.get(source, set()):
            wrong.append(f"{path}: {source} names {target}, which docs/ARCHITECTURE.md does not allow")
    for source, targets in arrows.items():
        wrong += [f"docs/ARCHITECTURE.md: nothing in {source} names {target} any more"
                  for target in sorted(targets) if (source, target) not in seen]
    # No circle: each folder may name only those below it.
    order = list(arrows)
    wrong += [f"docs/ARCHITECTURE.md: {source} -> {target} points up" for source in order
              for target in sorted(arrows[source]) if target in order and order.index(target) > order.index(source)]
    if wrong:
        sys.exit("\n".join(dict.fromkeys(wrong)))
    print(f"{len(seen)} arrows, all of docs/ARCHITECTURE.md")


if __name__ == "__main__":
    main()
