//! The guide's chat: `open`, `message` and `close` over the state of a connection.
//! `cargo run --example chat`, then open <http://127.0.0.1:8080> twice.

use actix_web::{HttpResponse, Responder, get};
use ereo_runtime::browser_client;
use ereo_runtime::prelude::*;
use serde_json::{Map, Value};

/// What the clients are told.
#[derive(Clone, Serialize, Message, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Told {
    UserJoined {
        user_id: String,
    },
    /// To the sender, once its message was taken.
    Ack {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<Value>,
    },
    /// To all others, with all the fields that the sender gave it.
    Message {
        user_id: String,
        #[serde(flatten)]
        fields: Map<String, Value>,
    },
    UserLeft {
        user_id: String,
    },
}

#[derive(Deserialize, JsonSchema)]
struct Who {
    user: Option<String>,
}

/// The state of one connection.
struct ChatSocket {
    user_id: String,
    conn: Connection<Told>,
    seat: Seat<Told>,
}

#[websocket("/api/ws")]
impl ChatSocket {
    async fn open(
        conn: Connection<Told>,
        who: Query<Who>,
        chat: Data<ClientSet<Told>>,
    ) -> Result<Self, actix_web::Error> {
        let named = who.into_inner().user.filter(|user| !user.is_empty());
        let user_id = named.unwrap_or_else(|| "anonymous".to_owned());
        let seat = chat.join(&conn)?;
        seat.broadcast(&Told::UserJoined { user_id: user_id.clone() })?;
        Ok(Self { user_id, conn, seat })
    }

    async fn message(&mut self, mut fields: Map<String, Value>) -> Result<(), SocketError> {
        self.conn.send(&Told::Ack { id: fields.get("id").cloned() }).await?;
        // Who speaks, and what this is, is the server's to say.
        fields.retain(|name, _| name != "type" && name != "userId");
        self.seat.broadcast_others(&Told::Message { user_id: self.user_id.clone(), fields })?;
        Ok(())
    }

    async fn close(self, reason: CloseReason) {
        tracing::debug!(user = self.user_id, %reason, "left");
        let left = Told::UserLeft { user_id: self.user_id };
        if let Err(error) = self.seat.broadcast_others(&left) {
            tracing::error!(%error, "the others were not told");
        }
    }
}

#[get("/")]
async fn page() -> impl Responder {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(include_str!("page.html"))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    ereo_examples::trace();
    let chat = Data::new(ClientSet::<Told>::new());
    let routes = ereo_runtime::routes()?;
    if ereo_examples::has_written_contract(&routes)? {
        return Ok(());
    }
    let address = ("127.0.0.1", ereo_examples::port()?);
    tracing::info!("http://{}:{}", address.0, address.1);
    HttpServer::new(move || {
        App::new()
            .app_data(chat.clone())
            .service(routes.clone())
            .service(browser_client("/ereo.js"))
            .service(page)
    })
    .workers(ereo_examples::workers()?)
    .max_connections(ereo_examples::connections()?)
    .realtime(ereo_examples::realtime(Drain::within(Duration::from_secs(10))))
    .bind(address)?
    .run()
    .await
}
