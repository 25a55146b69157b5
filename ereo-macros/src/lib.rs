//! Macros of ereo-runtime.
