//! Bad input: each piece is refused in clear words, and what is allowed comes back as it was.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Who, worlds};

/// Texts that break what treats them as code.
const HOSTILE: [&str; 6] = [
    "'; DROP TABLE accounts; --",
    "\" OR 1=1 --",
    "<script>alert('x')</script>",
    "{{7*7}} ${7*7} %s %n",
    "../../etc/passwd",
    "<img src=x onerror=alert(1)> & \\ ` $1 ?1 :a @b",
];

fn assert_invalid(answer: &Answer, field: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "invalid_input"), "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let errors = answer.json()["errors"].clone();
    assert!(errors.as_array().unwrap().iter().any(|error| error["field"] == field), "{field}: {errors}");
}

// Requirements: R386
#[tokio::test]
async fn sql_and_html_in_text_fields_come_back_as_the_text_they_were() {
    for world in worlds().await {
        for (number, hostile) in HOSTILE.iter().enumerate() {
            let me = json!({
                "display_name": hostile, "given_name": hostile, "family_name": hostile, "bio": hostile,
                "links": [{ "title": &hostile[..hostile.len().min(40)], "url": "https://example.org/'\"<b>" }],
            });
            let me = world.patch(Who::Creator, "/me", "*", me).await;
            assert_eq!(me.status, 200, "{}", me.text);
            for field in ["display_name", "given_name", "family_name", "bio"] {
                assert_eq!(me.json()[field], *hostile);
            }
            let stream = json!({
                "name": format!("s-{number}"), "title": hostile, "description": hostile,
                "tags": [&hostile[..hostile.len().min(30)].trim()],
            });
            let stream = world.post(Who::Creator, "/streams", stream).await;
            assert_eq!(stream.status, 201, "{}", stream.text);
            let stream = stream.json();
            assert_eq!((&stream["title"], &stream["description"]), (&json!(hostile), &json!(hostile)));
            assert_eq!(stream["owner"]["display_name"], *hostile);
            let keys = format!("/streams/{}/keys", stream["id"].as_str().unwrap());
            let key = world.post(Who::Creator, &keys, json!({ "name": hostile })).await;
            assert_eq!(key.json()["stream_key"]["name"], *hostile, "{}", key.text);
            let api_key = json!({ "name": hostile, "scopes": ["watch"] });
            let api_key = world.post(Who::Creator, "/me/api-keys", api_key).await;
            assert_eq!(api_key.json()["api_key"]["name"], *hostile, "{}", api_key.text);
            let category = json!({ "slug": format!("c-{number}"), "name": hostile });
            let category = world.post(Who::Admin, "/admin/categories", category).await;
            assert_eq!(category.json()["name"], *hostile, "{}", category.text);
            let settings = world.patch(Who::Admin, "/admin/settings", "*", json!({ "name": hostile })).await;
            assert_eq!(settings.json()["name"], *hostile, "{}", settings.text);
            let lists = ["/streams", "/streams/search", "/admin/accounts", "/admin/streams"];
            for path in lists {
                let escaped: String = hostile.bytes().map(|byte| format!("%{byte:02x}")).collect();
                let found = world.get(Who::Admin, &format!("{path}?q={escaped}")).await;
                assert_eq!(found.status, 200, "{path} {hostile}: {}", found.text);
            }
        }
        let check = world.get(Who::Admin, "/admin/audit/verify").await.json();
        assert_eq!(check["intact"], true, "the log survived what was written into it");
    }
}

// Requirements: R362, R386
#[tokio::test]
async fn unknown_fields_and_wrong_types_are_named() {
    for world in worlds().await {
        let post = async |body: Value| world.post(Who::Creator, "/streams", body).await;
        assert_invalid(&post(json!({ "name": "a", "title": "b", "admin": true })).await, "admin");
        assert_invalid(&post(json!({ "name": "a", "title": 7 })).await, "title");
        assert_invalid(&post(json!({ "name": "a", "title": "b", "tags": ["x", 1] })).await, "tags[1]");
        assert_invalid(&post(json!({ "name": "a", "title": "b", "access": "everybody" })).await, "access");
        assert_invalid(&post(json!({ "name": "A B", "title": "b" })).await, "name");
        assert_invalid(&post(json!({ "name": "a", "title": "" })).await, "title");
        assert_invalid(&post(json!({ "name": "a", "title": "x".repeat(141) })).await, "title");
        assert_invalid(&post(json!({ "name": "a", "title": "b\u{202e}c" })).await, "title");
        assert_invalid(
            &post(json!({ "name": "a", "title": "b", "scheduled_start": -1 })).await,
            "scheduled_start",
        );
        assert_invalid(&post(json!({ "name": "a", "title": "b", "access": "password" })).await, "password");
        assert_eq!(post(json!([])).await.status, 422);
        for query in ["limit=0", "limit=101", "limit=x", "cursor=%00", "sort=size", "page=2", "owner=me"] {
            let answer = world.get(Who::Nobody, &format!("/streams?{query}")).await;
            let field = query.split('=').next().unwrap();
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "invalid_input"), "{query}");
            assert!(answer.text.contains(field), "{query}: {}", answer.text);
        }
    }
}

