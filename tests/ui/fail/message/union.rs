use ereo_runtime::prelude::*;

#[derive(Clone, Copy, Message)]
union Number {
    whole: u32,
    real: f32,
}

fn main() {}
