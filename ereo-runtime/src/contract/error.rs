//! Why a contract is not what it should be.

use std::fmt;
use std::path::{Path, PathBuf};

use super::routes::Described;

/// A contract that has gaps or differs from its file, or a file that cannot be read or written.
#[derive(Debug)]
pub struct ContractError(Problem);

#[derive(Debug)]
enum Problem {
    Unknown(Vec<String>),
    Differs { path: PathBuf, line: usize, kept: Option<String>, now: Option<String> },
    Io { path: PathBuf, error: std::io::Error },
    Kind { path: PathBuf },
}

impl ContractError {
    /// The routes of which something is unknown, if there are such.
    pub(super) fn unknown(routes: &[Described]) -> Result<(), Self> {
        let unknown = routes.iter().filter(|route| !route.unknown.is_empty());
        let lines: Vec<_> = unknown
            .map(|route| {
                let types = match route.info.message {
                    "()" => String::new(),
                    message => format!(" (it sends `{message}`)"),
                };
                format!("{}: no schema of {}{types}", route.info, route.unknown.join(" and of "))
            })
            .collect();
        if lines.is_empty() { Ok(()) } else { Err(Self(Problem::Unknown(lines))) }
    }

    /// Where the two first differ.
    pub(super) fn differs(path: &Path, kept: &str, now: &str) -> Self {
        let (mut kept, mut now) = (kept.lines(), now.lines());
        let mut line = 0;
        let (kept, now) = loop {
            line += 1;
            match (kept.next(), now.next()) {
                (Some(kept), Some(now)) if kept == now => {}
                (kept, now) => break (kept.map(str::to_owned), now.map(str::to_owned)),
            }
        };
        Self(Problem::Differs { path: path.to_owned(), line, kept, now })
    }

    pub(super) fn io(path: &Path, error: std::io::Error) -> Self {
        Self(Problem::Io { path: path.to_owned(), error })
    }

    pub(super) fn kind(path: &Path) -> Self {
        Self(Problem::Kind { path: path.to_owned() })
    }
}

impl std::error::Error for ContractError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Problem::Io { error, .. } => Some(error),
            Problem::Unknown(_) | Problem::Differs { .. } | Problem::Kind { .. } => None,
        }
    }
}

/// So that `?` works in an `actix_web::main` that returns `std::io::Result`.
impl From<ContractError> for std::io::Error {
    fn from(error: ContractError) -> Self {
        Self::other(error)
    }
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Unknown(lines) => {
                write!(
                    f,
                    "not all of the contract is known: add `JsonSchema` to the derives of the types of"
                )?;
                lines.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            Problem::Differs { path, line, kept, now } => {
                let path = path.display();
                let end = "the end of the file";
                writeln!(
                    f,
                    "{path} is not the contract of these routes any more; EREO_WRITE=1 writes it anew"
                )?;
                writeln!(f, "  {path}:{line}: {}", kept.as_deref().unwrap_or(end))?;
                write!(f, "  and should be: {}", now.as_deref().unwrap_or(end))
            }
            Problem::Io { path, error } => write!(f, "{}: {error}", path.display()),
            Problem::Kind { path } => write!(
                f,
                "{}: a contract is written as `.ts`, or as `.json`: OpenAPI where the file's name has `openapi` in it, else AsyncAPI",
                path.display()
            ),
        }
    }
}
