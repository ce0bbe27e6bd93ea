//! Pages of other origins.

use reqwest::Response;
use sluice_domain::{Redacted, SessionId};
use sluice_signaling::{IceServer, Relays};

use crate::people::OWNER;
use crate::server::{HIDDEN_KEY, KEY, OTHER_KEY, Server, text};

/// A relay whose credentials tell for which host and session they are.
pub(crate) fn relays() -> Relays {
    Relays::by(|host, session: SessionId| {
        let secret = Redacted::new(format!("of-{session}"));
        let url = format!("turn:{host}:3478?transport=udp");
        vec![IceServer::new(&url, Some("u"), Some(&secret)).unwrap()]
    })
}

/// The Links of ICE servers.
pub(crate) fn ice_servers(response: &Response) -> Vec<String> {
    let links = response.headers().get_all("link").iter().map(|link| link.to_str().unwrap().to_owned());
    links.filter(|link| link.contains("rel=\"ice-server\"")).collect()
}

#[tokio::test]
async fn w8_e8_options_says_what_an_endpoint_takes() {
    let server = Server::start().await;
    for path in ["/whip/demo", "/whip", "/whep/demo"] {
        let response = server.send("OPTIONS", path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(text(response.headers(), "accept-post"), "application/sdp", "{path}");
    }
}

#[tokio::test]
async fn w36_ice_servers_are_told_on_options_but_not_on_preflights() {
    let secret = Redacted::new("p".to_owned());
    let servers = vec![
        IceServer::new("stun:stun.example", None, None).unwrap(),
        IceServer::new("turn:turn.example", Some("u"), Some(&secret)).unwrap(),
    ];
    let server = Server::with(|settings| settings.signaling.ice_servers = servers).await;
    let plain = server.send("OPTIONS", "/whip/demo").await;
    let links: Vec<_> = plain.headers().get_all("link").iter().collect();
    assert_eq!(links, ["<stun:stun.example>; rel=\"ice-server\""], "secrets are for the 201 only");
    let preflight = server.request("OPTIONS", "/whip/demo").header("Access-Control-Request-Method", "POST");
    let preflight = preflight.header("Origin", "https://page.example").send().await.unwrap();
    assert!(preflight.headers().get("link").is_none());
}

// Requirements: R383
#[tokio::test]
async fn w36_relays_are_told_on_options_to_who_may_publish_or_watch() {
    let server = Server::with(|settings| settings.signaling.relays = relays()).await;
    let ask = async |path: &str, key: &str| {
        let response = server.request("OPTIONS", path).bearer_auth(key).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(text(response.headers(), "accept-post"), "application/sdp");
        ice_servers(&response)
    };
    let owner = server.people.token(OWNER).await;
    for (path, key) in
        [("/whip/demo", KEY), ("/whip", KEY), ("/whip/hidden", HIDDEN_KEY), ("/whep/hidden", &owner)]
    {
        let (first, second) = (ask(path, key).await, ask(path, key).await);
        assert_eq!(first.len(), 1, "{path} {first:?}");
        assert!(first[0].starts_with("<turn:127.0.0.1:3478?transport=udp>; "), "{path} {first:?}");
        assert_ne!(first, second, "two askers are not one user of the relay");
    }
    let strangers = [
        ("/whip/demo", OTHER_KEY),
        ("/whip/nobody", KEY),
        ("/whip/%ff", KEY),
        ("/whip", "x"),
        ("/whep/hidden", KEY),
    ];
    for (path, key) in strangers {
        assert!(ask(path, key).await.is_empty(), "{path} {key}");
    }
    for path in ["/whip/demo", "/whip", "/whep/demo"] {
        assert!(ice_servers(&server.send("OPTIONS", path).await).is_empty(), "{path} without a key");
    }
}

#[tokio::test]
async fn w37_t12_preflights_pass_without_a_key_on_every_resource() {
    let server = Server::start().await;
    let session = server.watched().await.location;
    let gone = format!("/session/{}", "0".repeat(32));
    let paths = [
        ("/whip/demo", "POST"),
        ("/whip", "POST"),
        ("/whep/demo", "POST"),
        ("/whep/nobody", "POST"),
        (&session, "PATCH"),
        (&session, "DELETE"),
        (&gone, "DELETE"),
        (&format!("{session}/events"), "POST"),
        (&format!("{session}/events/{}", "0".repeat(32)), "DELETE"),
        (&format!("{session}/layer"), "POST"),
    ];
    for (path, method) in paths {
        let request = server
            .request("OPTIONS", path)
            .header("Origin", "https://page.example")
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", "authorization,content-type,if-match,etag");
        let response = request.send().await.unwrap();
        let headers = response.headers();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(text(headers, "access-control-allow-origin"), "*", "{path}");
        assert!(text(headers, "access-control-allow-methods").contains(method), "{path}");
        let allowed = text(headers, "access-control-allow-headers").to_ascii_lowercase();
        for name in ["authorization", "content-type", "if-match", "etag"] {
            assert!(allowed.split(", ").any(|allowed| allowed == name), "{path} {name}");
        }
        assert!(text(headers, "access-control-max-age").parse::<u32>().unwrap() > 0, "{path}");
    }
}

#[tokio::test]
async fn t12_every_answer_can_be_read_by_pages_errors_too() {
    let server = Server::start().await;
    let session = server.watched().await.location;
    let answers = [
        server.send("POST", "/whip/demo").await,
        server.send("POST", "/whep/nobody").await,
        server.send("PATCH", &session).await,
        server.send("GET", &session).await,
        server.send("PUT", "/whip/demo").await,
        server.watch("v=0\r\n").await,
    ];
    for answer in answers {
        let headers = answer.headers();
        assert_eq!(text(headers, "access-control-allow-origin"), "*", "{}", answer.status());
        let exposed = text(headers, "access-control-expose-headers");
        for name in ["Location", "Link", "ETag", "Retry-After", "Accept-Post", "Access-Control-Allow-Methods"]
        {
            assert!(exposed.split(", ").any(|exposed| exposed == name), "{} {name}", answer.status());
        }
    }
}

#[tokio::test]
async fn b_br7_the_endpoint_lists_patch_so_that_one_library_trickles() {
    let server = Server::start().await;
    let response = server.send("OPTIONS", "/whip/demo").await;
    assert!(text(response.headers(), "access-control-allow-methods").contains("PATCH"));
}
