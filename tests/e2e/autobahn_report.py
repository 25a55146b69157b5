"""Judges kosoku's report: every case passed and closed rightly, and none is missing."""

import json
import sys

PASSED = {"OK", "NON-STRICT", "INFORMATIONAL"}

# How many cases there are, of the protocol itself and of permessage-deflate.
EXPECTED = {
    "all": {"protocol": 301, "compression": 216},
    "protocol": {"protocol": 301, "compression": 0},
}


def part(name: str) -> str:
    return "compression" if name.split(".")[0] in {"12", "13"} else "protocol"


def main(path: str, expected: str) -> int:
    with open(path) as file:
        agents = json.load(file)
    if len(agents) != 1:
        print(f"one server was expected in the report, found {sorted(agents)}")
        return 1
    (cases,) = agents.values()
    failed = {
        name: case
        for name, case in cases.items()
        if case["behavior"] not in PASSED or case["behaviorClose"] not in PASSED
    }
    for name, case in sorted(failed.items()):
        print(f"{name}: {case['behavior']}, close: {case['behaviorClose']}, code {case.get('remoteCloseCode')}")
    passed = len(cases) - len(failed)
    counts, parts = {}, {"protocol": 0, "compression": 0}
    for name, case in cases.items():
        counts[case["behavior"]] = counts.get(case["behavior"], 0) + 1
        parts[part(name)] += 1
    print(f"Autobahn: {passed} of {len(cases)} cases passed ({counts}; {parts})")
    complete = expected == "any" or parts == EXPECTED[expected]
    if not complete:
        print(f"{EXPECTED[expected]} cases were expected")
    return 0 if complete and not failed and cases else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
