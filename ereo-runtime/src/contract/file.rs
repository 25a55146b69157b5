//! A contract as a file that is kept with the front end: written where it changed, and compared in CI.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::ContractError;

/// The environment variable with which a comparison writes instead.
const WRITE: &str = "EREO_WRITE";

/// Writes the text, unless the file has it already: what watches the file is not woken in vain.
pub(super) fn write(path: &Path, text: &str) -> Result<bool, ContractError> {
    if read(path)?.is_some_and(|kept| is_same(&kept, text)) {
        return Ok(false);
    }
    replace(path, text).map_err(|error| ContractError::io(path, error))?;
    Ok(true)
}

/// Compares the file with the text.
pub(super) fn check(path: &Path, text: &str) -> Result<(), ContractError> {
    if std::env::var_os(WRITE).is_some_and(|value| !value.is_empty() && value != "0") {
        return write(path, text).map(drop);
    }
    match read(path)? {
        Some(kept) if is_same(&kept, text) => Ok(()),
        kept => Err(ContractError::differs(path, &kept.unwrap_or_default(), text)),
    }
}

fn read(path: &Path) -> Result<Option<String>, ContractError> {
    match fs::read_to_string(path) {
        Ok(kept) => Ok(Some(kept)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ContractError::io(path, error)),
    }
}

/// Git may have written the ends of lines anew.
fn is_same(kept: &str, text: &str) -> bool {
    kept.lines().eq(text.lines())
}

/// Written beside and renamed, so that nobody reads the half of it.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = beside(path);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn beside(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.{number}", std::process::id()))
}
