#!/usr/bin/env bash
# Autobahn's 517 conformance cases, 216 of them (12.x and 13.x) of compression, against a server's
# GET /ws, which must echo messages of up to 64 MiB and compress all of them: kosoku fails at a text
# that comes uncompressed while compression is negotiated, though the RFC allows it.
#
# usage: tests/e2e/autobahn.sh SERVER_BINARY [--protocol | CASE..]
# SERVER_BINARY is started with PORT set. With --protocol only the 301 cases without compression run,
# with CASEs (ids or globs) only these, not counted.
# Needs tests/e2e/.venv, which `tests/run --autobahn` makes.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=${1:?usage: autobahn.sh SERVER_BINARY [--protocol | CASE..]}
shift
output="$here/output/autobahn"
rm -rf "$output"
mkdir -p "$output"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PORT=$port "$binary" >"$output/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true' EXIT

for _ in $(seq 100); do
    if python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null; then break; fi
    kill -0 "$server" || { cat "$output/server.log"; echo "the server did not start"; exit 1; }
    sleep 0.1
done

expected=all
include=()
if [ "${1-}" = --protocol ]; then
    expected=protocol
    include=(-x '12.*' -x '13.*')
elif [ $# -gt 0 ]; then
    expected=any
    for case in "$@"; do include+=(-i "$case"); done
fi
# kosoku's own exit code is not asked: the report is what counts. It takes most of the time itself.
timeout 1800 "$here/.venv/bin/kosoku" -p 2 "${include[@]}" -o "$output" "ws://127.0.0.1:$port/ws" >"$output/kosoku.log" 2>&1 || true

kill -0 "$server" || { cat "$output/server.log"; echo "the server died"; exit 1; }
[ -s "$output/index.json" ] || { cat "$output/kosoku.log"; echo "kosoku wrote no report"; exit 1; }
python3 "$here/autobahn_report.py" "$output/index.json" "$expected"
