use ereo_runtime::prelude::*;

#[sse("/a", method = "PUT")]
async fn a(set: Data<ClientSet<String>>) -> Subscription<String> {
    set.subscribe(LastEventId::none())
}

#[sse("/b", method = "post")]
async fn b(set: Data<ClientSet<String>>) -> Subscription<String> {
    set.subscribe(LastEventId::none())
}

#[sse("/c", method = POST)]
async fn c(set: Data<ClientSet<String>>) -> Subscription<String> {
    set.subscribe(LastEventId::none())
}

fn main() {}
// mend: method = "PUT" => method = "POST"
// mend: method = "post" => method = "POST"
// mend: method = POST => method = "POST"
