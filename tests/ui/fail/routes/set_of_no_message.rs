use ereo_runtime::prelude::*;

struct Plain;

fn set() -> ClientSet<Plain> {
    ClientSet::new()
}

fn main() {}

// mend: struct Plain => #[derive(Serialize, Message)]⏎struct Plain
