//! `POST /api/orders`: what is an order, and what is refused.

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, Responder, ResponseError, post};
use ereo_runtime::prelude::*;
use serde_json::value::RawValue;

use crate::shop::{Shop, ShopError, blocking};

/// More than any order has; keeps the day's sum finite.
const MAX_AMOUNT: f64 = 1e9;

/// The number is kept as text first: `1e999` is well-formed JSON, and out of range, not malformed.
#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    amount: &'a RawValue,
}

/// Why an order is refused. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("malformed JSON: {0}")]
    Malformed(serde_json::Error),
    #[error("expected {{\"amount\": 12.5}}: {0}")]
    NoOrder(serde_json::Error),
    #[error("`amount` must be a number from 0 to {MAX_AMOUNT}, not {0}")]
    Amount(String),
    #[error(transparent)]
    Shop(#[from] ShopError),
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::NoOrder(_) | Self::Amount(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Shop(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn amount(body: &[u8]) -> Result<f64, Refused> {
    let json: &RawValue = serde_json::from_slice(body).map_err(Refused::Malformed)?;
    let order: Order<'_> = serde_json::from_str(json.get()).map_err(Refused::NoOrder)?;
    let text = order.amount.get();
    let refused = || Refused::Amount(text.to_owned());
    let amount: f64 = text.parse().map_err(|_| refused())?;
    if (0.0..=MAX_AMOUNT).contains(&amount) { Ok(amount) } else { Err(refused()) }
}

/// Stores an order and answers with the figures that everybody now sees.
#[post("/api/orders")]
pub async fn create_order(shop: Data<Shop>, body: Bytes) -> Result<impl Responder, Refused> {
    let amount = amount(&body)?;
    let stats = blocking(&shop, move |shop| shop.order(amount)).await?;
    Ok(HttpResponse::Created().json(stats))
}
