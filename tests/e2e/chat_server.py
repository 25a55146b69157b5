"""The example `chat` as a process, and a raw socket for what no library would send."""

import asyncio
import base64
import http.client
import os
import signal
import socket
import subprocess

PATIENCE = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Chat:
    def __init__(self, binary):
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/api/ws"
        env = dict(os.environ, PORT=str(self.port), WORKERS="2", RUST_LOG="warn")
        self.process = subprocess.Popen([binary], env=env)

    async def ready(self):
        while self.process.poll() is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.02)
        raise RuntimeError("the chat did not start")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)

    def http(self, headers):
        """The answer to a plain request: its status and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/api/ws", headers=headers)
        answer = connection.getresponse()
        connection.close()
        return answer.status, answer.headers


class RawClient:
    """A socket behind a handshake; frames are written by hand."""

    def __init__(self, chat, user):
        self.socket = socket.create_connection(("127.0.0.1", chat.port), PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /api/ws?user={user} HTTP/1.1\r\nHost: 127.0.0.1:{chat.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert b" 101 " in head.split(b"\r\n")[0], head

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self.buffer += data

    def _take(self, length):
        while len(self.buffer) < length:
            self._more()
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def send(self, opcode, payload, masked=True, fin=True):
        """Payloads of up to 125 bytes."""
        mask = os.urandom(4) if masked else b""
        body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload
        first = opcode | (0x80 if fin else 0)
        second = len(payload) | (0x80 if masked else 0)
        self.socket.sendall(bytes([first, second]) + mask + body)

    def frame(self):
        """The next frame: its opcode and its payload."""
        first, length = self._take(2)
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        return first & 0x0F, self._take(length)

    def close_code(self):
        """Reads up to the close frame."""
        while True:
            opcode, payload = self.frame()
            if opcode == 8:
                return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    def reset(self):
        """Closes with a RST."""
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()
