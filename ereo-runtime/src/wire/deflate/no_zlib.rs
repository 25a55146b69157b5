//! Where there is no zlib: no compression is agreed on, and what would compress or inflate refuses.

/// There is none.
#[derive(Debug)]
pub(super) struct Refused;

/// What zlib would be asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compression;

impl Compression {
    pub(super) const fn new(_: u32) -> Self {
        Self
    }
}

#[derive(Debug)]
pub(super) enum FlushCompress {
    Sync,
}

#[derive(Debug)]
pub(super) enum FlushDecompress {
    None,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Status {
    StreamEnd,
}

/// Takes nothing.
#[derive(Debug)]
pub(super) struct Compress;

impl Compress {
    pub(super) fn new_with_window_bits(_: Compression, _: bool, _: u8) -> Self {
        Self
    }

    pub(super) fn reset(&mut self) {}

    pub(super) fn set_dictionary(&mut self, _: &[u8]) -> Result<u32, Refused> {
        Err(Refused)
    }

    pub(super) fn total_in(&self) -> u64 {
        0
    }

    pub(super) fn compress_vec(
        &mut self,
        _: &[u8],
        _: &mut Vec<u8>,
        _: FlushCompress,
    ) -> Result<(), Refused> {
        Err(Refused)
    }
}

/// Takes nothing.
#[derive(Debug)]
pub(super) struct Decompress;

impl Decompress {
    pub(super) fn new_with_window_bits(_: bool, _: u8) -> Self {
        Self
    }

    pub(super) fn reset(&mut self, _: bool) {}

    pub(super) fn set_dictionary(&mut self, _: &[u8]) -> Result<u32, Refused> {
        Err(Refused)
    }

    pub(super) fn total_in(&self) -> u64 {
        0
    }

    pub(super) fn total_out(&self) -> u64 {
        0
    }

    pub(super) fn decompress(
        &mut self,
        _: &[u8],
        _: &mut [u8],
        _: FlushDecompress,
    ) -> Result<Status, Refused> {
        Err(Refused)
    }
}
