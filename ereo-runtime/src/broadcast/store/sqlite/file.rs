//! The file: how it is opened, and what is checked before anything is believed of it.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{Durability, OpenError};

/// `Ereo`, in the file's head.
const APPLICATION: i64 = 0x4572_656f;

/// The version of the tables below.
const VERSION: i64 = 1;

/// How long a process waits for the one before it.
const BUSY: Duration = Duration::from_millis(if cfg!(test) { 50 } else { 5_000 });

/// `seed` makes the epochs of logs that nothing was appended to. `ended` has 16 bytes an epoch that has ended: the epoch
/// and its last place, both big-endian. `life` is that of the process that appended last, `at` the Unix time in
/// milliseconds.
const TABLES: &str = "
    CREATE TABLE file (seed INTEGER NOT NULL);
    CREATE TABLE log (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        head INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        ended BLOB NOT NULL,
        life INTEGER NOT NULL,
        at INTEGER NOT NULL
    );
    CREATE INDEX log_at ON log (at);
    CREATE TABLE entry (
        log INTEGER NOT NULL,
        place INTEGER NOT NULL,
        at INTEGER NOT NULL,
        payload BLOB NOT NULL,
        PRIMARY KEY (log, place)
    ) WITHOUT ROWID;
";

pub(in crate::broadcast::store) struct File {
    pub(in crate::broadcast::store) connection: Connection,
    /// Whose the appends are: a new one each time that a file is opened, since what it had may be lost.
    pub(super) life: i64,
    pub(super) logs: i64,
    pub(super) most_logs: i64,
}

/// So many logs are kept.
const LOGS: i64 = 100_000;

impl File {
    pub(super) fn open(path: &Path, durability: Durability) -> Result<Self, OpenError> {
        let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                OpenError::InUse { path: path.to_owned() }
            }
            Some(ErrorCode::NotADatabase) => OpenError::Foreign { path: path.to_owned() },
            _ => OpenError::Failed { path: path.to_owned(), error: Box::new(error) },
        };
        match Connection::open(path).and_then(|file| Self::prepare(file, durability)) {
            Ok(Ok(file)) => Ok(file),
            Ok(Err(found)) => Err(found.at(path)),
            Err(error) if is_read_only(&error) => {
                Self::open_to_read(path).map_err(failed)?.map_err(|found| found.at(path))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// A file that cannot be written is still what readers come back to.
    fn open_to_read(path: &Path) -> rusqlite::Result<Result<Self, Found>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let path =
            path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        let file = Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)?;
        tracing::error!(path, "the store cannot be written: readers are served");
        let found = Found::of(&file)?;
        Ok(match found {
            Found::Known => {
                Ok(Self { connection: file, life: rand::random(), logs: 0, most_logs: LOGS })
            }
            found => Err(found),
        })
    }

    fn prepare(
        mut file: Connection,
        durability: Durability,
    ) -> rusqlite::Result<Result<Self, Found>> {
        file.busy_timeout(BUSY)?;
        // Before the first look at it: nobody else opens it from then on.
        file.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match Found::of(&transaction)? {
            Found::Nothing => {
                transaction.execute_batch(TABLES)?;
                let seed: i64 = rand::random();
                transaction.execute("INSERT INTO file (seed) VALUES (?1)", [seed])?;
                transaction.pragma_update(None, "application_id", APPLICATION)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            Found::Known => {}
            found => return Ok(Err(found)),
        }
        transaction.commit()?;
        file.pragma_update(None, "journal_mode", "WAL")?;
        let synchronous = match durability {
            Durability::Normal => "NORMAL",
            Durability::Full => "FULL",
        };
        file.pragma_update(None, "synchronous", synchronous)?;
        let logs: i64 = file.query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
        Ok(Ok(Self { connection: file, life: rand::random(), logs, most_logs: LOGS }))
    }
}

/// What stands in a file.
enum Found {
    Nothing,
    Known,
    Newer(i64),
    Foreign,
}

impl Found {
    fn of(file: &Connection) -> rusqlite::Result<Self> {
        let number = |pragma| file.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let (application, version) = (number("application_id")?, number("user_version")?);
        let tables: i64 =
            file.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok(match (application, version) {
            (0, 0) if tables == 0 => Self::Nothing,
            (APPLICATION, VERSION) => Self::Known,
            (APPLICATION, newer) if newer > VERSION => Self::Newer(newer),
            _ => Self::Foreign,
        })
    }

    fn at(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Self::Newer(version) => OpenError::Newer { path, version, known: VERSION },
            Self::Nothing | Self::Known | Self::Foreign => OpenError::Foreign { path },
        }
    }
}

fn is_read_only(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied)
    )
}
