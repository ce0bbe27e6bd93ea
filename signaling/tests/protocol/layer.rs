//! Layer selection.

use serde_json::{Value, json};

use crate::server::{Opened, Server, assert_problem, offer};

async fn select(server: &Server, session: &Opened, wish: &Value) -> reqwest::Response {
    let url = session.link("urn:ietf:params:whep:ext:core:layer");
    server.request("POST", &url).json(wish).send().await.unwrap()
}

#[tokio::test]
async fn x9_the_layer_extension_comes_with_the_layers_event() {
    let server = Server::start().await;
    let session = server.watched().await;
    assert!(session.link("urn:ietf:params:whep:ext:core:layer").starts_with(&session.location));
    assert!(session.links().iter().any(|link| link.contains("events=\"") && link.contains("layers")));
}

#[tokio::test]
async fn x10_a_size_may_be_asked_for_and_forgotten_again() {
    let server = Server::start().await;
    let session = server.watched().await;
    for wish in
        [json!({"mediaId": "1", "maxWidth": 640, "maxHeight": 360}), json!({"mediaId": "1"}), json!({})]
    {
        assert_eq!(select(&server, &session, &wish).await.status(), 200, "{wish}");
    }
}

#[tokio::test]
async fn x10_what_does_not_exist_cannot_be_selected() {
    let server = Server::start().await;
    let session = server.watched().await;
    for wish in [
        json!({"mediaId": "0"}),
        json!({"mediaId": "video"}),
        json!({"rid": "no-such-layer"}),
        json!({"temporalLayerId": 1}),
        json!({"maxSpatialLayerId": 2}),
    ] {
        let response = select(&server, &session, &wish).await;
        assert_eq!(response.status(), 400, "{wish}");
        assert_problem(response, 400, "invalid_selection").await;
    }
    for wish in [json!([]), json!("q"), json!({"maxWidth": "wide"})] {
        assert_problem(select(&server, &session, &wish).await, 400, "malformed_json").await;
    }
}

#[tokio::test]
async fn x10_only_json_of_a_running_viewer_is_taken() {
    let server = Server::start().await;
    let session = server.watched().await;
    let url = session.link("urn:ietf:params:whep:ext:core:layer");
    let typo = server.request("POST", &url).header("Content-Type", "application/sjon").body("{}");
    assert_problem(typo.send().await.unwrap(), 415, "unsupported_content_type").await;
    let publisher = Opened::of(server.publish(&offer("whip-ffmpeg-9.0.2")).await).await;
    let of_publisher = server.request("POST", &format!("{}/layer", publisher.location)).json(&json!({}));
    assert_problem(of_publisher.send().await.unwrap(), 404, "not_found").await;
    server.send("DELETE", &session.location).await;
    assert_problem(select(&server, &session, &json!({})).await, 404, "unknown_session").await;
}

#[tokio::test]
async fn b_br13_delete_returns_to_automatic_choice() {
    let server = Server::start().await;
    let session = server.watched().await;
    let url = session.link("urn:ietf:params:whep:ext:core:layer");
    assert_eq!(server.send("DELETE", &url).await.status(), 200);
}
