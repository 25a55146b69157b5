//! An event's bytes.

use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Waker};

use actix_web::body::MessageBody;
use actix_web_lab::sse as lab;
use divan::Bencher;
use ereo_runtime::Event;

use crate::{made, text};

const SIZES: &[usize] = &[150, 10_000];

#[divan::bench(args = SIZES)]
fn ereo(bencher: Bencher<'_, '_>, size: usize) {
    let event = Event::new(text(size));
    bencher.bench_local(|| made(black_box(&event).encode()));
}

/// axum writes while it builds, so what is built is timed.
#[divan::bench(args = SIZES)]
fn axum(bencher: Bencher<'_, '_>, size: usize) {
    let data = text(size);
    bencher.bench_local(|| made(axum::response::sse::Event::default().data(black_box(&data))));
}

/// Its encoder is private: one event through the response's body.
#[divan::bench(args = SIZES)]
fn actix_web_lab(bencher: Bencher<'_, '_>, size: usize) {
    let data = bytestring::ByteString::from(text(size));
    bencher
        .with_inputs(|| {
            let event = lab::Event::Data(lab::Data::new(data.clone()));
            lab::Sse::from_infallible_stream(futures_util::stream::iter([event]))
        })
        .bench_local_refs(|body| {
            made(Pin::new(body).poll_next(&mut Context::from_waker(Waker::noop())));
        });
}
