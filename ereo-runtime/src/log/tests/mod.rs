//! Models of the log: every short history, held against a naive specification.

mod epochs;
mod ring;
