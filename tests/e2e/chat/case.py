"""What the tests of the chat share: a chat of its own for each, and users who read all they are told."""

import asyncio
import json
import os
import unittest

import websockets

from server import PATIENCE, Chat, RawClient


class ChatCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.chat = Chat(os.environ["CHAT_BIN"])
        self.addCleanup(self.chat.kill)
        await self.chat.ready()
        self.users = []

    async def asyncTearDown(self):
        for user in self.users:
            user.transport.abort()

    async def join(self, name=None):
        """Connects, and reads everybody's word of it, the joiner's own too."""
        query = "" if name is None else f"?user={name}"
        user = await websockets.connect(self.chat.url + query, compression=None)
        self.users.append(user)
        await self.all_told({"type": "user_joined", "userId": name or "anonymous"})
        return user

    async def join_raw(self, name, extensions=None):
        """A client whose frames are written by hand; it has read its own word of joining."""
        raw = await asyncio.to_thread(RawClient, self.chat, name, extensions)
        self.addCleanup(raw.socket.close)
        joined = {"type": "user_joined", "userId": name}
        await self.all_told(joined)
        opcode, payload = await asyncio.to_thread(raw.frame)
        self.assertEqual((opcode, json.loads(payload)), (1, joined))
        return raw

    async def told(self, user):
        return json.loads(await asyncio.wait_for(user.recv(), PATIENCE))

    async def all_told(self, expected):
        for user in self.users:
            self.assertEqual(await self.told(user), expected)

    async def left(self, name):
        await self.all_told({"type": "user_left", "userId": name})

    async def say(self, user, **fields):
        await user.send(json.dumps(fields))

    async def closed(self, user):
        """How the server closed the connection: code and reason."""
        self.users.remove(user)
        with self.assertRaises(websockets.ConnectionClosed) as raised:
            while True:
                await asyncio.wait_for(user.recv(), PATIENCE)
        close = raised.exception.rcvd
        self.assertIsNotNone(close, "the connection broke without a close frame")
        return close.code, close.reason

    async def nothing_else(self):
        """Everybody says something in turn, and all that any of them hears is that."""
        for speaker in self.users:
            await self.say(speaker, id="check", text="still here")
            self.assertEqual(await self.told(speaker), {"type": "ack", "id": "check"})
            for other in self.users:
                if other is not speaker:
                    heard = await self.told(other)
                    self.assertEqual((heard["type"], heard["text"]), ("message", "still here"))