// Requirements: R386
#[tokio::test]
async fn texts_beyond_the_length_that_the_document_names_are_refused_even_where_nothing_is_kept() {
    for world in worlds().await {
        for (path, field, longest) in [
            ("/streams", "q", 200),
            ("/streams/search", "q", 200),
            ("/streams/live", "tag", 64),
            ("/streams", "category", 64),
            ("/streams", "cursor", 2048),
            ("/admin/streams", "tag", 64),
            ("/admin/accounts", "q", 200),
            ("/admin/audit", "action", 80),
            ("/admin/audit", "actor", 80),
            ("/admin/audit", "target", 80),
            ("/me/history", "cursor", 2048),
        ] {
            let fits = world.get(Who::Admin, &format!("{path}?{field}={}", "x".repeat(longest))).await;
            // A cursor of that length is none, but it is not too long for one.
            assert!(fits.status == 200 || field == "cursor", "{path}: {}", fits.text);
            let long = world.get(Who::Admin, &format!("{path}?{field}={}", "x".repeat(longest + 1))).await;
            assert_invalid(&long, field);
        }
        let stream = world.stream("locked", "public").await;
        let id = stream["id"].as_str().unwrap();
        let long = json!({ "password": "x".repeat(257) });
        let token = format!("/streams/{id}/playback-token");
        assert_invalid(&world.post(Who::Viewer, &token, long).await, "password");
        let long = json!({ "stream_id": id, "password": "x".repeat(257) });
        assert_invalid(&world.post(Who::Viewer, "/viewing/start", long).await, "password");
        for path in ["/auth/forgot-password", "/auth/resend-verification"] {
            for email in [String::new(), "x".repeat(255)] {
                let answer = world.post(Who::Nobody, path, json!({ "email": email })).await;
                assert_invalid(&answer, "email");
            }
            let unknown = world.post(Who::Nobody, path, json!({ "email": "x" })).await;
            assert_eq!(unknown.status, 202, "what is no address is answered like one: {}", unknown.text);
        }
    }
}

#[tokio::test]
async fn bodies_that_are_too_long_or_no_json_are_refused() {
    for world in worlds().await {
        let send = async |kind: &'static str, body: String| {
            let request = world.request(Who::Creator, Method::POST, "/streams").header("content-type", kind);
            let answer = world.answer(request.body(body)).await;
            (answer.status.as_u16(), answer.code())
        };
        let told = |status, code: &str| (status, code.to_owned());
        let long = format!("{{\"name\": \"{}\"}}", "x".repeat(70_000));
        assert_eq!(send("application/json", long).await, told(413, "body_too_large"));
        for broken in ["", "{", "nonsense", "{\"name\": \"a\", \"title\": \"b\"} {}", "\u{0}"] {
            let answer = send("application/json", broken.to_owned()).await;
            assert_eq!(answer, told(400, "malformed_json"), "{broken}");
        }
        let deep = "[".repeat(10_000);
        assert_eq!(send("application/json", deep).await.0, 422);
        assert_eq!(send("text/plain", "{}".to_owned()).await, told(415, "unsupported_content_type"));
        let picture =
            world.request(Who::Creator, Method::POST, "/me/avatar").header("content-type", "image/png");
        let picture = world.answer(picture.body(vec![0x89; 3 << 20])).await;
        assert_eq!((picture.status.as_u16(), picture.code()), told(413, "body_too_large"));
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_problems() {
    for world in worlds().await {
        for path in ["/nothing", "/streams/x/y/z", "/me/nothing"] {
            let answer = world.get(Who::Nobody, path).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"), "{path}");
        }
        for path in
            ["/streams/%00", "/streams/%ff", "/streams/..%2f..", "/channels/%27%20or%201", "/assets/x"]
        {
            let answer = world.get(Who::Nobody, path).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        }
        let answer = world.send(Who::Nobody, Method::DELETE, "/setup", None).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "method_not_allowed"));
        assert!(answer.headers["allow"].to_str().unwrap().contains("GET"));
    }
}
