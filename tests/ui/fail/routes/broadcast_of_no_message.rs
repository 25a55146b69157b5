use ereo_runtime::prelude::*;

#[derive(Clone)]
struct Plain;

fn send(set: &ClientSet<Plain>) {
    let _ = set.broadcast(&Plain);
}

fn main() {}
