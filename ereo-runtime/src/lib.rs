//! Ereo.
