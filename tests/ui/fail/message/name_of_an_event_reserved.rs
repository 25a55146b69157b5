use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
enum Feed {
    #[serde(rename = "ereo.reset")]
    Reset { missed: u64 },
}

fn main() {}

// mend: ereo.reset => reset
