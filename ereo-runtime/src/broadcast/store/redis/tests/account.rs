//! The naive account: who is connected where, by what the test did; and what a node's clients make of its news.

use std::collections::{BTreeMap, BTreeSet};

/// What was told by one process, applied.
#[derive(Debug, Default)]
pub(super) struct View {
    members: BTreeMap<String, String>,
    /// None before the first news.
    is_complete: Option<bool>,
    /// Everything, for a failure's message.
    pub(super) told: Vec<String>,
    /// What is wrong with it, or had to be told to nobody.
    pub(super) wrong: Vec<String>,
    /// Who was told to have left, since it began.
    pub(super) left: BTreeSet<String>,
    /// What another reader was told, who came later.
    pub(super) looked: Option<BTreeMap<String, String>>,
    /// It was slower than its lease, as on a machine that is busy.
    pub(super) begins_anew: bool,
}

fn pairs(members: &str) -> BTreeMap<String, String> {
    let pair = |member: &str| {
        let (key, info) = member.split_once(':').expect("a key and an info");
        (key.to_owned(), info.to_owned())
    };
    members.split(' ').filter(|member| !member.is_empty()).map(pair).collect()
}

impl View {
    pub(super) fn hear(&mut self, node: usize, said: &str) {
        self.told.push(said.to_owned());
        let (kind, members) = said.split_at(1);
        if kind == "!" {
            self.looked = members.strip_prefix('=').map(pairs);
            return;
        }
        let members = pairs(members);
        let mut wrong = |what: &str| self.wrong.push(format!("node {node}: {what}: {said}"));
        match kind {
            "=" | "?" => {
                let gone = self.members.keys().filter(|key| !members.contains_key(*key));
                let gone = gone.cloned().collect::<Vec<_>>();
                if kind == "?" && self.is_complete.is_some() && !gone.is_empty() {
                    wrong("who is not known to have left is gone");
                }
                self.left.extend(gone);
                self.is_complete = Some(kind == "=");
                self.members = members;
            }
            _ if self.is_complete.is_none() => wrong("news before the members"),
            _ => {
                let (key, info) = members.into_iter().next().expect("a member");
                let known = self.members.get(&key);
                match kind {
                    "+" if known.is_some() => wrong("joined who was there"),
                    "~" if known.is_none_or(|known| *known == info) => wrong("no update"),
                    "-" if known.is_none() => wrong("left who was not there"),
                    "-" if self.is_complete == Some(false) => wrong("a leave was invented"),
                    _ => {}
                }
                if kind == "-" {
                    self.members.remove(&key);
                    self.left.insert(key);
                } else {
                    self.members.insert(key, info);
                }
            }
        }
    }

    /// The members, where it says that it knows all.
    pub(super) fn all(&self) -> Option<&BTreeMap<String, String>> {
        (self.is_complete == Some(true)).then_some(&self.members)
    }
}

/// Which connections there are.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Of each, its node and its member.
    pub(super) connections: BTreeMap<u32, (usize, String)>,
    names: u32,
}

impl Account {
    pub(super) fn enters(&mut self, node: usize, key: &str) -> String {
        self.names += 1;
        self.connections.insert(self.names, (node, key.to_owned()));
        format!("enter {} {key} {node}", self.names)
    }

    pub(super) fn leaves(&mut self, name: u32) -> String {
        self.connections.remove(&name);
        format!("leave {name}")
    }

    pub(super) fn dies(&mut self, node: usize) {
        self.connections.retain(|_, (at, _)| *at != node);
    }

    pub(super) fn members(&self) -> BTreeSet<&str> {
        self.connections.values().map(|(_, key)| key.as_str()).collect()
    }
}
