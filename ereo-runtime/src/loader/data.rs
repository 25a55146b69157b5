//! The data of a loader: the value, its JSON, and the position taken before it was loaded.

use std::fmt::{Display, Write as _};
use std::ops::Deref;

use serde::Serialize;

use crate::log::{LastEventId, Position};
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
    last: LastEventId,
}

impl<T: Serialize> LoaderData<T> {
    pub(super) fn new(value: T, last: LastEventId) -> Result<Self, EncodeError> {
        Ok(Self { json: to_json(&value)?, value, last })
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

    /// Where the live stream stood before the value was loaded; none without `live`. Of a
    /// [merged](crate::Subscription::merge) stream it is where its first set stood.
    pub fn position(&self) -> Option<Position> {
        self.last.position()
    }

    /// What the page's live stream goes on from: where all of its sets stood.
    pub fn last_event_id(&self) -> LastEventId {
        self.last
    }

    /// The value and the position as an element for a rendered page, from which the browser module's
    /// `live(..)` starts: `<script type="application/json" id="__EREO_DATA__" data-last-event-id="..">`.
    ///
    /// Whatever the value holds, nothing in it ends the element or is read as markup. A page with several
    /// loaders gives each a name: [`LoaderData::script_as`].
    pub fn script(&self) -> String {
        self.script_as("__EREO_DATA__")
    }

    /// [`LoaderData::script`] with an `id` of its own, for a page with several loaders. The page reads it by
    /// `live("/inbox/first", "/inbox", { script: "inbox" })`.
    ///
    /// ```
    /// use actix_web::{Error, HttpRequest};
    /// use ereo_runtime::prelude::*;
    ///
    /// #[loader("/inbox/first")]
    /// async fn inbox() -> Vec<String> {
    ///     vec!["welcome".to_owned()]
    /// }
    ///
    /// #[loader("/orders/first")]
    /// async fn orders() -> u32 {
    ///     2
    /// }
    ///
    /// async fn page(req: HttpRequest) -> Result<String, Error> {
    ///     let (inbox, orders) = (inbox::load(&req).await?, orders::load(&req).await?);
    ///     Ok(format!("<h1>Hello</h1>{}{}", inbox.script_as("inbox"), orders.script_as("orders")))
    /// }
    /// # let req = actix_web::test::TestRequest::get().to_http_request();
    /// # let runtime = actix_web::rt::Runtime::new().unwrap();
    /// # let page = runtime.block_on(page(req)).unwrap();
    /// # assert!(page.contains(r#"id="inbox">["welcome"]</script>"#), "{page}");
    /// # assert!(page.contains(r#"id="orders">2</script>"#), "{page}");
    /// ```
    pub fn script_as(&self, id: impl Display) -> String {
        let mut html = String::with_capacity(self.json.len() + 128);
        html.push_str(r#"<script type="application/json" id=""#);
        attribute_into(&mut html, &id.to_string());
        html.push('"');
        if self.last.position().is_some() {
            // An id is letters, digits, dashes and dots. Writing to a String cannot fail.
            let _ = write!(html, r#" data-last-event-id="{}""#, self.last);
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

/// Writes a text so that it is the value of an attribute in double quotes.
fn attribute_into(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '<' => html.push_str("&lt;"),
            c => html.push(c),
        }
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
        let data = LoaderData::new(value.clone(), LastEventId::none()).unwrap();
        let script = data.script();
        let open = r#"<script type="application/json" id="__EREO_DATA__">"#;
        let body = script.strip_prefix(open).unwrap().strip_suffix("</script>").unwrap();
        assert!(!body.contains(['<', '>', '&', '\'', '\u{2028}', '\u{2029}']), "{body}");
        assert_eq!(serde_json::from_str::<String>(body).unwrap(), value);
    }

    #[test]
    fn script_as_has_the_id_that_was_said_whatever_it_is() {
        let data = LoaderData::new(1, LastEventId::none()).unwrap();
        assert_eq!(
            data.script_as("inbox"),
            r#"<script type="application/json" id="inbox">1</script>"#
        );
        assert_eq!(
            data.script_as(r#""><b>&"#),
            r#"<script type="application/json" id="&quot;>&lt;b>&amp;">1</script>"#
        );
    }
}
