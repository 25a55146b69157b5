//! Every macro with the runtime under another name.
