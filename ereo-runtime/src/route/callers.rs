//! Functions, one for each number of arguments, that take them one after the other, the first that is
//! refused being the answer, and then call the user's.
//!
//! Not one function over tuples: rustc would look for the traits of every route's tuple.
#![allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "an argument is called as its type is, and there are as many as a route's function has"
)]

use std::future::Future;

use super::argument::Argument;
use super::call::Call;

macro_rules! callers {
    ($($call:ident $start:ident ($($argument:ident)*);)*) => {$(
        /// Takes the arguments, calls, and waits for what the function gives.
        pub fn $call<F: Future + 'static, $($argument: 'static),*>(
            function: impl FnOnce($($argument),*) -> F + 'static,
            $($argument: Argument<$argument>),*
        ) -> Call<F::Output> {
            Call::new(async move { Ok(function($($argument.take().await?),*).await) })
        }

        /// Takes the arguments and calls: the future runs when the answer is on its way.
        pub fn $start<F: Future + 'static, $($argument: 'static),*>(
            function: impl FnOnce($($argument),*) -> F + 'static,
            $($argument: Argument<$argument>),*
        ) -> Call<F> {
            Call::new(async move { Ok(function($($argument.take().await?),*)) })
        }
    )*};
}

// As many as a handler of actix-web's can have; `ereo-macros` refuses more (`check/signature.rs`).
callers! {
    call_0 start_0 ();
    call_1 start_1 (A);
    call_2 start_2 (A B);
    call_3 start_3 (A B C);
    call_4 start_4 (A B C D);
    call_5 start_5 (A B C D E);
    call_6 start_6 (A B C D E G);
    call_7 start_7 (A B C D E G H);
    call_8 start_8 (A B C D E G H I);
    call_9 start_9 (A B C D E G H I J);
    call_10 start_10 (A B C D E G H I J K);
    call_11 start_11 (A B C D E G H I J K L);
    call_12 start_12 (A B C D E G H I J K L M);
    call_13 start_13 (A B C D E G H I J K L M N);
    call_14 start_14 (A B C D E G H I J K L M N O);
    call_15 start_15 (A B C D E G H I J K L M N O P);
    call_16 start_16 (A B C D E G H I J K L M N O P Q);
}
