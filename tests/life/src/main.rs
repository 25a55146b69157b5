//! `life serve | soak [SECONDS] | attack [SECONDS]`

use ereo_life::{Result, attack, server, soak};

const USAGE: &str = "usage: life serve | soak [SECONDS] | attack [SECONDS]";

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let number = |default| arguments.get(1).map_or(Ok(default), |text| text.parse::<u64>());
    match arguments.first().map(String::as_str) {
        Some("serve") => actix_web::rt::System::new().block_on(server::serve()),
        Some("soak") => runtime()?.block_on(soak::soak(number(180)?)),
        Some("attack") => runtime()?.block_on(attack::attack(number(60)?)),
        _ => Err(USAGE.into()),
    }
}

/// The clients' own: as many threads as they need, and none of the server's.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Runtime::new()?)
}
