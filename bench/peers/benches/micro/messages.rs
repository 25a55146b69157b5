//! A value to what is sent of it.

use std::hint::black_box;

use divan::Bencher;
use ereo_runtime::Message as _;
use ereo_runtime::prelude::*;

use crate::made;

#[derive(Clone, Serialize, Message)]
struct Stats {
    active_users: u64,
    revenue_today: f64,
    note: String,
}

#[derive(Clone, Serialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Stats(Stats),
}

fn stats() -> Stats {
    Stats { active_users: 1_234, revenue_today: 5_678.5, note: "x".repeat(80) }
}

#[divan::bench]
fn struct_to_event(bencher: Bencher<'_, '_>) {
    let stats = stats();
    bencher.bench_local(|| made(black_box(&stats).to_event().expect("it serializes").encode()));
}

#[divan::bench]
fn struct_to_frame(bencher: Bencher<'_, '_>) {
    let stats = stats();
    bencher.bench_local(|| made(black_box(&stats).to_payload().expect("it serializes")));
}

#[divan::bench]
fn enum_to_event(bencher: Bencher<'_, '_>) {
    let told = Told::Stats(stats());
    bencher.bench_local(|| made(black_box(&told).to_event().expect("it serializes").encode()));
}

#[divan::bench]
fn enum_to_frame(bencher: Bencher<'_, '_>) {
    let told = Told::Stats(stats());
    bencher.bench_local(|| made(black_box(&told).to_payload().expect("it serializes")));
}

/// What any of them must do at least.
#[divan::bench]
fn serde_json_alone(bencher: Bencher<'_, '_>) {
    let stats = stats();
    bencher.bench_local(|| made(serde_json::to_string(black_box(&stats)).expect("it serializes")));
}
