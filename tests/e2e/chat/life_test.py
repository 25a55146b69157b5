"""How connections begin, and how the server ends them."""

import asyncio
import http.client
import time

import websockets
from case import ChatCase
from server import PATIENCE


class Upgrade(ChatCase):
    async def ask(self, **headers):
        """The answer to a plain request."""

        def request():
            connection = http.client.HTTPConnection("127.0.0.1", self.chat.port, timeout=PATIENCE)
            connection.request("GET", "/api/ws", headers=headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer

        return await asyncio.to_thread(request)

    async def test_a_plain_get_is_400(self):
        self.assertEqual((await self.ask()).status, 400)

    async def test_another_version_is_426_and_told_the_right_one(self):
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        answer = await self.ask(**upgrade, **{"Sec-WebSocket-Version": "8"})
        self.assertEqual((answer.status, answer.headers["Sec-WebSocket-Version"]), (426, "13"))

    async def test_only_pages_of_the_same_origin(self):
        witness = await self.join("witness")
        port = self.chat.port
        for origin in ("http://evil.example", "null", f"http://127.0.0.1:{port + 1}", f"http://127.0.0.1.evil:{port}"):
            with self.assertRaises(websockets.InvalidStatus, msg=origin) as raised:
                await websockets.connect(f"{self.chat.url}?user=evil", origin=origin)
            self.assertEqual(raised.exception.response.status_code, 403, origin)
        # Nobody joined in between.
        async with websockets.connect(f"{self.chat.url}?user=own", origin=f"http://127.0.0.1:{port}"):
            self.assertEqual(await self.told(witness), {"type": "user_joined", "userId": "own"})


class Drain(ChatCase):
    async def test_sigterm_closes_all_with_1012_and_the_process_ends(self):
        users = [await self.join(name) for name in ("ann", "bob", "cid")]
        started = time.monotonic()
        self.chat.terminate()
        for user in users:
            self.assertEqual((await self.closed(user))[0], 1012)
        self.assertEqual(await asyncio.to_thread(self.chat.process.wait, PATIENCE), 0)
        # The drain has ten seconds, and nobody is left to wait for.
        self.assertLess(time.monotonic() - started, 5)

    async def test_a_client_that_does_not_answer_does_not_keep_the_process(self):
        silent = await self.join_raw("silent")
        self.chat.terminate()
        self.assertEqual((await asyncio.to_thread(silent.close_frame))[0], 1012)
        self.assertEqual(await asyncio.to_thread(self.chat.process.wait, PATIENCE), 0)
