"""Many WebSocket clients on one thread, which count what they are sent."""

import base64
import json
import os
import selectors
import socket
import time
import zlib

TAIL = b"\x00\x00\xff\xff"


class Client:
    """One connection with a browser's offer. It takes frames apart no further than to count them."""

    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(4096)
        head, self.rest = head.split(b"\r\n\r\n", 1)
        if b" 101 " not in head:
            raise RuntimeError(head)
        self.deflate = b"permessage-deflate" in head
        self.context = self.deflate and b"server_no_context_takeover" not in head
        self.inflater = zlib.decompressobj(-15)
        self.socket.setblocking(False)
        self.frames = self.bytes = 0
        self.kept = None

    def say(self, message):
        """One message, compressed if that was agreed on, of 126 to 65,535 bytes either way."""
        first = 0x81
        if self.deflate:
            compressor = zlib.compressobj(6, zlib.DEFLATED, -12)
            message = (compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
            first |= 0x40
        head = bytes([first, 0xFE]) + len(message).to_bytes(2, "big")
        self.socket.sendall(head + bytes(4) + message)

    def read(self):
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        if not data:
            raise RuntimeError("the server closed a connection")
        self.bytes += len(data)
        data = self.rest + data
        at = 0
        while len(data) - at >= 2:
            length, header = data[at + 1] & 0x7F, 2
            if length == 126:
                if len(data) - at < 4:
                    break
                length, header = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            end = at + header + length
            if end > len(data):
                break
            self.frames += 1
            if self.kept is not None:
                self.kept.append((data[at] & 0x40 != 0, data[at + header : end]))
            at = end
        self.rest = data[at:]

    def texts(self):
        """What was kept, inflated."""
        for compressed, payload in self.kept:
            if compressed:
                inflater = self.inflater if self.context else zlib.decompressobj(-15)
                payload = inflater.decompress(payload + TAIL)
            yield payload.decode()


class Clients:
    def __init__(self, count, port, path):
        self.selector = selectors.DefaultSelector()
        self.all = [Client(port, path) for _ in range(count)]
        for client in self.all:
            self.selector.register(client.socket, selectors.EVENT_READ, client)
        # One of them looks at what it gets: a benchmark of something wrong is worth nothing.
        self.all[0].kept = []

    def read_until(self, frames):
        """Reads until every client has had as many frames."""
        late = sum(client.frames < frames for client in self.all)
        deadline = time.monotonic() + 60
        while late:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{late} clients wait in vain")
            for key, _ in self.selector.select(1):
                client = key.data
                before = client.frames
                client.read()
                late -= before < frames <= client.frames
        return sum(client.bytes for client in self.all)

    def close(self):
        self.selector.close()
        for client in self.all:
            client.socket.close()


def message(number):
    """A list of trades in JSON, 1,024 bytes and a bit, no two alike."""
    state = number * 7919 + 13
    trades = []
    text = ""
    while len(text) < 1024:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        trades.append(
            {
                "id": state >> 40,
                "price": (state >> 33) % 50_000 / 100,
                "symbol": ("ACME", "INIT", "ZORG", "EREO")[(state >> 50) % 4],
                "side": ("buy", "sell")[(state >> 45) % 2],
            }
        )
        text = json.dumps({"type": "trades", "number": number, "trades": trades})
    return text
