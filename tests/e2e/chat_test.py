"""The example `chat`, driven by Python's `websockets`, which nobody here wrote.

usage: chat_test.py CHAT_BINARY
"""

import asyncio
import json
import sys
import unittest

import websockets

from chat_server import PATIENCE, Chat, RawClient

BINARY = sys.argv.pop(1)


class ChatTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.chat = Chat(BINARY)
        self.addCleanup(self.chat.kill)
        await self.chat.ready()
        self.users = []

    async def asyncTearDown(self):
        for user in self.users:
            user.transport.abort()

    async def join(self, name=None):
        """Connects, and reads everybody's word of it."""
        query = "" if name is None else f"?user={name}"
        user = await websockets.connect(self.chat.url + query, compression=None)
        self.users.append(user)
        expected = {"type": "user_joined", "userId": name or "anonymous"}
        for other in self.users:
            self.assertEqual(await self.told(other), expected)
        return user

    async def told(self, user):
        return json.loads(await asyncio.wait_for(user.recv(), PATIENCE))

    async def say(self, user, **fields):
        await user.send(json.dumps(fields))

    async def closed(self, user):
        """How the server closed the connection."""
        with self.assertRaises(websockets.ConnectionClosed) as raised:
            while True:
                await asyncio.wait_for(user.recv(), PATIENCE)
        self.users.remove(user)
        return raised.exception.rcvd.code, raised.exception.rcvd.reason

    async def left(self, name):
        for other in self.users:
            self.assertEqual(await self.told(other), {"type": "user_left", "userId": name})

    async def still_works(self, *users):
        """Each of the users says something, and all others hear it."""
        for speaker in users:
            await self.say(speaker, id="check", text="still here")
            self.assertEqual(await self.told(speaker), {"type": "ack", "id": "check"})
            for other in users:
                if other is not speaker:
                    self.assertEqual((await self.told(other))["text"], "still here")

    async def test_ack_to_the_sender_message_to_the_others(self):
        ann, bob, cid = await self.join("ann"), await self.join("bob"), await self.join("cid")
        await self.say(ann, id=7, text="hi", more={"deep": [1, None]})
        self.assertEqual(await self.told(ann), {"type": "ack", "id": 7})
        expected = {"type": "message", "userId": "ann", "id": 7, "text": "hi", "more": {"deep": [1, None]}}
        for other in (bob, cid):
            self.assertEqual(await self.told(other), expected)
        # Had the sender got its own message, it would come before this.
        await self.still_works(ann, bob, cid)

    async def test_ids_of_every_kind_and_none(self):
        ann, bob = await self.join("ann"), await self.join("bob")
        for id in (0, -1.5, "seven", None, [1], {"a": 1}):
            await self.say(ann, id=id)
            self.assertEqual(await self.told(ann), {"type": "ack", "id": id})
            self.assertEqual(await self.told(bob), {"type": "message", "userId": "ann", "id": id})
        await self.say(ann, text="no id")
        self.assertEqual(await self.told(ann), {"type": "ack"})

    async def test_nobody_speaks_for_another(self):
        ann, bob = await self.join("ann"), await self.join("bob")
        await self.say(ann, id=1, userId="bob", type="user_left", text="x")
        self.assertEqual(await self.told(ann), {"type": "ack", "id": 1})
        expected = {"type": "message", "userId": "ann", "id": 1, "text": "x"}
        self.assertEqual(await self.told(bob), expected)

    async def test_without_a_name_one_is_anonymous(self):
        await self.join()
        await self.join("")

    async def test_leaving_in_every_way_is_told(self):
        stays = await self.join("stays")
        polite, aborts = await self.join("polite"), await self.join("aborts")
        self.users.remove(polite)
        await polite.close()
        await self.left("polite")
        self.users.remove(aborts)
        aborts.transport.abort()
        await self.left("aborts")
        resets = await asyncio.to_thread(RawClient, self.chat, "resets")
        self.assertEqual(await self.told(stays), {"type": "user_joined", "userId": "resets"})
        resets.reset()
        await self.left("resets")

    async def test_two_thousand_messages_in_order(self):
        ann, bob, cid = await self.join("ann"), await self.join("bob"), await self.join("cid")
        count = 2000

        async def speak(user, name, messages):
            for n in range(messages):
                await self.say(user, id=n, n=n, by=name)

        async def hear(user, own):
            """Everything that comes, sorted by who said it."""
            heard = {"ack": [], "ann": [], "cid": []}
            said = {"ann": count, "cid": 200}
            expected = said | {"ack": said.get(own, 0), own: 0}
            while any(len(heard[key]) < expected[key] for key in heard):
                told = await self.told(user)
                key, number = ("ack", told["id"]) if told["type"] == "ack" else (told["userId"], told["n"])
                heard[key].append(number)
            return {key: numbers for key, numbers in heard.items() if expected[key]}

        _, _, by_ann, by_bob, by_cid = await asyncio.gather(
            speak(ann, "ann", count),
            speak(cid, "cid", 200),
            hear(ann, "ann"),
            hear(bob, "bob"),
            hear(cid, "cid"),
        )
        all_of_ann, all_of_cid = list(range(count)), list(range(200))
        self.assertEqual(by_bob, {"ann": all_of_ann, "cid": all_of_cid})
        self.assertEqual(by_ann, {"ack": all_of_ann, "cid": all_of_cid})
        self.assertEqual(by_cid, {"ack": all_of_cid, "ann": all_of_ann})

    async def test_bad_input_closes_one_connection_with_the_right_code(self):
        ann, bob = await self.join("ann"), await self.join("bob")
        for text, code, says in [
            ("{bad", 1007, "line 1"),
            ("[1]", 1007, "expected a map"),
            ("x" * (64 * 1024 + 1), 1009, "65536"),
        ]:
            mallory = await self.join("mallory")
            await mallory.send(text)
            got, reason = await self.closed(mallory)
            self.assertEqual(got, code, reason)
            self.assertIn(says, reason)
            await self.left("mallory")
            await self.still_works(ann, bob)

    async def test_broken_frames_close_one_connection_with_the_right_code(self):
        ann = await self.join("ann")
        for opcode, payload, masked, code in [
            (1, b"\xff\xfe", True, 1007),  # text that is not UTF-8
            (1, b"{}", False, 1002),  # not masked
            (3, b"", True, 1002),  # an opcode that there is not
            (0, b"", True, 1002),  # a continuation of nothing
        ]:
            raw = await asyncio.to_thread(RawClient, self.chat, "raw")
            self.assertEqual(await self.told(ann), {"type": "user_joined", "userId": "raw"})
            raw.send(opcode, payload, masked=masked)
            got, reason = await asyncio.to_thread(raw.close_code)
            self.assertEqual(got, code, reason)
            await self.left("raw")
            raw.socket.close()
        await self.still_works(ann)

    async def test_fragments_with_pings_between(self):
        ann = await self.join("ann")
        raw = await asyncio.to_thread(RawClient, self.chat, "raw")
        await self.told(ann)
        raw.send(1, b'{"id": 1, ', fin=False)
        raw.send(9, b"ping")
        raw.send(0, b'"text": "h', fin=False)
        raw.send(0, "é".encode()[:1], fin=False)
        raw.send(0, "é".encode()[1:] + b'"}')
        expected = {"type": "message", "userId": "raw", "id": 1, "text": "hé"}
        self.assertEqual(await self.told(ann), expected)
        frames = [await asyncio.to_thread(raw.frame) for _ in range(3)]
        self.assertIn((10, b"ping"), frames)
        self.assertIn((1, b'{"type":"ack","id":1}'), frames)
        raw.reset()

    async def test_failed_upgrades_are_http(self):
        plain, _ = await asyncio.to_thread(self.chat.http, {})
        self.assertEqual(plain, 400)
        upgrade = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        old, headers = await asyncio.to_thread(self.chat.http, upgrade | {"Sec-WebSocket-Version": "8"})
        self.assertEqual((old, headers["Sec-WebSocket-Version"]), (426, "13"))

    async def test_only_pages_of_the_same_origin(self):
        own = f"http://127.0.0.1:{self.chat.port}"
        user = await websockets.connect(self.chat.url, origin=own)
        await user.close()
        for origin in ("http://evil.example", "null", f"http://127.0.0.1:{self.chat.port + 1}"):
            with self.assertRaises(websockets.InvalidStatus) as raised:
                await websockets.connect(self.chat.url, origin=origin)
            self.assertEqual(raised.exception.response.status_code, 403, origin)

    async def test_sigterm_closes_with_1012_and_the_process_ends(self):
        users = [await self.join("ann"), await self.join("bob")]
        self.chat.terminate()
        for user in users:
            code, _ = await self.closed(user)
            self.assertEqual(code, 1012)
        # Of its ten seconds; there is nobody left to wait for.
        self.assertEqual(await asyncio.to_thread(self.chat.process.wait, 5), 0)


if __name__ == "__main__":
    unittest.main()
