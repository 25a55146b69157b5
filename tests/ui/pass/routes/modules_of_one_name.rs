//! Functions of one name in several modules.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

mod one {
    use ereo_runtime::prelude::*;

    #[loader("/one")]
    pub(crate) async fn data() -> u8 {
        1
    }
}

mod two {
    use ereo_runtime::prelude::*;

    #[loader("/two")]
    pub(crate) async fn data() -> u8 {
        2
    }
}

fn main() {
    assert_eq!((one::data::ROUTE, two::data::ROUTE), ("/one", "/two"));
    let routes = ereo_runtime::routes().expect("no clash");
    let one = routes.expect(concat!(module_path!(), "::one::data")).expect("it is linked in");
    assert_eq!(one.only(concat!(module_path!(), "::one")).iter().count(), 1);
}
