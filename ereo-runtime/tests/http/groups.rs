//! Groups of routes: what is served apart is not served a second time without what guards it.

use std::io;
use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpServer, guard};
use ereo_runtime::{Drain, HttpServerExt, Realtime, loader, routes};

use crate::support::server::lean;
use crate::support::{get, serve};

#[loader("/open")]
async fn open() -> u8 {
    0
}

#[loader("/orders", group = "groups-admin")]
async fn orders() -> u8 {
    1
}

/// The error of a server that does not start.
fn start(
    workers: usize,
    configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
) -> io::Error {
    actix_web::rt::System::new().block_on(async move {
        // Of its own accord it would serve until somebody ends it.
        let drain = Drain::within(Duration::ZERO).on(std::future::pending());
        let server = HttpServer::new(move || App::new().configure(configure.clone()))
            .workers(workers)
            .realtime(Realtime::new(drain).direct_writes(lean()))
            .bind(("127.0.0.1", 0))
            .unwrap();
        let ran = tokio::time::timeout(Duration::from_secs(20), server.run()).await;
        ran.expect("it ends by itself").expect_err("it does not start")
    })
}

#[track_caller]
fn assert_names_both(error: &io::Error, apart: u32, among: u32) {
    let told = error.to_string();
    for needed in [
        format!("{}:{apart}:", file!()),
        format!("{}:{among}:", file!()),
        "GET /orders".to_owned(),
        concat!(module_path!(), "::orders").to_owned(),
        r#".group("groups-admin")"#.to_owned(),
        ".ungrouped()".to_owned(),
    ] {
        assert!(told.contains(&needed), "{needed} is not in: {told}");
    }
    assert!(!told.contains("/open"), "{told}");
}

/// The order of the services makes no difference, nor whether the routes come of one call.
#[test]
fn a_group_served_twice_is_no_server() {
    let error = start(2, |app| {
        let routes = routes().unwrap().only(module_path!());
        app.service(web::scope("/admin").service(routes.clone().group("groups-admin")))
            .service(routes);
    });
    assert_names_both(&error, line!() - 3, line!() - 4);
    let error = start(1, |app| {
        app.service(routes().unwrap().only(module_path!()))
            .service(web::scope("/admin").service(routes().unwrap().group("groups-admin")));
    });
    assert_names_both(&error, line!() - 2, line!() - 3);
}

/// A second server of the same routes is no way around the guard.
#[test]
fn a_group_served_by_another_server_is_no_server_either() {
    let all = routes().unwrap().only(module_path!());
    let apart = all.clone().group("groups-admin");
    let server = serve(move |app| {
        app.service(apart.clone());
    });
    assert_eq!(get(server.address, "/orders").body, "1");
    let error = start(1, move |app| {
        app.service(all.clone());
    });
    assert!(error.to_string().contains(".ungrouped()"), "{error}");
    assert_eq!(get(server.address, "/orders").body, "1");
}

#[test]
fn ungrouped_routes_stand_beside_a_group_behind_a_guard() {
    let server = serve(|app| {
        let routes = routes().unwrap().only(module_path!());
        let never = guard::fn_guard(|_| false);
        let (twice, once) =
            (routes.clone().group("groups-admin"), routes.clone().group("groups-admin"));
        app.service(web::scope("/never").guard(never).service(twice))
            .service(web::scope("/admin").service(once))
            .service(routes.ungrouped());
    });
    for (path, status) in
        [("/open", 200), ("/orders", 404), ("/admin/orders", 200), ("/never/orders", 404)]
    {
        assert_eq!(get(server.address, path).status, status, "{path}");
    }
}

/// Two applications of two calls have nothing to do with each other, and a group that is not chosen is served
/// with all others.
#[test]
fn a_group_among_all_others_is_served() {
    let server = serve(|app| {
        app.service(routes().unwrap().only(module_path!()));
    });
    assert_eq!(get(server.address, "/orders").status, 200);
    assert_eq!(get(server.address, "/open").status, 200);
}
