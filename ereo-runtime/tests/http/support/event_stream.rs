//! WHATWG HTML section 9.2.6, "Interpreting an event stream", step by step as the standard words it.

/// What a browser dispatches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatched {
    pub event: String,
    pub data: String,
    pub last_event_id: String,
}

/// The state that the standard gives to an event source.
#[derive(Debug, Default)]
pub struct EventStream {
    unread: Vec<u8>,
    data: String,
    event_type: String,
    /// "the last event ID buffer".
    id_buffer: String,
    /// "the last event ID string of the event source".
    pub last_event_id: String,
    pub retry: Option<u64>,
    pub comments: usize,
    started: bool,
}

impl EventStream {
    /// Takes bytes as they come and returns what they dispatch.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Dispatched> {
        self.unread.extend_from_slice(bytes);
        let mut dispatched = Vec::new();
        while let Some(line) = self.take_line() {
            let mut line = String::from_utf8_lossy(&line).into_owned();
            if !std::mem::replace(&mut self.started, true) {
                line = line.strip_prefix('\u{feff}').unwrap_or(&line).to_owned();
            }
            dispatched.extend(self.line(&line));
        }
        dispatched
    }

    /// A line ends with CRLF, LF, or a CR that no LF follows.
    fn take_line(&mut self) -> Option<Vec<u8>> {
        let end = self.unread.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
        let width = match (self.unread[end], self.unread.get(end + 1)) {
            (b'\r', Some(b'\n')) => 2,
            // The LF of a CRLF may still be under way.
            (b'\r', None) => return None,
            _ => 1,
        };
        let line = self.unread[..end].to_vec();
        self.unread.drain(..end + width);
        Some(line)
    }

    fn line(&mut self, line: &str) -> Option<Dispatched> {
        if line.is_empty() {
            return self.dispatch();
        }
        match line.split_once(':') {
            Some(("", _)) => self.comments += 1,
            Some((field, value)) => self.field(field, value.strip_prefix(' ').unwrap_or(value)),
            None => self.field(line, ""),
        }
        None
    }

    fn field(&mut self, field: &str, value: &str) {
        match field {
            "event" => self.event_type = value.to_owned(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.id_buffer = value.to_owned(),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok();
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<Dispatched> {
        self.last_event_id.clone_from(&self.id_buffer);
        let event_type = std::mem::take(&mut self.event_type);
        let mut data = std::mem::take(&mut self.data);
        if data.is_empty() {
            return None;
        }
        // "If the data buffer's last character is a LF, then remove it."
        data.pop();
        let event = if event_type.is_empty() { "message".to_owned() } else { event_type };
        Some(Dispatched { event, data, last_event_id: self.last_event_id.clone() })
    }
}
