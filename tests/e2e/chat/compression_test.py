"""permessage-deflate, negotiated and spoken with zlib through Python's `websockets`."""

import asyncio
import json
import zlib

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from case import ChatCase

# Repeats itself, and is larger than the smallest windows.
LONG = "a line that is said again and again; " * 200


class Compression(ChatCase):
    async def join_compressed(self, name, **parameters):
        """Joins with one offer; `websockets` itself refuses an answer that does not keep it."""
        offer = ClientPerMessageDeflateFactory(**parameters)
        user = await websockets.connect(
            f"{self.chat.url}?user={name}", compression=None, extensions=[offer]
        )
        self.users.append(user)
        await self.all_told({"type": "user_joined", "userId": name})
        return user

    def agreed(self, user):
        header = user.response.headers["Sec-WebSocket-Extensions"]
        self.assertEqual([extension.name for extension in user.protocol.extensions], ["permessage-deflate"])
        return header

    async def test_the_default_offer_is_taken(self):
        user = await websockets.connect(f"{self.chat.url}?user=ann")
        self.users.append(user)
        await self.all_told({"type": "user_joined", "userId": "ann"})
        self.assertEqual(
            self.agreed(user),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        )

    async def test_without_an_offer_nothing_is_agreed(self):
        user = await self.join("ann")
        self.assertNotIn("Sec-WebSocket-Extensions", user.response.headers)

    async def test_everybody_reads_what_is_said_whatever_they_negotiated(self):
        plain = await self.join("plain")
        users = [plain]
        for bits in range(9, 16):
            user = await self.join_compressed(f"bits{bits}", server_max_window_bits=bits)
            self.assertIn(f"server_max_window_bits={bits}", self.agreed(user))
            users.append(user)
        users.append(await self.join_compressed("alone", client_no_context_takeover=True))
        users.append(await self.join_compressed("limited", client_max_window_bits=9))
        for number, speaker in enumerate(users):
            # What is said comes compressed, and goes out compressed to those who read it so.
            text = f"{number}: {LONG}"
            await self.say(speaker, id=number, text=text)
            self.assertEqual(await self.told(speaker), {"type": "ack", "id": number})
            for other in users:
                if other is not speaker:
                    heard = await self.told(other)
                    self.assertEqual((heard["type"], heard["text"]), ("message", text))

    async def test_a_window_that_cannot_be_kept_is_declined(self):
        user = await self.join_compressed("ann", server_max_window_bits=8)
        self.assertNotIn("Sec-WebSocket-Extensions", user.response.headers)
        self.assertEqual(user.protocol.extensions, [])

    async def test_what_is_said_takes_fewer_bytes(self):
        speaker = await self.join("ann")
        raw = await self.join_raw("ben", extensions="permessage-deflate")
        await self.say(speaker, text=LONG)
        self.assertEqual((await self.told(speaker))["type"], "ack")
        first, payload = await asyncio.to_thread(raw.frame_with_bits)
        self.assertEqual(first & 0x70, 0x40, "RSV1 says that it is compressed")
        self.assertLess(len(payload), len(json.dumps(LONG)) // 20)

    async def test_a_bomb_is_cut(self):
        ann = await self.join("ann")
        raw = await self.join_raw("ben", extensions="permessage-deflate")
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = compressor.compress(b'{"text":"' + b"x" * (64 << 20)) + compressor.flush(zlib.Z_SYNC_FLUSH)
        raw.send(0xC1, bomb[:-4])
        code, reason = await asyncio.to_thread(raw.close_frame)
        self.assertEqual(code, 1009, reason)
        await self.left("ben")
        await self.say(ann, id=1)
        self.assertEqual(await self.told(ann), {"type": "ack", "id": 1})

    async def test_a_corrupt_message_ends_one_connection(self):
        await self.join("ann")
        raw = await self.join_raw("ben", extensions="permessage-deflate")
        raw.send(0xC1, b"\xff\xff\xff\xff")
        code, _ = await asyncio.to_thread(raw.close_frame)
        self.assertEqual(code, 1007)
        await self.left("ben")
