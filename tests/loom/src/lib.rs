//! The broadcast log under loom.
