#!/usr/bin/env python3
"""Holds the imports of ereo-runtime against the arrows that docs/ARCHITECTURE.md allows.

The page's first code block has a line a folder: `folder -> folders it may name`. An import that no line allows
fails, and so does an arrow that nothing uses any more. Tests are left out.
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
        if any("tests" in part for part in parts) or parts[0] in FACES or parts[-1] in ("fuzzing", "model"):
            continue
        for name in re.findall(r"\bcrate::(\w+)", without_tests(path.read_text())):
            yield parts[0], name, path.relative_to(ROOT)
        for names in re.findall(r"\bcrate::\{([^}]*)\}", without_tests(path.read_text())):
            for name in re.findall(r"(?:^|,)\s*(\w+)", names):
                yield parts[0], name, path.relative_to(ROOT)


def main():
    arrows, wrong, seen = allowed(), [], set()
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
