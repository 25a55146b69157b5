//! Every visibility is that of the type beside the function, too.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

#[allow(unreachable_pub)]
mod outer {
    pub mod inner {
        use ereo_runtime::prelude::*;
        use futures_util::stream;

        #[sse("/private")]
        async fn private() -> impl Stream<Item = String> {
            stream::empty()
        }

        #[sse("/super")]
        pub(super) async fn for_super() -> impl Stream<Item = String> {
            stream::empty()
        }

        #[sse("/in")]
        pub(in crate::outer) async fn for_outer() -> impl Stream<Item = String> {
            stream::empty()
        }

        #[sse("/crate")]
        pub(crate) async fn for_crate() -> impl Stream<Item = String> {
            stream::empty()
        }

        #[sse("/public")]
        pub async fn public() -> impl Stream<Item = String> {
            stream::empty()
        }

        pub(super) fn own() -> &'static str {
            private::ROUTE
        }
    }

    pub fn routes() -> [&'static str; 3] {
        [inner::own(), inner::for_super::ROUTE, inner::for_outer::ROUTE]
    }
}

fn main() {
    assert_eq!(outer::routes(), ["/private", "/super", "/in"]);
    assert_eq!((outer::inner::for_crate::ROUTE, outer::inner::public::ROUTE), ("/crate", "/public"));
}
