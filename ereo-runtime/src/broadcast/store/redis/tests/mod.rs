//! Who is there at all nodes, over a redis-server for each test, with leases that end soon.

mod account;
mod history;
mod node;
#[path = "../../../../../tests/redis/proxy.rs"]
#[allow(dead_code)]
mod proxy;
mod together;

use crate::broadcast::{Member, PresenceEvent};

/// An event in one word for each member: `=` all, `?` those that are known, `+`, `~` and `-` one.
fn said(event: &PresenceEvent) -> String {
    let said = |member: &Member| format!("{}:{}", member.key(), member.info_json());
    let all = |members: &[Member]| members.iter().map(said).collect::<Vec<_>>().join(" ");
    match event {
        PresenceEvent::Members { members } => format!("={}", all(members)),
        PresenceEvent::Incomplete { members } => format!("?{}", all(members)),
        PresenceEvent::Joined(member) => format!("+{}", said(member)),
        PresenceEvent::Updated(member) => format!("~{}", said(member)),
        PresenceEvent::Left(member) => format!("-{}", said(member)),
    }
}
