//! Types that a route's attribute tells a contract, as its signature spells them.

use crate::message::{Describe, Description};

/// The schemas of a route's types, where they have one.
#[derive(Debug)]
pub struct Told {
    /// Of what is sent, if the signature spells it.
    pub sent: Option<Describe>,
    /// Of what the hook `message` takes.
    pub received: Option<Describe>,
    /// Of each argument that may be the connection.
    pub connections: &'static [Conversation],
    /// Of each `Query<T>`.
    pub queries: &'static [Option<Describe>],
    /// The route that a loader goes on over, as it is registered.
    pub live: Option<&'static str>,
}

/// What an argument says of a connection: nothing, if it is none.
#[derive(Debug)]
pub struct Conversation {
    /// Of what is received.
    pub received: Option<Describe>,
    /// Of what is sent.
    pub sent: Option<Describe>,
    /// What the message that is sent says itself.
    pub message: Option<fn() -> Description>,
}
