//! The shop as its users have it.

use ereo_runtime::test::{self, Ended, TestApp};
use serde_json::json;

use super::*;
use crate::admin::Overview;
use crate::chat::Told;
use crate::shop::{Inbox, Notice, Order, Progress};

async fn shop() -> TestApp {
    let serve = State::new().serve(ereo_runtime::routes().unwrap());
    test::app(App::new().configure(serve)).await
}

async fn user(app: &TestApp, name: &str) -> TestApp {
    let visitor = app.visitor();
    visitor.login("/api/login", &json!({ "user": name })).await;
    visitor
}

async fn order(user: &TestApp, item: &str) -> Order {
    user.post("/api/orders").json(&json!({ "item": item })).await.json()
}

/// The next order that the kitchen's board tells of.
async fn moved(kitchen: &mut test::Socket) -> Order {
    let told: serde_json::Value = kitchen.next().await;
    serde_json::from_value(told["order"].clone()).unwrap()
}

#[ereo_runtime::test]
async fn who_has_not_logged_in_gets_nothing() {
    let app = shop().await;
    assert_eq!(app.events("/api/notifications").await.unwrap_err().status(), 401);
    assert_eq!(app.load::<Inbox>("/api/inbox").await.unwrap_err().status(), 401);
    assert_eq!(app.socket("/api/rooms/lobby/ws").await.unwrap_err().status(), 401);
    let forged = app.with_header("cookie", "session=root.0.00");
    assert_eq!(forged.load::<Inbox>("/api/inbox").await.unwrap_err().status(), 401);
}

#[ereo_runtime::test]
async fn a_page_has_its_orders_and_then_each_notice() {
    let app = shop().await;
    let (ann, bob) = (user(&app, "ann").await, user(&app, "bob").await);
    order(&ann, "pen").await;
    let inbox = ann.load::<Inbox>("/api/inbox").await.unwrap();
    assert_eq!(inbox.data.orders.len(), 1);
    // In between: nothing is missed.
    let book = order(&ann, "book").await;
    order(&bob, "cup").await;
    let mut notices = ann.events("/api/notifications").after(inbox.position).await.unwrap();
    assert_eq!(notices.next::<Notice>().await.data, Notice::Placed(book));
    notices.silent_for(Duration::from_secs(10)).await;
}

#[ereo_runtime::test]
async fn progress_is_told_to_its_user_and_ends() {
    let app = shop().await;
    let (ann, bob, root) =
        (user(&app, "ann").await, user(&app, "bob").await, user(&app, "root").await);
    let order = order(&ann, "pen").await;
    let mut kitchen = root.socket("/admin/kitchen").await.unwrap();
    let advance = json!({ "order": order.id });
    let path = format!("/api{}", shop::progress::path(order.id));
    assert_eq!(bob.events(&path).await.unwrap_err().status(), 403);
    let mut progress = ann.events(&path).await.unwrap();
    assert_eq!(progress.next::<Progress>().await.data, Progress::Step { done: 0 });
    for done in [25, 50, 75] {
        kitchen.send(&advance).await;
        assert_eq!(progress.next::<Progress>().await.data, Progress::Step { done });
    }
    kitchen.send(&advance).await;
    assert_eq!(progress.next::<Progress>().await.data, Progress::Finished);
    assert_eq!(progress.ended().await, Ended::Finished);
}

#[ereo_runtime::test]
async fn one_stream_has_a_user_s_notices_and_the_news_for_all() {
    let app = shop().await;
    let (ann, root) = (user(&app, "ann").await, user(&app, "root").await);
    let mut notices = ann.events("/api/notifications").await.unwrap();
    let book = order(&ann, "book").await;
    assert_eq!(notices.next::<Notice>().await.data, Notice::Placed(book));
    let position = notices.close().await;
    // While the page is away: both go on from its one position.
    root.post("/admin/news").body("closed at six").await.expect_success();
    let cup = order(&ann, "cup").await;
    let mut notices = ann.events("/api/notifications").after(position).await.unwrap();
    let told = [notices.next::<Notice>().await.data, notices.next::<Notice>().await.data];
    assert!(told.contains(&Notice::News { text: "closed at six".to_owned() }), "{told:?}");
    assert!(told.contains(&Notice::Placed(cup)), "{told:?}");
}

