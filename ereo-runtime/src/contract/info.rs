//! Statements of a document beside its routes.

/// Title and version of the service that a document describes, and where it is.
///
/// ```
/// use ereo_runtime::contract::Info;
///
/// let info = Info::new("Shop", env!("CARGO_PKG_VERSION"))
///     .description("Orders, as they come in.")
///     .server("https://shop.example");
/// # let _ = info;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Info {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) description: Option<String>,
    pub(super) servers: Vec<String>,
}

impl Info {
    /// A title and the version of the service, such as `env!("CARGO_PKG_VERSION")`.
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            version: version.into(),
            description: None,
            servers: Vec::new(),
        }
    }

    /// What the service is for, in CommonMark.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Where it is served: an `http:` or `https:` URL. Without one a document names no server.
    pub fn server(mut self, url: impl Into<String>) -> Self {
        self.servers.push(url.into());
        self
    }
}

/// A service that has not said what it is.
impl Default for Info {
    fn default() -> Self {
        Self::new("Real-time routes", "0.0.0")
    }
}
