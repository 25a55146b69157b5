//! Who takes part.

use std::path::{Path, PathBuf};
use std::process::Command;

use ereo_bench::wire;

use crate::deliveries::Protocol;

/// A server under test.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// In options and results.
    pub name: &'static str,
    /// In the tables.
    pub title: &'static str,
    /// How it delivers.
    pub protocol: Protocol,
    /// What it is there for.
    pub purpose: Purpose,
    program: Program,
    lean: bool,
}

/// What a server does with what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It tells all others.
    FanOut,
    /// It says it again, at `/ws`.
    Echo,
}

#[derive(Debug, Clone, Copy)]
enum Program {
    /// A binary of this crate.
    Ours(&'static str),
    /// An example of Ereo.
    Example(&'static str),
    /// A script for Bun.
    Bun(&'static str),
}

use Program::{Bun, Example, Ours};
use Protocol::{Sse, Ws};

const fn server(
    name: &'static str,
    title: &'static str,
    protocol: Protocol,
    program: Program,
) -> Server {
    Server { name, title, protocol, purpose: Purpose::FanOut, program, lean: true }
}

const fn echo(name: &'static str, title: &'static str, program: Program) -> Server {
    Server { purpose: Purpose::Echo, ..server(name, title, Ws, program) }
}

/// All of them, the floors first.
pub const SERVERS: &[Server] = &[
    server("floor-ws", "floor: epoll, one write a client", Ws, Ours("floor")),
    server("ereo-chat-lean", "**Ereo**, lean path", Ws, Example("chat")),
    Server { lean: false, ..server("ereo-chat", "**Ereo**, through actix", Ws, Example("chat")) },
    server("actix-least-ws", "the least through actix", Ws, Ours("peer-actix-least")),
    server("bun-publish", "Bun, native `publish`", Ws, Bun("publish.ts")),
    server("bun-guide", "Bun, the guide's loop", Ws, Bun("guide.ts")),
    server("actix-ws", "actix-ws, a channel a client", Ws, Ours("peer-actix-ws")),
    server("axum-ws", "axum, `tokio::sync::broadcast`", Ws, Ours("peer-axum-ws")),
    server("floor-sse", "floor: epoll, one write a client", Sse, Ours("floor")),
    server("ereo-events-lean", "**Ereo**, lean path", Sse, Example("events")),
    Server {
        lean: false,
        ..server("ereo-events", "**Ereo**, through actix", Sse, Example("events"))
    },
    server("actix-least-sse", "the least through actix", Sse, Ours("peer-actix-least")),
    server("actix-sse", "actix-web-lab, a channel a client", Sse, Ours("peer-actix-sse")),
    server("axum-sse", "axum, `tokio::sync::broadcast`", Sse, Ours("peer-axum-sse")),
    echo("echo-floor", "floor: epoll, one read and one write", Ours("floor")),
    echo("echo-ereo-lean", "**Ereo**, lean path", Example("echo")),
    Server { lean: false, ..echo("echo-ereo", "**Ereo**, through actix", Example("echo")) },
    echo("echo-actix-least", "the least through actix", Ours("peer-actix-least")),
    echo("echo-bun", "Bun", Bun("echo.ts")),
    echo("echo-actix-ws", "actix-ws", Ours("peer-actix-ws")),
    echo("echo-axum", "axum", Ours("peer-axum-ws")),
];

impl Server {
    /// The name of what it is compared with.
    pub fn floor(&self) -> &'static str {
        match (self.purpose, self.protocol) {
            (Purpose::Echo, _) => "echo-floor",
            (Purpose::FanOut, Ws) => "floor-ws",
            (Purpose::FanOut, Sse) => "floor-sse",
        }
    }

    /// Whether it is measured what a client costs that comes and leaves. Of sockets only at those that echo:
    /// a chat tells all of each that comes, which is a fan-out.
    pub fn is_joined(&self) -> bool {
        self.purpose == Purpose::Echo || self.protocol == Sse
    }

    /// What a client sends first.
    pub fn request(&self) -> String {
        match self.purpose {
            Purpose::FanOut => self.protocol.request(),
            Purpose::Echo => wire::upgrade("/ws"),
        }
    }

    /// The same, of a client that comes back.
    pub fn request_after(&self, position: &str) -> String {
        self.request().replacen("\r\n", &format!("\r\nlast-event-id: {position}\r\n"), 1)
    }

    /// How it is started. The programs were built before, into the folder that this one is in.
    pub fn command(&self) -> Command {
        let binaries = folder_of_binaries();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = match self.program {
            Ours(name) => Command::new(binaries.join(name)),
            Example(name) => Command::new(binaries.join("examples").join(name)),
            Bun(script) => {
                let mut bun = Command::new(here.join("bun/node_modules/.bin/bun"));
                bun.arg(here.join("bun").join(script));
                bun
            }
        };
        if !self.lean {
            command.env("LEAN", "off");
        }
        command
    }

    /// The same with so many connections at a time in actix's hands, where those of clients that are
    /// in are none of them.
    pub fn with_few(&self, connections: usize) -> Option<Command> {
        let leaves = self.lean && matches!(self.program, Example(_));
        leaves.then(|| {
            let mut command = self.command();
            command.env("CONNECTIONS", connections.to_string());
            command
        })
    }
}

fn folder_of_binaries() -> PathBuf {
    let this = std::env::current_exe().unwrap_or_default();
    this.parent().map(Path::to_path_buf).unwrap_or_default()
}
