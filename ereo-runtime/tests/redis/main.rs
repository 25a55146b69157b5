//! Sets over Redis, with a redis-server for each test: `sudo apt-get install redis-server`, as tests/run does.

mod commands;
mod faults;
mod nodes;
mod oracle;
mod proxy;
mod sentinel;
mod server;
mod start;
#[path = "../http/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;
