//! The same bytes over HTTP/2 cleartext, without connection headers.

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};

use crate::support::serve;

#[sse("/http2/feed", retry = "2s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[tokio::test]
async fn same_stream_without_connection_headers() {
    let set = ClientSet::new();
    let before = set.position();
    set.broadcast(&"replayed".to_owned()).unwrap();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    let socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(socket).await.unwrap();
    let connection = tokio::spawn(connection);
    let uri = format!("http://test/http2/feed?lastEventID={before}");
    let request = http::Request::get(uri).body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    let (head, mut body) = response.await.unwrap().into_parts();
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["content-type"], "text/event-stream");
    for forbidden in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
        assert!(!head.headers.contains_key(forbidden), "{forbidden}");
    }
    let first = set.position();
    let mut expected =
        format!("retry: 2000\nid: {before}\n\ndata: replayed\nid: {first}\n\n").into_bytes();
    let second = set.broadcast(&"live".to_owned()).unwrap().position().unwrap();
    expected.extend(format!("data: live\nid: {second}\n\n").into_bytes());
    let mut bytes = Vec::new();
    while bytes.len() < expected.len() {
        bytes.extend(body.data().await.unwrap().unwrap());
    }
    assert_eq!(String::from_utf8(bytes), String::from_utf8(expected));
    drop((client, body));
    connection.abort();
}
