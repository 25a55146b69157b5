//! Bounds of what a set and its readers take.

mod memory;
mod sizes;
