//! What those who run the dashboard ask it: is it ready, and how is it doing.

use actix_web::{HttpResponse, Responder, get};
use ereo_runtime::DrainHandle;
use ereo_runtime::prelude::*;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Collects what the runtime counts, for `GET /metrics`.
pub fn recorder() -> std::io::Result<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().map_err(std::io::Error::other)
}

/// 200 while new clients are taken, 503 once the server drains: for a balancer.
#[get("/health")]
pub async fn health(drain: Data<DrainHandle>) -> impl Responder {
    match drain.is_ready() {
        true => HttpResponse::Ok().body("ready"),
        false => HttpResponse::ServiceUnavailable().body("draining"),
    }
}

/// Prometheus' text format.
#[get("/metrics")]
pub async fn metrics(metrics: Data<PrometheusHandle>) -> impl Responder {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(metrics.render())
}
