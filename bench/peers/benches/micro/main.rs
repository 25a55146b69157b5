//! Encoders, the frame reader and the log, each beside its nearest peer, with allocations:
//! `bench/run micro [NAME]`.

mod frames;
mod log;
mod messages;
mod sse;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    // One turn takes hardly longer than looking at the clock.
    divan::Divan::default().sample_size(100).config_with_args().main();
}

/// What is sent: text of so many bytes, as JSON.
fn text(size: usize) -> String {
    format!(r#"{{"id":1000017,"text":"{}"}}"#, "x".repeat(size - 26))
}

/// Ends a benchmark's turn: what was made is looked at, and freed while the time still runs. divan
/// would keep what is returned until the sample is over, and so measure the paging in of memory for
/// those that return it.
fn made<T>(made: T) {
    drop(std::hint::black_box(made));
}
