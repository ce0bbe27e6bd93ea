//! What the layers promise, through whole requests.

use axum::body::to_bytes;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::{get, post};
use axum::{Router, body::Body};
use tower::ServiceExt as _;

use super::*;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask(request: Request<Body>) -> Answer {
    ask_with(Transport { plain: Plain::Served, hsts: None }, request).await
}

async fn ask_with(transport: Transport, request: Request<Body>) -> Answer {
    let routes = Router::new()
        .route("/panic", get(|| async { panic!("on purpose") as &'static str }))
        .route("/slow", get(std::future::pending::<&'static str>))
        .route("/long", get(|| async { "long ".repeat(1000) }))
        .route("/echo", post(|body: String| async move { body }))
        .route(
            "/forwarded",
            get(|headers: HeaderMap| async move { format!("{:?}", headers.get("x-forwarded-proto")) }),
        );
    let proxies = Proxies::default();
    proxies.set(vec!["10.0.0.0/8".to_owned().try_into().unwrap()]);
    let service = public(routes, proxies, transport, Duration::from_millis(50));
    let response = service.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

fn get_request(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_with_a_problem_that_carries_the_request_id() {
    let request = Request::get("/panic").header("x-request-id", "abc-1").body(Body::empty()).unwrap();
    let answer = ask(request).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["code"], "internal");
    assert_eq!(problem["status"], 500);
    assert_eq!(problem["request_id"], "abc-1");
    assert!(!answer.body.contains("on purpose"), "the cause stays inside");
}

#[tokio::test]
async fn a_handler_that_never_answers_is_cut_off_with_a_problem() {
    let answer = ask(get_request("/slow")).await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_request_id_is_made_or_kept_and_a_harmful_one_is_replaced() {
    let made = ask(get_request("/long")).await.header("x-request-id").to_owned();
    assert_eq!(made.len(), 32);
    for bad in ["", "has space", "tab\there", &"x".repeat(65), "quote\"d"] {
        let request = Request::get("/long").header("x-request-id", bad).body(Body::empty()).unwrap();
        assert_ne!(ask(request).await.header("x-request-id"), bad);
    }
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_can_read_them() {
    let request = Request::get("/long").header("accept-encoding", "br, gzip").body(Body::empty()).unwrap();
    assert_eq!(ask(request).await.header("content-encoding"), "br");
    let request = Request::get("/long").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    assert_eq!(ask(request).await.header("content-encoding"), "gzip");
    assert_eq!(ask(get_request("/long")).await.header("content-encoding"), "");
}

// Requirements: R388, R399
#[tokio::test]
async fn every_page_of_the_app_is_the_app_with_a_policy_and_only_embed_may_be_framed() {
    for path in ["/", "/studio", "/watch/demo", "/no/such/page"] {
        let answer = ask(get_request(path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(answer.header("permissions-policy").contains("camera=(self)"));
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'self'") && policy.ends_with("frame-ancestors 'self'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    let embed = ask(get_request("/embed/demo")).await;
    assert!(embed.header("content-security-policy").ends_with("frame-ancestors *"));
}

// Requirements: R399
#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again() {
    let tag = ask(get_request("/")).await.header("etag").to_owned();
    let request = Request::get("/").header("if-none-match", &tag).body(Body::empty()).unwrap();
    let answer = ask(request).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (304, ""));
}

#[tokio::test]
async fn a_wrong_endpoint_or_a_missing_asset_is_a_problem_and_not_the_app() {
    for path in ["/api/v1/nothing", "/whip/a/b/c", "/session", "/assets/gone.js", "/health/x"] {
        let answer = ask(get_request(path)).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("\"not_found\""), "{path}: {}", answer.body);
    }
    let answer = ask(Request::post("/watch/demo").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let request = Request::post("/echo").body(Body::from("x".repeat(2 << 20))).unwrap();
    assert_eq!(ask(request).await.status, 413);
}

#[tokio::test]
async fn a_forwarded_header_of_somebody_who_is_no_proxy_is_taken_away() {
    let mut request =
        Request::get("/forwarded").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
    let peer: std::net::SocketAddr = "192.0.2.1:1".parse().unwrap();
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    assert_eq!(ask(request).await.body, "None");
}

/// A request from this address, in plain or over our TLS.
fn from_address(address: &str, over_tls: bool, mut request: Request<Body>) -> Request<Body> {
    let peer = std::net::SocketAddr::new(address.parse().unwrap(), 1);
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    if over_tls {
        request.extensions_mut().insert(OverTls);
    }
    request.headers_mut().entry("host").or_insert("tv.example:8080".parse().unwrap());
    request
}

// Requirements: R131, R388
#[tokio::test]
async fn where_https_is_pages_are_sent_there_and_keys_that_came_in_plain_are_refused() {
    let sent = |https| Transport { plain: Plain::Sent(https), hsts: None };
    let page = || from_address("192.0.2.1", false, get_request("/watch/demo?t=1"));
    let answer = ask_with(sent(Https::Port(8443)), page()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (308, "https://tv.example:8443/watch/demo?t=1")
    );
    let answer = ask_with(sent(Https::Port(443)), page()).await;
    assert_eq!(answer.header("location"), "https://tv.example/watch/demo?t=1");
    let answer = ask_with(sent(Https::Url("https://live.example".to_owned())), page()).await;
    assert_eq!(answer.header("location"), "https://live.example/watch/demo?t=1");

    let post = || Request::post("/echo").body(Body::from("key")).unwrap();
    let answer = ask_with(sent(Https::Port(443)), from_address("192.0.2.1", false, post())).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("\"https_required\""), "{}", answer.body);
    let answer = ask_with(sent(Https::Port(443)), from_address("192.0.2.1", true, post())).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "key"));
}

// Requirements: R131
#[tokio::test]
async fn plain_http_is_for_this_machine_trusted_proxies_and_probes() {
    let refused = || Transport { plain: Plain::Refused, hsts: None };
    let status = async |address: &str, path: &str| {
        ask_with(refused(), from_address(address, false, get_request(path))).await.status.as_u16()
    };
    assert_eq!(status("192.0.2.1", "/").await, 403);
    for near in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3"] {
        assert_eq!(status(near, "/").await, 200, "{near}");
    }
    // What answers these is not part of this test; that they are not refused is.
    assert_eq!(status("192.0.2.1", "/health/ready").await, 404);
    assert_eq!(status("192.0.2.1", "/.well-known/acme-challenge/x").await, 404);
}

// Requirements: R388
#[tokio::test]
async fn browsers_are_told_to_stay_with_https_where_it_has_no_port() {
    let told = || Transport { plain: Plain::Served, hsts: Some(HeaderValue::from_static("max-age=1")) };
    let hsts = async |address: &str, over_tls: bool, headers: &[(&'static str, &str)]| {
        let mut request = get_request("/");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let answer = ask_with(told(), from_address(address, over_tls, request)).await;
        answer.header("strict-transport-security").to_owned()
    };
    assert_eq!(hsts("192.0.2.1", true, &[("host", "tv.example")]).await, "max-age=1");
    assert_eq!(hsts("192.0.2.1", true, &[("host", "tv.example:8443")]).await, "");
    assert_eq!(hsts("192.0.2.1", false, &[("host", "tv.example")]).await, "");
    let forwarded = [("host", "tv.example"), ("x-forwarded-proto", "https")];
    assert_eq!(hsts("10.0.0.1", false, &forwarded).await, "max-age=1");
    assert_eq!(hsts("192.0.2.1", false, &forwarded).await, "", "anybody can write that");
}

#[tokio::test]
async fn routes_see_https_where_tls_ends_here() {
    let answer = ask(from_address("192.0.2.1", true, get_request("/forwarded"))).await;
    assert_eq!(answer.body, "Some(\"https\")");
}
