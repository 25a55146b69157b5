"""Bad input closes the connection that it came from, with the right code, and hurts nobody else."""

import asyncio
import json

from case import ChatCase

TEXT, BINARY, PING, PONG = 1, 2, 9, 10
LIMIT = 64 * 1024


class BadMessages(ChatCase):
    async def refused(self, message, code, *says):
        """The sender's connection is closed, the others hear that it left, and go on."""
        await self.join("ann")
        await self.join("bob")
        mallory = await self.join("mallory")
        await mallory.send(message)
        got, reason = await self.closed(mallory)
        self.assertEqual(got, code, reason)
        for part in says:
            self.assertIn(part, reason)
        await self.left("mallory")
        await self.nothing_else()

    async def test_json_that_does_not_parse(self):
        # What is wrong, and where.
        await self.refused('{"id": 1, text: "hi"}', 1007, "key must be a string", "line 1 column 11")

    async def test_json_that_is_no_object(self):
        await self.refused("[1]", 1007, "sequence", "expected a map")

    async def test_binary_is_read_as_json_too(self):
        await self.refused(b"\x00\xff", 1007, "line 1 column 1")

    async def test_a_message_over_the_limit(self):
        await self.refused("x" * (LIMIT + 1), 1009, str(LIMIT))

    async def test_fragments_that_are_together_over_the_limit(self):
        await self.refused(["x" * LIMIT, "x"], 1009, str(LIMIT))

    async def test_a_message_at_the_limit_is_none_of_that(self):
        ann, bob = await self.join("ann"), await self.join("bob")
        text = "x" * (LIMIT - len(json.dumps({"text": ""})))
        await self.say(ann, text=text)
        self.assertEqual(await self.told(ann), {"type": "ack"})
        self.assertEqual((await self.told(bob))["text"], text)


class BadFrames(ChatCase):
    async def refused(self, code, *frames):
        await self.join("ann")
        await self.join("bob")
        mallory = await self.join_raw("mallory")
        for frame in frames:
            mallory.socket.sendall(frame)
        got, reason = await asyncio.to_thread(mallory.close_frame)
        self.assertEqual(got, code, reason)
        self.assertTrue(reason)
        await self.left("mallory")
        await self.nothing_else()

    async def test_text_that_is_not_utf8(self):
        await self.refused(1007, frame(TEXT, b'{"text": "\xff"}'))

    async def test_not_masked(self):
        await self.refused(1002, frame(TEXT, b"{}", masked=False))

    async def test_an_opcode_that_there_is_not(self):
        await self.refused(1002, frame(3, b""))

    async def test_a_continuation_of_nothing(self):
        await self.refused(1002, frame(0, b""))

    async def test_a_length_over_the_limit_is_refused_before_any_of_it_came(self):
        announced = bytes([0x80 | TEXT, 0x80 | 127]) + (1 << 30).to_bytes(8, "big") + bytes(4)
        await self.refused(1009, announced)


class Fragments(ChatCase):
    async def test_a_message_in_fragments_with_pings_between(self):
        await self.join("ann")
        raw = await self.join_raw("raw")
        accent = "é".encode()
        for part in [
            frame(TEXT, b'{"id": 1, ', fin=False),
            frame(PING, b"first"),
            frame(0, b'"text": "' + accent[:1], fin=False),
            frame(PING, b"second"),
            frame(0, accent[1:] + b'"}'),
        ]:
            raw.socket.sendall(part)
        await self.all_told({"type": "message", "userId": "raw", "id": 1, "text": "é"})
        frames = [await asyncio.to_thread(raw.frame) for _ in range(3)]
        ack = (TEXT, b'{"type":"ack","id":1}')
        self.assertEqual(frames, [(PONG, b"first"), (PONG, b"second"), ack])


def frame(opcode, payload, masked=True, fin=True):
    """A client's frame; the payload is of up to 125 bytes."""
    mask = b"\x37\xfa\x21\x3d" if masked else b""
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload
    head = [opcode | (0x80 if fin else 0), len(payload) | (0x80 if masked else 0)]
    return bytes(head) + mask + body
