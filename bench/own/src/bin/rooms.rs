//! What a room costs: bytes a room of a set with 100,000 of them, as the allocator counts them and as
//! resident memory.
//!
//! Usage: `rooms [ROOMS]`; `bench/run rooms` calls it.
//!
//! Each case runs in a process of its own, so that none of them lives on what another one freed.

use std::env;
use std::fs;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::process::Command;
use std::task::{Context, Waker};

use allocation_counter::AllocationInfo;
use ereo_runtime::{ClientSet, LastEventId, Subscription};

type Set = ClientSet<String>;

struct Case {
    name: &'static str,
    /// Fills one room and gives the clients in it.
    fill: fn(&Set) -> Vec<Subscription<String>>,
}

const CASES: [Case; 6] = [
    Case { name: "with nobody in it", fill: |_| Vec::new() },
    Case { name: "the same, one message of 100 bytes kept", fill: |room| told(room, Vec::new()) },
    Case { name: "1 reader that waits", fill: |room| readers(room, 1) },
    Case { name: "3 readers that wait", fill: |room| readers(room, 3) },
    Case {
        name: "the same, one message of 100 bytes kept",
        fill: |room| told(room, readers(room, 3)),
    },
    Case { name: "3 members with a name", fill: |room| (0..3).map(|n| member(room, n)).collect() },
];

fn told(room: &Set, mut readers: Vec<Subscription<String>>) -> Vec<Subscription<String>> {
    room.broadcast(&"x".repeat(100)).expect("a text can be encoded");
    readers.iter_mut().for_each(read);
    readers
}

fn readers(room: &Set, count: usize) -> Vec<Subscription<String>> {
    let mut readers: Vec<_> = (0..count).map(|_| room.subscribe(LastEventId::none())).collect();
    readers.iter_mut().for_each(read);
    readers
}

fn member(room: &Set, number: usize) -> Subscription<String> {
    let reader = room.subscribe(LastEventId::none());
    let mut member = reader.as_member(number, "a name").expect("a text can be encoded");
    read(&mut member);
    member
}

/// Reads what there is, and waits for more.
fn read(reader: &mut Subscription<String>) {
    let mut cx = Context::from_waker(Waker::noop());
    while pin!(reader.recv()).poll(&mut cx).is_ready() {}
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let rooms =
        arguments.first().map_or(100_000, |rooms| rooms.parse().expect("a number of rooms"));
    match arguments.get(1) {
        Some(case) => measure(&CASES[case.parse::<usize>().expect("a case")], rooms),
        None => {
            println!("| a room, among {rooms} | bytes allocated | bytes resident | allocations |");
            println!("|---|---|---|---|");
            for case in 0..CASES.len() {
                let this = env::current_exe().expect("a running program has a path");
                let arguments = [rooms.to_string(), case.to_string()];
                let status = Command::new(this).args(arguments).status().expect("it runs again");
                assert!(status.success(), "{status}");
            }
        }
    }
}

fn measure(case: &Case, rooms: usize) {
    let set = Set::new();
    let names: Vec<String> = (0..rooms).map(|room| format!("room {room}")).collect();
    let mut clients = Vec::with_capacity(rooms);
    let before = resident();
    let AllocationInfo { bytes_current, count_current, .. } = allocation_counter::measure(|| {
        clients.extend(names.iter().map(|name| (case.fill)(&set.room(name))));
    });
    let resident = resident().saturating_sub(before);
    assert_eq!(set.rooms(), rooms);
    black_box(&clients);
    let rooms = rooms as f64;
    println!(
        "| {} | {:.0} | {:.0} | {:.1} |",
        case.name,
        bytes_current as f64 / rooms,
        resident as f64 / rooms,
        count_current as f64 / rooms,
    );
}

/// Resident bytes of this process; 0 where the system does not say.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}
