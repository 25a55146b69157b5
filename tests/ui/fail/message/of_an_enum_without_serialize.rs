use ereo_runtime::prelude::*;

#[derive(Message)]
enum Feed {
    Left,
}

fn main() {}
