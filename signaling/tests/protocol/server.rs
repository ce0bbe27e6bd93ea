//! A server for one test: real sockets, free ports, offers of real clients.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use sluice_domain::AccessLevel;
use sluice_live::{Live, LiveConfig};
use sluice_sfu::{Sfu, SfuConfig};
use sluice_signaling::SignalingConfig;

use crate::people::People;

/// Keys of the streams `demo` (two of them), `other` and `hidden`.
pub(crate) const KEY: &str = "key-of-the-demo-0";
pub(crate) const SPARE_KEY: &str = "spare-key-of-the-demo";
pub(crate) const OTHER_KEY: &str = "key-of-the-other";
pub(crate) const HIDDEN_KEY: &str = "key-of-the-hidden";

pub(crate) struct Server {
    pub(crate) http: SocketAddr,
    pub(crate) udp: u16,
    pub(crate) live: Live,
    pub(crate) client: Client,
    pub(crate) people: People,
}

/// Everything that a test may want to change.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) signaling: SignalingConfig,
    pub(crate) live: LiveConfig,
    pub(crate) sfu: SfuConfig,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        settings.sfu.listen = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        settings.sfu.udp_port = 0;
        settings.sfu.workers = 1;
        change(&mut settings);
        let people = People::new().await;
        people.stream("demo", AccessLevel::Public, &[KEY, SPARE_KEY]).await;
        people.stream("other", AccessLevel::Public, &[OTHER_KEY]).await;
        people.stream("hidden", AccessLevel::Private, &[HIDDEN_KEY]).await;
        Self::of(settings, people).await
    }

    /// Another process with the same database.
    pub(crate) async fn restarted(self) -> Self {
        self.live.drain(None).await;
        let mut settings = Settings::default();
        settings.sfu.listen = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        settings.sfu.udp_port = 0;
        settings.sfu.workers = 1;
        Self::of(settings, self.people).await
    }

    async fn of(settings: Settings, people: People) -> Self {
        let (sfu, events) = Sfu::start(settings.sfu).unwrap();
        let udp = sfu.udp_port();
        let (store, accounts) = (people.store.clone(), people.accounts.clone());
        let live = Live::start(settings.live, store, accounts, sfu, events);
        let router = sluice_signaling::router(live.clone(), settings.signaling);
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let http = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, udp, live, client, people }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("http://{}{path}", self.http) }
    }

    /// A request to a path, or to an absolute URL as a Location has it.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), self.url(path))
    }

    pub(crate) async fn send(&self, method: &str, path: &str) -> Response {
        self.request(method, path).send().await.unwrap()
    }

    /// POST of an offer without a key.
    pub(crate) fn offer(&self, path: &str, offer: &str) -> RequestBuilder {
        self.request("POST", path).header("Content-Type", "application/sdp").body(offer.to_owned())
    }

    /// Publishes an offer to the stream `demo`.
    pub(crate) async fn publish(&self, offer: &str) -> Response {
        self.offer("/whip/demo", offer).bearer_auth(KEY).send().await.unwrap()
    }

    /// Publishes and expects success.
    pub(crate) async fn published(&self) -> Opened {
        Opened::of(self.publish(&offer("whip-chromium156-medooze")).await).await
    }

    /// Watches the stream `demo`.
    pub(crate) async fn watch(&self, offer: &str) -> Response {
        self.offer("/whep/demo", offer).send().await.unwrap()
    }

    /// Publishes, watches and expects success of both.
    pub(crate) async fn watched(&self) -> Opened {
        self.published().await;
        Opened::of(self.watch(&offer("whep-chromium156-medooze")).await).await
    }

    pub(crate) fn fragment(&self, session: &str, fragment: &str) -> RequestBuilder {
        self.request("PATCH", session)
            .header("Content-Type", "application/trickle-ice-sdpfrag")
            .body(fragment.to_owned())
    }
}

/// What a 201 said.
pub(crate) struct Opened {
    pub(crate) location: String,
    pub(crate) etag: String,
    pub(crate) headers: HeaderMap,
    pub(crate) answer: String,
}

impl Opened {
    pub(crate) async fn of(response: Response) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        let answer = response.text().await.unwrap();
        assert_eq!(status, 201, "{answer}");
        Self { location: text(&headers, "location"), etag: text(&headers, "etag"), headers, answer }
    }

    /// Values of the Link headers.
    pub(crate) fn links(&self) -> Vec<String> {
        self.headers.get_all("link").iter().map(|link| link.to_str().unwrap().to_owned()).collect()
    }

    /// The target of the Link with this relation.
    pub(crate) fn link(&self, rel: &str) -> String {
        let rel = format!("rel=\"{rel}\"");
        let link = self.links().into_iter().find(|link| link.contains(&rel)).unwrap();
        link[1..link.find('>').unwrap()].to_owned()
    }
}

/// A header as text; empty where it is absent.
pub(crate) fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(HeaderValue::to_str).transpose().unwrap().unwrap_or_default().to_owned()
}

/// Asserts a problem: status, code, JSON, request id in body and header.
pub(crate) async fn assert_problem(response: Response, status: u16, code: &str) -> HeaderMap {
    let headers = response.headers().clone();
    let got = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(got, status, "{body}");
    assert_eq!(text(&headers, "content-type"), "application/problem+json");
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["code"], code, "{body}");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["request_id"], text(&headers, "x-request-id"));
    for part in ["title", "detail", "type"] {
        assert!(problem[part].as_str().is_some_and(|text| !text.is_empty()), "{part} of {body}");
    }
    headers
}

/// An offer of a real client, CRLF line ends.
pub(crate) fn offer(name: &str) -> String {
    let path = format!("{}/tests/data/offers/{name}.sdp", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| format!("{}\r\n", line.trim_end_matches('\r'))).collect()
}

/// The names of the offers to publish.
pub(crate) const WHIP_OFFERS: [&str; 8] = [
    "whip-chromium156-medooze",
    "whip-chromium156-simulcast-datachannel",
    "whip-ffmpeg-9.0.2",
    "whip-ffmpeg-9.0.2-dtls_active",
    "whip-ffmpeg-9.0.2-videoonly",
    "whip-firefox153-medooze",
    "whip-obs-shaped-libdatachannel-0.24.5",
    "whip-obs-shaped-simulcast3",
];

/// The names of the offers to watch.
pub(crate) const WHEP_OFFERS: [&str; 2] = ["whep-chromium156-medooze", "whep-firefox153-medooze"];
