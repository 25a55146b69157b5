use std::collections::{BTreeMap, HashMap};

use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
struct Feed {
    places: HashMap<(u8, u8), String>,
    lists: Vec<BTreeMap<Vec<u8>, u8>>,
    fine: HashMap<u8, String>,
}

fn main() {}

// mend: HashMap<(u8, u8), String> => Vec<((u8, u8), String)>
// mend: BTreeMap<Vec<u8>, u8> => Vec<(Vec<u8>, u8)>
