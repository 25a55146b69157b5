"""Who is told what: joined, ack, message, left."""

import asyncio

from case import ChatCase


class Talk(ChatCase):
    async def test_ack_to_the_sender_and_message_to_the_others(self):
        ann, bob, cid = await self.join("ann"), await self.join("bob"), await self.join("cid")
        await self.say(ann, id=7, text="hi", more={"deep": [1, None]})
        self.assertEqual(await self.told(ann), {"type": "ack", "id": 7})
        expected = {"type": "message", "userId": "ann", "id": 7, "text": "hi", "more": {"deep": [1, None]}}
        for other in (bob, cid):
            self.assertEqual(await self.told(other), expected)
        await self.nothing_else()

    async def test_ids_of_every_kind_and_none(self):
        ann, bob = await self.join("ann"), await self.join("bob")
        for id in (0, -1.5, "seven", None, [1], {"a": 1}):
            await self.say(ann, id=id)
            self.assertEqual(await self.told(ann), {"type": "ack", "id": id})
            self.assertEqual(await self.told(bob), {"type": "message", "userId": "ann", "id": id})
        await self.say(ann, text="no id")
        self.assertEqual(await self.told(ann), {"type": "ack"})
        self.assertEqual(await self.told(bob), {"type": "message", "userId": "ann", "text": "no id"})

    async def test_nobody_speaks_for_another_or_for_the_server(self):
        ann, bob = await self.join("ann"), await self.join("bob")
        await self.say(ann, id=1, userId="bob", type="user_left", text="x")
        self.assertEqual(await self.told(ann), {"type": "ack", "id": 1})
        self.assertEqual(await self.told(bob), {"type": "message", "userId": "ann", "id": 1, "text": "x"})
        # As text: a parser would hide that a name is there twice.
        await ann.send('{"type":"ack","userId":"bob","type":"user_left","userId":"cid"}')
        self.assertEqual(await bob.recv(), '{"type":"message","userId":"ann"}')

    async def test_without_a_name_one_is_anonymous(self):
        await self.join()
        await self.join("")
        await self.say(self.users[0], text="who?")
        self.assertEqual((await self.told(self.users[1]))["userId"], "anonymous")

    async def test_leaving_in_every_way_is_told_once(self):
        await self.join("stays")
        polite, aborts = await self.join("polite"), await self.join("aborts")
        self.users.remove(polite)
        await polite.close()
        await self.left("polite")
        self.users.remove(aborts)
        aborts.transport.abort()
        await self.left("aborts")
        resets = await self.join_raw("resets")
        resets.reset()
        await self.left("resets")
        await self.nothing_else()

    async def test_two_thousand_messages_in_order_beside_another_speaker(self):
        ann, bob, cid = await self.join("ann"), await self.join("bob"), await self.join("cid")
        said = {"ann": list(range(2000)), "cid": list(range(200))}

        async def speak(user, name):
            for n in said[name]:
                await self.say(user, id=n, text=f"{name} says {n}")

        async def hear(user, expected):
            """What comes, as many as are expected, sorted by who said it."""
            heard = {key: [] for key in expected}
            for _ in range(sum(map(len, expected.values()))):
                told = await self.told(user)
                heard[told["userId"] if told["type"] == "message" else told["type"]].append(told["id"])
            self.assertEqual(heard, expected)

        await asyncio.gather(
            speak(ann, "ann"),
            speak(cid, "cid"),
            hear(ann, {"ack": said["ann"], "cid": said["cid"]}),
            hear(bob, said),
            hear(cid, {"ack": said["cid"], "ann": said["ann"]}),
        )
        await self.nothing_else()
