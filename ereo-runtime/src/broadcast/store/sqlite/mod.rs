//! A file of this process: its sets go on where they were when it starts again.
//!
//! ```
//! # fn set() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = std::env::temp_dir().join(format!("ereo-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory)?;
//! # let path = directory.join("ereo.db");
//! use ereo_runtime::ClientSet;
//! use ereo_runtime::broadcast::store::sqlite::Sqlite;
//!
//! let store = Sqlite::open(&path)?;
//! let chat = ClientSet::<String>::builder().history(1000).store(store.log("chat")).build();
//! chat.broadcast(&"kept".to_owned())?;
//! # drop((chat, store));
//! # std::fs::remove_dir_all(directory)?;
//! # Ok(())
//! # }
//! # set().unwrap();
//! ```
//!
//! # What is kept
//! A message is sent to clients when it is in the file, so a process that is killed loses nothing that was shown.
//! A power cut may, with [`Durability::Normal`], cost the last moments: who had seen more is told
//! ([`ResetReason::Epoch`](crate::ResetReason::Epoch)), and nobody else. With [`Durability::Full`] each group of
//! messages waits for the disk. A thread of the store's own writes, and puts into one transaction what has come
//! meanwhile, of all sets and rooms.
//!
//! What the last handle of the store and of its sets leaves behind is written before it is gone, for five seconds
//! at the most: let them go at the end of `main`.
//!
//! # The file
//! It belongs to one process at a time: another that opens it waits for five seconds, and is refused then. Beside it
//! stands SQLite's log (`-wal`), which belongs to it. A message is kept as its JSON, plain. When the disk is
//! full, or the file cannot be written, readers are served from memory, [`ClientSet::health`] says so and what is
//! broadcast is held or refused ([`WhenDown`](super::WhenDown)). Of 100,000 logs, sets and rooms together,
//! those that were not written to for longest are let go of.
//!
//! [`ClientSet::health`]: crate::ClientSet::health

mod file;
mod logs;
#[cfg(test)]
mod tests;
mod thread;

use std::fmt;
use std::path::{Path, PathBuf};

use super::StoreLog;
use crate::sync::Arc;
use file::File;
use thread::Owner;

/// How far a message is on its way to the disk when it is sent to clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// It is the system's: the end of the process loses nothing, a power cut the last moments, which is told.
    #[default]
    Normal,
    /// It is on the disk: some milliseconds later.
    Full,
}

/// A store in a file; see the [module](self). A handle: clones are the same store.
///
/// ```no_run
/// use ereo_runtime::{ClientSet, Sqlite};
///
/// let store = Sqlite::open("ereo.db")?;
/// let lines = ClientSet::<String>::builder().store(store.log("lines")).build();
/// # Ok::<_, ereo_runtime::broadcast::store::sqlite::OpenError>(())
/// ```
#[derive(Clone)]
pub struct Sqlite {
    owner: Arc<Owner>,
    path: Arc<Path>,
}

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it.
    #[error("{path} is open in another process: stop that one, or give this one a file of its own")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is another program's, or no database.
    #[error("{path} is not a store of Ereo's: give the store a file of its own")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of Ereo has written it.
    #[error(
        "{path} has format {version}, of a newer version of Ereo than this one, which reads {known}"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's format.
        version: i64,
        /// The newest that is known.
        known: i64,
    },
    /// It can be neither opened nor made.
    #[error("{path} cannot be opened: {error}")]
    Failed {
        /// The file.
        path: PathBuf,
        /// SQLite's word.
        #[source]
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Sqlite {
    /// Opens the file, or makes it, with [`Durability::Normal`].
    ///
    /// # Errors
    /// When it cannot be, is another's, or in use.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, Durability::default())
    }

    /// The same with a durability of your choice.
    ///
    /// # Errors
    /// Those of [`Sqlite::open`].
    pub fn open_with(path: impl AsRef<Path>, durability: Durability) -> Result<Self, OpenError> {
        let path = Arc::from(path.as_ref());
        let file = File::open(&path, durability)?;
        let owner = Owner::start(file).map_err(|error| OpenError::Failed {
            path: path.to_path_buf(),
            error: Box::new(error),
        })?;
        Ok(Self { owner: Arc::new(owner), path })
    }

    /// The log of this name, for [`Builder::store`](crate::broadcast::Builder::store): one for each set.
    pub fn log(&self, name: impl fmt::Display) -> StoreLog {
        let owner = Arc::clone(&self.owner);
        StoreLog::new(owner.store(), owner, name)
    }

    /// Does something to the file, on its thread.
    #[cfg(test)]
    pub(super) fn tamper(&self, with: impl FnOnce(&mut File) + Send + 'static) {
        self.owner.tamper(Box::new(with));
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}
