//! The REST API through HTTP, against the real media plane.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::{Client, Response};
use serde_json::{Value, json};
use sluice_api::{ApiConfig, Demo};
use sluice_domain::Redacted;
use sluice_live::{Live, LiveConfig, StreamConfig};
use sluice_sfu::{Sfu, SfuConfig};

const KEY: &str = "key-of-the-demo";
const OFFER: &str = include_str!("../../signaling/tests/data/offers/whip-ffmpeg-9.0.2.sdp");

struct Server {
    http: SocketAddr,
    live: Live,
}

impl Server {
    async fn start() -> Self {
        let sfu = SfuConfig {
            listen: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            udp_port: 0,
            workers: 1,
            ..SfuConfig::default()
        };
        let (sfu, events) = Sfu::start(sfu).unwrap();
        let key = Redacted::new(KEY.to_owned());
        let stream =
            |name: &str, keys| StreamConfig { name: name.parse().unwrap(), title: name.to_uppercase(), keys };
        let streams = vec![stream("demo", vec![key.clone()]), stream("quiet", Vec::new())];
        let live = Live::start(LiveConfig::default(), streams, sfu, events).unwrap();
        let demo = Some(Demo { stream: "demo".parse().unwrap(), key });
        let router = sluice_api::router(live.clone(), ApiConfig { public_url: None, demo });
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let http = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { http, live }
    }

    async fn ask(&self, path: &str) -> Response {
        Client::new().get(format!("http://{}{path}", self.http)).send().await.unwrap()
    }

    async fn json(&self, path: &str) -> Value {
        let response = self.ask(path).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }
}

async fn assert_problem(response: Response, status: u16, code: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem: Value = response.json().await.unwrap();
    assert_eq!((&problem["code"], &problem["request_id"]), (&json!(code), &json!(id)));
}

#[tokio::test]
async fn the_list_shows_what_is_live_and_nothing_else() {
    let server = Server::start().await;
    assert_eq!(server.json("/api/v1/streams").await, json!([]));
    let grant = server.live.may_publish(None, Some(&Redacted::new(KEY.to_owned()))).unwrap();
    server.live.publish(grant, OFFER.to_owned()).await.unwrap();
    let expected = json!({
        "name": "demo", "title": "DEMO", "state": "starting", "live_since": null,
        "viewers": 0, "codec": null, "layers": [], "issues": [],
    });
    assert_eq!(server.json("/api/v1/streams").await, json!([expected]));
    assert_eq!(server.json("/api/v1/streams/demo").await, expected);
}

#[tokio::test]
async fn a_stream_that_is_not_live_is_offline() {
    let server = Server::start().await;
    let quiet = server.json("/api/v1/streams/quiet").await;
    assert_eq!((&quiet["state"], &quiet["title"]), (&json!("offline"), &json!("QUIET")));
}

#[tokio::test]
async fn streams_that_do_not_exist_and_names_that_cannot_are_404() {
    let server = Server::start().await;
    for name in ["nobody", "NOT-A-NAME", "%ff", "a%2Fb"] {
        assert_problem(server.ask(&format!("/api/v1/streams/{name}")).await, 404, "unknown_stream").await;
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_problems_and_not_the_web_app() {
    let server = Server::start().await;
    for path in ["/api/v1/nothing", "/api/v2/streams", "/api/v1/streams/demo/x"] {
        assert_problem(server.ask(path).await, 404, "not_found").await;
    }
    let post = Client::new().post(format!("http://{}/api/v1/streams", server.http)).send().await.unwrap();
    assert!(post.headers()["allow"].to_str().unwrap().contains("GET"));
    assert_problem(post, 405, "method_not_allowed").await;
}

#[tokio::test]
async fn the_server_tells_its_addresses() {
    let server = Server::start().await;
    let info = server.json("/api/v1/server").await;
    assert_eq!(info["whip_url"], format!("http://{}/whip", server.http));
    assert_eq!(info["whep_url_template"], format!("http://{}/whep/{{stream}}", server.http));
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn the_key_of_the_demo_is_shown_on_this_machine_only() {
    let server = Server::start().await;
    let here = server.json("/api/v1/server").await;
    assert_eq!(here["demo"], json!({"stream": "demo", "key": KEY}));
    // A tunnel and a page with a rebound name come from loopback too, under another name.
    for host in ["demo.example", "localhost.example:8080", "192.0.2.1"] {
        let request = Client::new().get(format!("http://{}/api/v1/server", server.http)).header("Host", host);
        let there: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(there["demo"], Value::Null, "{host}");
    }
}
