//! The rooms of a set as it answers for them: how many, which, and who is there.

use std::collections::BTreeMap;

use crate::broadcast::{ClientSet, Member};
use crate::message::Message;
use crate::sync::Arc;

impl<T: Message> ClientSet<T> {
    /// How many rooms there are, the empty ones that are still kept included.
    pub fn rooms(&self) -> usize {
        self.rooms_if_any().map_or(0, |rooms| rooms.len())
    }

    /// The names of these rooms, in their order. A name says that there is the room, not that somebody is in
    /// it: `set.room(name).len()` does.
    ///
    /// ```
    /// use ereo_runtime::ClientSet;
    ///
    /// let chat = ClientSet::<String>::new();
    /// let (tea, art) = (chat.room("tea"), chat.room("art"));
    /// assert_eq!(chat.room_names(), ["art", "tea"]);
    /// # drop((tea, art));
    /// ```
    pub fn room_names(&self) -> Vec<String> {
        self.all_rooms().into_iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    /// How many clients there are in the set and in all rooms of it, and in rooms of these. One that is in
    /// two of them counts twice.
    pub fn len_with_rooms(&self) -> usize {
        let rooms = self.all_rooms();
        self.len() + rooms.iter().map(|(_, room)| room.len_with_rooms()).sum::<usize>()
    }

    /// Who is in the set or in any room of it, or in a room of these, in the order of their keys. Who is in
    /// several is one member, whose connections are all of these, and whose info is that of the set, or else of
    /// the first room by its name.
    ///
    /// ```
    /// use ereo_runtime::{ClientSet, LastEventId};
    ///
    /// # let runtime = actix_web::rt::Runtime::new().unwrap();
    /// # runtime.block_on(async {
    /// let chat = ClientSet::<String>::new();
    /// let tea = chat.room("tea").subscribe(LastEventId::none());
    /// let mut tea = tea.as_member("ann", "reading")?;
    /// // Who is there counts from its first read.
    /// # let _ = futures_util::FutureExt::now_or_never(tea.recv());
    /// let online: Vec<_> = chat.members_with_rooms().iter().map(|ann| ann.key().to_owned()).collect();
    /// assert_eq!(online, ["ann"]);
    /// # Ok::<_, ereo_runtime::EncodeError>(())
    /// # }).unwrap();
    /// ```
    pub fn members_with_rooms(&self) -> Vec<Member> {
        let mut all = BTreeMap::new();
        self.collect_members(&mut all);
        all.into_values().collect()
    }

    fn collect_members(&self, all: &mut BTreeMap<Arc<str>, Member>) {
        for member in self.members() {
            member.join_into(all);
        }
        for (_, room) in self.all_rooms() {
            room.collect_members(all);
        }
    }

    fn all_rooms(&self) -> Vec<(Arc<str>, Self)> {
        self.rooms_if_any().map_or_else(Vec::new, |rooms| rooms.named())
    }
}

impl<T> ClientSet<T> {
    /// The rooms that there are at this moment.
    pub(in crate::broadcast) fn rooms_that_are(&self) -> Vec<Self> {
        self.rooms_if_any().map_or_else(Vec::new, |rooms| rooms.all())
    }
}
