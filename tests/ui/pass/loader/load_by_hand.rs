//! What a rendered page calls.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use actix_web::HttpRequest;
use ereo_runtime::prelude::*;

#[derive(Serialize)]
struct Article {
    title: String,
}

#[loader("/articles/{id}", cache = "1m")]
async fn article(id: u32) -> Result<Article, actix_web::Error> {
    Ok(Article { title: format!("No. {id}") })
}

async fn page(req: HttpRequest) -> actix_web::Result<String> {
    let article: LoaderData<Article> = article::load(&req).await?;
    Ok(format!("<h1>{}</h1>{}", article.title, article.script()))
}

fn main() {
    let _ = page;
    assert_eq!(article::path(3), "/articles/3");
}
