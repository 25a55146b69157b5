use ereo_runtime::prelude::*;

const LOST: Ending = Ending::code(1006, "lost");

fn main() {
    println!("{LOST:?}");
}

// mend: 1006 => 4006
