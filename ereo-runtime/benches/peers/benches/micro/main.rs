//! Encoders, the frame reader and the log, each beside its nearest peer, with allocations:
//! `tests/run --bench-micro [NAME]`.

mod frames;
mod log;
mod messages;
mod sse;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// What is sent: text of so many bytes, as JSON.
fn text(size: usize) -> String {
    format!(r#"{{"id":1000017,"text":"{}"}}"#, "x".repeat(size - 26))
}
