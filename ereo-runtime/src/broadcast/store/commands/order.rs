//! A command as it stands in the log of commands: a line of JSON, and what is sent behind it.

use serde::{Deserialize, Serialize};

use crate::broadcast::Who;
use crate::ending::Ending;
use crate::wire::ClientName;

/// The format that this version writes, and reads.
const FORMAT: u8 = 1;

/// What is to be done, to whom, at every node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// Who has issued it, and the number among theirs: they rise in the order of the log.
    pub(super) by: u64,
    pub(super) number: u64,
    pub(super) task: Task,
}

/// The same without who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    /// The log of the set that it is about.
    pub(super) log: String,
    pub(super) whom: Whom,
    pub(super) what: What,
}

/// [`Who`], to be kept. An id means something in its own process only: a connection goes by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Whom {
    Member(String),
    Client(ClientName),
    All,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Their connections end, in the set and its rooms.
    End(Ending),
    /// Their sockets in the set are sent this message, as its store would keep it.
    Send(String),
}

/// The line.
#[derive(Serialize, Deserialize)]
struct Line {
    v: u8,
    by: u64,
    n: u64,
    log: String,
    who: Whom,
    #[serde(rename = "do")]
    does: Does,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Does {
    End { code: u16, reason: String, r#final: bool },
    Send,
}

impl Whom {
    pub(super) fn of(who: Who<'_>) -> Self {
        match who {
            Who::Member(key) => Self::Member(key.to_owned()),
            Who::Client(client) => Self::Client(client.name()),
            Who::Named(client) => Self::Client(client),
            Who::All => Self::All,
        }
    }

    pub(super) fn who(&self) -> Who<'_> {
        match self {
            Self::Member(key) => Who::Member(key),
            Self::Client(client) => Who::Named(*client),
            Self::All => Who::All,
        }
    }
}

impl Order {
    pub(super) fn text(&self) -> String {
        let Task { log, whom, what } = &self.task;
        let (does, payload) = match what {
            What::End(ending) => {
                let (code, reason) = (ending.close_code(), ending.reason().to_owned());
                (Does::End { code, reason, r#final: ending.is_final() }, "")
            }
            What::Send(payload) => (Does::Send, &**payload),
        };
        let (by, n, log, who) = (self.by, self.number, log.clone(), whom.clone());
        let line = serde_json::to_string(&Line { v: FORMAT, by, n, log, who, does });
        // Text and numbers are JSON.
        line.unwrap_or_default() + "\n" + payload
    }

    /// None where it is of a version that this one does not know, or none of ours.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (line, payload) = text.split_once('\n')?;
        let line: Line = serde_json::from_str(line).ok()?;
        let Line { v: FORMAT, by, n: number, log, who: whom, does } = line else { return None };
        let what = match does {
            Does::End { code, reason, r#final } => {
                let ending = Ending::new(code, reason).ok()?;
                What::End(if r#final { ending.final_() } else { ending })
            }
            Does::Send => What::Send(payload.to_owned()),
        };
        Some(Self { by, number, task: Task { log, whom, what } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ClientId;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let name = ClientId::next().name();
        let whoms = [Who::Member("an\nn\"é"), Who::Client(name.here().unwrap()), Who::All];
        let whats = [
            What::End(Ending::code(4001, "a \"b\"\n").final_()),
            What::End(Ending::code(1000, "")),
            What::Send("{\"a\":\n1}".to_owned()),
        ];
        for (whom, what) in whoms.iter().flat_map(|who| whats.iter().map(move |what| (who, what))) {
            let task = Task { log: "a/b%2F".to_owned(), whom: Whom::of(*whom), what: what.clone() };
            let order = Order { by: u64::MAX, number: 7, task };
            assert_eq!(Order::of(&order.text()), Some(order));
        }
        assert_eq!(Whom::of(Who::Named(name)).who(), Who::Named(name));
    }

    #[test]
    fn what_is_no_order_of_this_version_is_none() {
        let good = r#"{"v":1,"by":1,"n":1,"log":"a","who":"all","do":{"end":{"code":4000,"reason":"","final":true}}}"#;
        assert!(Order::of(&format!("{good}\n")).is_some());
        for (from, to) in
            [("\"v\":1", "\"v\":2"), ("4000", "1006"), ("\"all\"", "\"some\""), ("end", "begin")]
        {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            assert_eq!(Order::of(&format!("{bad}\n")), None, "{bad}");
        }
        for text in ["", "\n", good, "x\n"] {
            assert_eq!(Order::of(text), None, "{text}");
        }
    }
}
