use ereo_runtime::prelude::*;

#[derive(Clone)]
struct Plain;

fn send(set: &ClientSet<Plain>) {
    let _ = set.broadcast(&Plain);
}

fn main() {}

// mend: #[derive(Clone)] => #[derive(Clone, Serialize, Message)]
