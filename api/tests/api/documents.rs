//! The OpenAPI document, its pages, the aliases without a version, and the headers of answers.

use reqwest::{Client, Method};

use crate::world::{Who, worlds};

// Requirements: R359
#[tokio::test]
async fn the_document_and_its_pages_need_nothing_from_elsewhere() {
    for world in worlds().await {
        let at = |path: &str| Client::new().get(format!("http://{}{path}", world.http)).send();
        let document = at("/openapi.json").await.unwrap();
        let document: serde_json::Value = document.json().await.unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        for page in ["/docs/", "/docs/swagger-initializer.js", "/redoc"] {
            let answer = at(page).await.unwrap();
            assert_eq!(answer.status(), 200, "{page}");
            assert!(answer.headers().contains_key("content-security-policy"), "{page}");
            let text = answer.text().await.unwrap();
            assert!(!text.contains("src=\"http") && !text.contains("href=\"http"), "{page}: {text}");
        }
        assert_eq!(at("/docs").await.unwrap().status(), 200);
        assert_eq!(at("/docs/nothing.js").await.unwrap().status(), 404);
    }
}

// Requirements: R363
#[tokio::test]
async fn every_path_is_there_without_its_version_too() {
    for world in worlds().await {
        for (_, path, _) in sluice_api::access::ROUTES {
            let path = path.replace(['{', '}'], "");
            let ask = async |prefix: &str| {
                let url = format!("http://{}{prefix}{path}", world.http);
                let answer = Client::new().request(Method::PATCH, url).send().await.unwrap();
                (answer.status(), answer.headers().get("allow").cloned())
            };
            assert_eq!(ask("/api").await, ask("/api/v1").await, "{path}");
        }
    }
}

// Requirements: R385, R388
#[tokio::test]
async fn answers_tell_their_limits_and_are_kept_by_nobody() {
    for world in worlds().await {
        let answer = world.get(Who::Viewer, "/me").await;
        assert!(answer.headers["ratelimit-policy"].to_str().unwrap().starts_with("\"account\";q="));
        assert!(answer.headers["ratelimit"].to_str().unwrap().starts_with("\"account\";r="));
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        assert!(answer.headers.contains_key("x-request-id"));
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
        let refused = world.get(Who::Nobody, "/me").await;
        assert!(refused.headers["ratelimit-policy"].to_str().unwrap().starts_with("\"address\";q="));
    }
}

// Requirements: R387
#[tokio::test]
async fn pages_of_the_sites_that_are_configured_may_ask_and_others_may_not() {
    for world in worlds().await {
        for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
            let preflight = world.request(Who::Nobody, Method::OPTIONS, "/me");
            let preflight =
                preflight.header("origin", origin).header("access-control-request-method", "PATCH");
            let preflight =
                world.answer(preflight.header("access-control-request-headers", "if-match")).await;
            let asked = world.request(Who::Viewer, Method::GET, "/me").header("origin", origin);
            for answer in [preflight, world.answer(asked).await] {
                let told = answer.headers.get("access-control-allow-origin");
                assert_eq!(told.map(|told| told.to_str().unwrap()), allowed.then_some(origin));
                assert!(!answer.headers.contains_key("access-control-allow-credentials"));
            }
        }
    }
}

#[tokio::test]
async fn the_demo_is_shown_on_this_machine_only() {
    for world in worlds().await {
        let here = world.get(Who::Nobody, "/server").await.json();
        assert_eq!(here["demo"]["key"], "sk_demo");
        assert_eq!(here["whip_url"], format!("http://{}/whip", world.http));
        // A tunnel and a page with a rebound name come from loopback too, under another name.
        for host in ["demo.example", "localhost.example:8080", "192.0.2.1"] {
            let there = world.answer(world.request(Who::Nobody, Method::GET, "/server").header("host", host));
            assert!(there.await.json()["demo"].is_null(), "{host}");
        }
    }
}
