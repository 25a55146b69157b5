"""What compression costs and saves, beside Bun: prints the table of docs/BENCHMARKS.md.

usage: run.py EREO_SERVER BUN

Each server has one thread. CPU is the server process's own, as the kernel counts it, so that what
else the machine does changes it little; the servers take turns, and the medians are told.
"""

import glob
import http.client
import os
import socket
import statistics
import subprocess
import sys
import time

from clients import Clients, message

CLIENTS, IDLE = 250, 1000
ROUNDS = 5
# Messages that are broadcast at once, and how often in a round.
WINDOWS = {1: 100, 16: 12}


class Server:
    def __init__(self, name, command, path, **env):
        self.name, self.command, self.path, self.env = name, command, path, env

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(self.command, env=dict(os.environ, PORT=str(self.port), **self.env))
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(f"{self.name} does not start") from None
                time.sleep(0.05)
        self.http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def publish(self, lines):
        self.http.request("POST", "/publish", "\n".join(lines))
        if self.http.getresponse().read() != b"published":
            raise RuntimeError(f"{self.name} does not publish")

    def cpu(self):
        """Nanoseconds of CPU so far, over all threads."""
        files = glob.glob(f"/proc/{self.process.pid}/task/*/schedstat")
        return sum(int(open(file).read().split()[0]) for file in files)

    def resident(self):
        """Bytes of RSS."""
        pages = int(open(f"/proc/{self.process.pid}/statm").read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        self.process.kill()
        self.process.wait()


def deliveries(server, results):
    """CPU and bytes of one delivery, for each window."""
    server.start()
    clients = Clients(CLIENTS, server.port, server.path)
    sent = []

    def publish(count):
        lines = [message(len(sent) + n) for n in range(count)]
        sent.extend(lines)
        server.publish(lines)
        return clients.read_until(len(sent))

    publish(16)
    for window, times in WINDOWS.items():
        received, cpu = publish(window), server.cpu()
        for _ in range(times):
            total = publish(window)
        count = CLIENTS * window * times
        results.setdefault((server.name, window), []).append((server.cpu() - cpu) / count)
        results.setdefault((server.name, "bytes"), []).append((total - received) / count)
    if list(clients.all[0].texts()) != sent:
        raise RuntimeError(f"{server.name}: a client was not sent what was broadcast")
    clients.close()
    server.stop()


def memory(server, results):
    """RSS of an idle connection that has heard 20 broadcasts and said something."""
    server.start()
    warm = Clients(50, server.port, server.path)
    server.publish([message(n) for n in range(20)])
    warm.read_until(20)
    before = server.resident()
    clients = Clients(IDLE, server.port, server.path)
    for n in range(20):
        server.publish([message(n)])
        warm.read_until(21 + n)
        clients.read_until(1 + n)
    for client in clients.all:
        client.say(message(7).encode())
    time.sleep(1)
    results.setdefault((server.name, "memory"), []).append((server.resident() - before) / IDLE)
    clients.close()
    warm.close()
    server.stop()


def main(ereo, bun):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "server.js")
    servers = [
        Server('Ereo, `"off"`', [ereo], "/off"),
        Server('Ereo, `"broadcast"`', [ereo], "/broadcast"),
        Server('Ereo, `"on"`', [ereo], "/on"),
        Server("Bun", [bun, script], "/ws", DEFLATE="0"),
        Server("Bun, `perMessageDeflate`", [bun, script], "/ws", DEFLATE="1"),
    ]
    results = {}
    for round in range(ROUNDS):
        for server in servers:
            deliveries(server, results)
            memory(server, results)
        print(f"round {round + 1} of {ROUNDS}", file=sys.stderr)
    print(f"| {CLIENTS} clients, messages of {len(message(0))} bytes, medians of {ROUNDS} interleaved rounds | CPU a delivery | with 16 at once | bytes a delivery | RSS an idle connection |")
    print("|---|---|---|---|---|")
    for server in servers:
        def median(what):
            return statistics.median(results[server.name, what])

        print(
            f"| {server.name} | {median(1) / 1000:.1f} µs | {median(16) / 1000:.1f} µs "
            f"| {median('bytes'):.0f} | {median('memory') / 1024:.1f} KiB |"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
