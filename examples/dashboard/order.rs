//! `POST /api/orders`: what is an order, and what is refused.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, Responder, ResponseError, post};
use ereo_runtime::prelude::*;
use serde_json::value::RawValue;

use crate::shop::{Shop, ShopError, blocking};

/// More than any order has; keeps the day's sum finite.
const MAX_AMOUNT: f64 = 1e9;

/// Why an order is refused. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("malformed JSON: {0}")]
    Malformed(serde_json::Error),
    #[error("an order is an object with an `amount`, such as {{\"amount\": 12.5}}")]
    NoOrder,
    #[error("`amount` must be a number from 0 to {MAX_AMOUNT}, not {0}")]
    Amount(String),
    #[error(transparent)]
    Shop(#[from] ShopError),
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::NoOrder | Self::Amount(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Shop(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn amount(body: &[u8]) -> Result<f64, Refused> {
    let json: &RawValue = serde_json::from_slice(body).map_err(Refused::Malformed)?;
    let order = serde_json::from_str::<BTreeMap<String, &RawValue>>(json.get());
    // The number as text: `1e999` is well-formed JSON, and out of range, not malformed.
    let text = order.ok().and_then(|order| order.get("amount").map(|amount| amount.get()));
    let text = text.ok_or(Refused::NoOrder)?;
    let amount = text.parse().ok().filter(|amount| (0.0..=MAX_AMOUNT).contains(amount));
    // A negative zero is a zero.
    amount.map(|amount: f64| amount + 0.0).ok_or_else(|| Refused::Amount(text.to_owned()))
}

/// Stores an order and answers with the figures that everybody now sees.
#[post("/api/orders")]
pub async fn create_order(shop: Data<Shop>, body: Bytes) -> Result<impl Responder, Refused> {
    let amount = amount(&body)?;
    let stats = blocking(&shop, move |shop| shop.order(amount)).await?;
    Ok(HttpResponse::Created().json(stats))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_objects_with_an_amount_in_range() {
        assert_eq!(amount(br#"{"amount": 12.5}"#).unwrap(), 12.5);
        assert_eq!(amount(br#"{"note": "", "amount": 1e3}"#).unwrap(), 1000.0);
        assert!(amount(br#"{"amount": -0.0}"#).unwrap().is_sign_positive());
    }

    #[test]
    fn what_is_no_order_is_told_apart_from_what_is_no_json() {
        for body in ["", "{", "{\"amount\": 1} x", "{\"amount\": NaN}", "{'amount': 1}"] {
            assert_eq!(amount(body.as_bytes()).unwrap_err().status_code(), 400, "{body}");
        }
        for body in [
            "{}",
            "[12.5]",
            "12.5",
            "{\"amount\": -1}",
            "{\"amount\": 1e999}",
            "{\"amount\": -1e999}",
            "{\"amount\": \"12.5\"}",
            "{\"amount\": null}",
            "{\"amount\": 1e10}",
        ] {
            assert_eq!(amount(body.as_bytes()).unwrap_err().status_code(), 422, "{body}");
        }
    }
}
