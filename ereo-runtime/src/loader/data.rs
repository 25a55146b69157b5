//! What a loader gives: the value, its JSON, and the position taken before it was loaded.

use std::fmt::Write as _;
use std::ops::Deref;

use serde::Serialize;

use crate::log::Position;
use crate::message::{EncodeError, to_json};

/// A loader's value with what a page needs to go on live from it.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[sse("/board/changes")]
/// async fn changes(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
///     set.subscribe(last)
/// }
///
/// #[loader("/board", live = changes)]
/// async fn board() -> String {
///     "the state of today".to_owned()
/// }
///
/// /// The page, with the state and the position in it: `live` begins without a request.
/// async fn page(req: &actix_web::HttpRequest) -> Result<String, actix_web::Error> {
///     let data: LoaderData<String> = board::load(req).await?;
///     Ok(format!("<!doctype html>{}<main></main>", data.script()))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct LoaderData<T> {
    value: T,
    json: String,
    position: Option<Position>,
}

impl<T: Serialize> LoaderData<T> {
    pub(super) fn new(value: T, position: Option<Position>) -> Result<Self, EncodeError> {
        Ok(Self { json: to_json(&value)?, value, position })
    }
}

impl<T> LoaderData<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The value as JSON.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Where the live stream stood before the value was loaded; none without `live`.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// The value and the position as an element for a rendered page, from which the browser module's
    /// `live(..)` starts: `<script type="application/json" id="__EREO_DATA__" data-last-event-id="..">`.
    ///
    /// Whatever the value holds, nothing in it ends the element or is read as markup.
    pub fn script(&self) -> String {
        let mut html = String::with_capacity(self.json.len() + 128);
        html.push_str(r#"<script type="application/json" id="__EREO_DATA__""#);
        if let Some(position) = self.position {
            // A position is letters, digits and a dash. Writing to a String cannot fail.
            let _ = write!(html, r#" data-last-event-id="{position}""#);
        }
        html.push('>');
        escape_into(&mut html, &self.json);
        html.push_str("</script>");
        html
    }
}

impl<T> Deref for LoaderData<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Writes JSON so that it can stand in a script element, an attribute or a script: the characters
/// that HTML or an older JavaScript reads otherwise occur only within strings, where an escape means
/// the same.
fn escape_into(html: &mut String, json: &str) {
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(html, "\\u{:04x}", u32::from(c));
            }
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_has_nothing_that_ends_it_and_reads_back_the_same() {
        let value = "</script><!--<script>&amp;'\u{2028}\u{2029}\"\\".to_owned();
        let data = LoaderData::new(value.clone(), None).unwrap();
        let script = data.script();
        let open = r#"<script type="application/json" id="__EREO_DATA__">"#;
        let body = script.strip_prefix(open).unwrap().strip_suffix("</script>").unwrap();
        assert!(!body.contains(['<', '>', '&', '\'', '\u{2028}', '\u{2029}']), "{body}");
        assert_eq!(serde_json::from_str::<String>(body).unwrap(), value);
    }
}