#[ereo_runtime::test]
async fn the_kitchen_s_board_is_loaded_and_goes_on_over_its_socket() {
    let app = shop().await;
    let (ann, root) = (user(&app, "ann").await, user(&app, "root").await);
    order(&ann, "pen").await;
    let overview = root.load::<Overview>("/admin/overview").await.unwrap();
    assert_eq!(overview.data.orders.len(), 1);
    // In between: nothing is missed.
    let book = order(&ann, "book").await;
    let position = overview.position;
    let kitchen = root.socket(format!("/admin/kitchen?lastEventID={position}"));
    let mut kitchen = kitchen.await.unwrap();
    assert_eq!(moved(&mut kitchen).await, book);
    kitchen.send(&json!({ "order": book.id })).await;
    assert_eq!(moved(&mut kitchen).await, Order { done: 25, ..book });
    assert_eq!(ann.socket("/admin/kitchen").await.unwrap_err().status(), 403);
}

#[ereo_runtime::test]
async fn the_orders_that_are_asked_for_in_a_body_are_told_as_they_move() {
    let app = shop().await;
    let (ann, bob, root) =
        (user(&app, "ann").await, user(&app, "bob").await, user(&app, "root").await);
    let (pen, cup, book) =
        (order(&ann, "pen").await, order(&bob, "cup").await, order(&ann, "book").await);
    let watch = |wanted: Vec<usize>| ann.post("/api/orders/watch").json(&wanted).events();
    let mut watched = watch(vec![pen.id, cup.id]).await.unwrap();
    let mut kitchen = root.socket("/admin/kitchen").await.unwrap();
    for id in [book.id, cup.id, pen.id] {
        kitchen.send(&json!({ "order": id })).await;
    }
    let moved = watched.next::<Order>().await.data;
    assert_eq!((moved.id, moved.done), (pen.id, 25));
    watched.silent_for(Duration::from_secs(10)).await;
}

#[ereo_runtime::test]
async fn a_room_tells_who_is_there_who_types_and_what_is_said() {
    let app = shop().await;
    let (ann, bob) = (user(&app, "ann").await, user(&app, "bob").await);
    let mut ann = ann.socket("/api/rooms/lobby/ws").await.unwrap();
    assert_eq!(ann.next::<Told>().await, Told::Present { users: vec!["ann".to_owned()] });
    let mut bob = bob.socket("/api/rooms/lobby/ws").await.unwrap();
    let users = vec!["ann".to_owned(), "bob".to_owned()];
    assert_eq!(bob.next::<Told>().await, Told::Present { users });
    assert_eq!(ann.next::<Told>().await, Told::Joined { user: "bob".to_owned() });
    bob.send(&json!({ "type": "typing" })).await;
    assert_eq!(ann.next::<Told>().await, Told::Typing { user: "bob".to_owned() });
    let taken: Told = bob.ask(&json!({ "type": "line", "text": "hi" })).await;
    assert_eq!(taken, Told::Taken);
    let line = Told::Line { user: "bob".to_owned(), text: "hi".to_owned() };
    assert_eq!(ann.next::<Told>().await, line);
    bob.close(1000).await;
    assert_eq!(ann.next::<Told>().await, Told::Left { user: "bob".to_owned() });
}

#[ereo_runtime::test]
async fn a_user_who_is_logged_out_is_gone_everywhere_and_nobody_else_is() {
    let app = shop().await;
    let (ann, bob, root) =
        (user(&app, "ann").await, user(&app, "bob").await, user(&app, "root").await);
    let mut notices = ann.events("/api/notifications").await.unwrap();
    let mut chat = ann.socket("/api/rooms/lobby/ws").await.unwrap();
    let mut others = bob.events("/api/notifications").await.unwrap();
    chat.next::<Told>().await;
    assert_eq!(bob.post("/admin/users/ann/logout").await.status(), 403);
    let told: usize = root.post("/admin/users/ann/logout").await.json();
    assert_eq!(told, 2);
    let ended = notices.ended().await;
    assert!(matches!(ended, Ended::Closed { code: 4001, last: true, .. }), "{ended:?}");
    assert_eq!(chat.closed().await.code(), 4001);
    assert_eq!(ann.events("/api/notifications").await.unwrap_err().status(), 401);
    others.silent_for(Duration::from_secs(10)).await;
}

#[ereo_runtime::test]
async fn administrators_see_all_of_it_and_others_nothing() {
    let app = shop().await;
    let (ann, root) = (user(&app, "ann").await, user(&app, "root").await);
    order(&ann, "pen").await;
    let mut chat = ann.socket("/api/rooms/lobby/ws").await.unwrap();
    chat.next::<Told>().await;
    let all = root.load::<Overview>("/admin/overview").await.unwrap().data;
    assert_eq!(
        (all.orders.len(), all.rooms, all.chatting),
        (1, vec!["lobby".to_owned()], vec!["ann".to_owned()])
    );
    assert_eq!(ann.load::<Overview>("/admin/overview").await.unwrap_err().status(), 403);
    assert_eq!(app.load::<Overview>("/overview").await.unwrap_err().status(), 404);
    assert_eq!(root.load::<Overview>("/api/overview").await.unwrap_err().status(), 404);
}
