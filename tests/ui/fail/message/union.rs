use ereo_runtime::prelude::*;

#[derive(Clone, Copy, Message)]
union Number {
    whole: u32,
    real: f32,
}

fn main() {}

// mend: union Number {⏎    whole: u32,⏎    real: f32,⏎} => enum Number {⏎    Whole(u32),⏎    Real(f32),⏎}
// mend: Message) => Serialize, Message)
