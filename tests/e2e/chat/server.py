"""The example `chat` as a process, and a raw socket for what no library would send."""

import asyncio
import base64
import os
import signal
import socket
import struct
import subprocess

# Less than it takes a ping (25 s) or the idle timeout (60 s) to find out that a client is gone.
PATIENCE = 15


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Chat:
    def __init__(self, binary):
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/api/ws"
        # Two workers, so that what is said crosses threads.
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
        raise RuntimeError(f"the chat did not start: exit code {self.process.returncode}")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class RawClient:
    """A socket behind a handshake; frames are written by hand, by the test."""

    def __init__(self, chat, user, extensions=None):
        self.socket = socket.create_connection(("127.0.0.1", chat.port), PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        offer = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
        self.socket.sendall(
            f"GET /api/ws?user={user} HTTP/1.1\r\nHost: 127.0.0.1:{chat.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"{offer}Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self._buffer = b""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        assert b" 101 " in head.split(b"\r\n")[0], head

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the server ended the connection")
        self._buffer += data

    def _take(self, length):
        while len(self._buffer) < length:
            self._more()
        taken, self._buffer = self._buffer[:length], self._buffer[length:]
        return taken

    def frame(self):
        """The next frame from the server, of up to 65,535 bytes: its opcode and its payload."""
        first, payload = self.frame_with_bits()
        return first & 0x0F, payload

    def frame_with_bits(self):
        """The same with the whole first byte: FIN, the extensions' bits and the opcode."""
        first, length = self._take(2)
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        return first, self._take(length)

    def send(self, first, payload):
        """One frame of up to 64 KiB, with this first byte and a mask of zeros."""
        length = len(payload)
        head = bytes([first, 0x80 | length]) if length < 126 else bytes([first, 0xFE]) + length.to_bytes(2, "big")
        self.socket.sendall(head + bytes(4) + payload)

    def close_frame(self):
        """The code and the reason with which the server closes; what it sends before is dropped."""
        while True:
            opcode, payload = self.frame()
            if opcode == 8:
                return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    def reset(self):
        """Closes with a RST, as a linger of zero seconds makes it."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
