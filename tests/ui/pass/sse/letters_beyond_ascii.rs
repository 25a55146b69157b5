//! Parameters are identifiers, of whichever letters.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[sse("/größen/{größe}/{имя}/{名前:[0-9]+}")]
async fn feed(größe: u8, имя: String, 名前: u32, set: Data<ClientSet<String>>) -> Subscription<String> {
    set.room(format!("{größe}{имя}{名前}")).subscribe(LastEventId::none())
}

fn main() {
    assert_eq!(feed::path(1, "ö", 2_u32), "/größen/1/%C3%B6/2");
    let routes = ereo_runtime::routes().expect("no clash");
    drop(actix_web::App::new().service(routes));
}
