//! A live route by its path, with the parameters in another order.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

mod streams {
    use ereo_runtime::prelude::*;

    #[sse("/{day}/of/{room}/feed")]
    pub(crate) async fn feed(
        room: String,
        day: u8,
        set: Data<ClientSet<String>>,
        last: LastEventId,
    ) -> actix_web::Result<Subscription<String>> {
        drop((room, day));
        Ok(set.subscribe(last))
    }
}

mod pages {
    use ereo_runtime::prelude::*;

    #[loader("/rooms/{room}/{day}", live = crate::streams::feed)]
    pub(crate) async fn first(day: u8, room: String) -> String {
        format!("{room} {day}")
    }
}

fn main() {
    assert_eq!(pages::first::path("a", 1), "/rooms/a/1");
    assert_eq!(streams::feed::path(1, "a"), "/1/of/a/feed");
}
