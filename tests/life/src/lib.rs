//! A server in a process of its own, and clients that are as good or as bad as a test wants.
//!
//! | file | one idea |
//! |---|---|
//! | `server` | the server, and its routes |
//! | `process` | that server as a child: started, told to stop, measured |
//! | `http`, `events`, `socket` | the least of a client that a test needs, over plain TCP |
//! | `balancer` | TCP connections spread over servers that are ready |
//! | `unbroken` | readers that must not notice what becomes of the servers |
//! | `soak`, `attack` | the parts of `tests/run --soak` |

pub mod attack;
pub mod balancer;
pub mod events;
pub mod http;
pub mod process;
pub mod server;
pub mod soak;
pub mod socket;
pub mod unbroken;

/// What any of it fails with.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;
