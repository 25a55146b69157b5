//! Derives in macros by example: names of the macro and names of who calls it.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

macro_rules! fixed {
    () => {
        /// A struct.
        #[derive(Clone, Serialize, Deserialize, Message)]
        #[serde(default, rename_all = "camelCase")]
        pub struct Fixed {
            some_number: u8,
        }

        impl Default for Fixed {
            fn default() -> Self {
                Self { some_number: 7 }
            }
        }

        /// An enum.
        #[derive(Clone, Serialize, Deserialize, Message)]
        pub enum Feed<T> {
            /// One.
            One(T),
            /// Anything.
            #[serde(untagged)]
            Other(u8),
        }
    };
}

macro_rules! named {
    ($visibility:vis $name:ident { $($field:ident: $ty:ty = $rename:literal),* }) => {
        /// By a name.
        #[derive(Clone, Serialize, Deserialize, Message)]
        $visibility struct $name { $(#[serde(rename = $rename)] $field: $ty,)* }
    };
}

fixed!();
named!(pub(crate) Named { a: u8 = "b", r#type: Option<String> = "c" });

fn main() {
    let data = |message: &dyn Message| message.to_event().unwrap().data_str().unwrap().to_owned();
    assert_eq!(data(&Fixed::default()), "{\"someNumber\":7}");
    assert_eq!(data(&Feed::One(1_u8)), "1");
    assert_eq!(data(&Feed::<u8>::Other(2)), "2");
    assert_eq!(data(&Named { a: 1, r#type: None }), "{\"b\":1,\"c\":null}");
}
