//! Streams, their keys, who may watch them, and what viewers keep.

use reqwest::Method;
use serde_json::json;

use crate::world::{Who, worlds};

// Requirements: R78, R81
#[tokio::test]
async fn a_stream_comes_with_a_key_that_its_owner_can_show_rotate_and_revoke() {
    for world in worlds().await {
        let stream = world.stream("garden", "public").await;
        let keys = format!("/streams/{}/keys", stream["id"].as_str().unwrap());
        let listed = world.get(Who::Creator, &keys).await.json();
        let key = &listed["items"][0];
        assert_eq!((&key["name"], &key["connected"]), (&json!("Default"), &json!(false)));
        let one = format!("{keys}/{}", key["id"].as_str().unwrap());
        let shown = world.post(Who::Creator, &format!("{one}/show"), json!({})).await.json();
        let text = shown["key"].as_str().unwrap().to_owned();
        assert!(text.starts_with("sk_") && text.ends_with(key["last4"].as_str().unwrap()));
        let audit = world.get(Who::Admin, "/admin/audit?action=stream_key.shown").await.json();
        assert_eq!(audit["items"][0]["target_id"], key["id"]);
        let overlap = json!({ "overlap_seconds": 60 });
        let rotated = world.post(Who::Creator, &format!("{one}/rotate"), overlap).await;
        assert_eq!(rotated.status, 201, "{}", rotated.text);
        assert_ne!(rotated.json()["key"], json!(text));
        let old = world.get(Who::Creator, &keys).await.json();
        assert!(old["items"].as_array().unwrap().iter().any(|key| key["expires_at"].is_i64()));
        assert_eq!(world.send(Who::Creator, Method::DELETE, &one, None).await.status, 204);
        assert_eq!(world.send(Who::Creator, Method::DELETE, &one, None).await.status, 404);
        let check = world.get(Who::Admin, "/admin/audit/verify").await.json();
        assert_eq!(check["intact"], true);
    }
}

// Requirements: R79, R80
#[tokio::test]
async fn who_may_watch_a_stream_gets_a_token_and_others_are_told_what_they_lack() {
    for world in worlds().await {
        for access in ["public", "unlisted", "private", "password", "followers", "premium", "vip"] {
            let stream = world.stream(&format!("for-{access}"), access).await;
            let path = format!("/streams/{}/playback-token", stream["id"].as_str().unwrap());
            let ask = async |who, body| {
                let answer = world.post(who, &path, body).await;
                (answer.status.as_u16(), answer.code())
            };
            let refused = |status: u16, code: &str| (status, code.to_owned());
            let allowed = refused(200, "");
            assert_eq!(ask(Who::Creator, json!({})).await, allowed, "{access}");
            let (nobody, viewer) = match access {
                "public" | "unlisted" => (allowed.clone(), allowed.clone()),
                "private" => (refused(404, "not_found"), refused(404, "not_found")),
                "password" => (refused(403, "password_required"), refused(403, "password_required")),
                "followers" => (refused(401, "sign_in_required"), refused(403, "follow_required")),
                _ => (refused(401, "sign_in_required"), refused(403, "tier_required")),
            };
            assert_eq!(ask(Who::Nobody, json!({})).await, nobody, "{access}");
            assert_eq!(ask(Who::Viewer, json!({})).await, viewer, "{access}");
            if access == "password" {
                let wrong = ask(Who::Nobody, json!({ "password": "open" })).await;
                assert_eq!(wrong, refused(403, "password_wrong"));
                assert_eq!(ask(Who::Nobody, json!({ "password": "open sesame" })).await, allowed);
            }
            if access == "followers" {
                let follow = json!({ "owner_id": world.id(Who::Creator), "follow": true });
                assert_eq!(world.post(Who::Viewer, "/social/follow", follow).await.status, 200);
                assert_eq!(ask(Who::Viewer, json!({})).await, allowed);
            }
        }
        let listed = world.get(Who::Nobody, "/streams?limit=100").await;
        assert!(!listed.text.contains("for-private") && !listed.text.contains("for-unlisted"));
        assert!(listed.text.contains("for-password"));
        let own = world.get(Who::Creator, "/me/streams").await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 7);
    }
}

// Requirements: R238
#[tokio::test]
async fn search_finds_streams_by_words_category_and_tag() {
    for world in worlds().await {
        world.post(Who::Admin, "/admin/categories", json!({ "slug": "plants", "name": "Plants" })).await;
        let body = json!({
            "name": "roses", "title": "Cutting roses", "category": "plants", "tags": ["Garden", "DIY"],
        });
        let made = world.post(Who::Creator, "/streams", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        for query in ["q=cut", "q=garden", "category=plants", "tag=diy", "q=Name%20of%20creator"] {
            let found = world.get(Who::Nobody, &format!("/streams/search?{query}")).await;
            assert_eq!(found.json()["items"][0]["name"], "roses", "{query}: {}", found.text);
        }
        for query in ["q=tulips", "category=nothing", "tag=garden2", "q=%27%22%3B--", "live=true"] {
            let found = world.get(Who::Nobody, &format!("/streams?{query}")).await;
            assert_eq!(found.json()["items"], json!([]), "{query}: {}", found.text);
        }
        let categories = world.get(Who::Nobody, "/streams/categories").await.json();
        assert_eq!((&categories[0]["slug"], &categories[0]["live_streams"]), (&json!("plants"), &json!(0)));
    }
}

// Requirements: R340, R341, R342, R343
#[tokio::test]
async fn viewers_keep_a_library_and_a_history() {
    for world in worlds().await {
        let stream = world.stream("kept", "public").await;
        let id = stream["id"].as_str().unwrap();
        let aside = format!("/me/library/favorite/{id}");
        assert_eq!(world.send(Who::Viewer, Method::PUT, &aside, None).await.status, 204);
        let library = world.get(Who::Viewer, "/me/library?kind=favorite").await.json();
        assert_eq!(library["items"][0]["stream"]["name"], "kept");
        assert_eq!(world.get(Who::Viewer, "/me/library?kind=saved").await.json()["items"], json!([]));
        assert_eq!(world.send(Who::Viewer, Method::DELETE, &aside, None).await.status, 204);
        let started = world.post(Who::Viewer, "/viewing/start", json!({ "stream_id": id })).await;
        assert_eq!(started.status, 201, "{}", started.text);
        let session = started.json()["session_id"].clone();
        let progress = json!({ "session_id": session, "duration_watched": 30 });
        let put = world.send(Who::Viewer, Method::PUT, "/viewing/progress", Some(progress)).await;
        assert_eq!(put.status, 204);
        let end = json!({ "session_id": session, "duration_watched": 40, "exit_reason": "closed" });
        assert_eq!(world.post(Who::Viewer, "/viewing/end", end).await.status, 204);
        let history = world.get(Who::Viewer, "/me/history").await.json();
        assert_eq!(history["items"][0]["duration_watched"], 40);
        assert_eq!(history["items"][0]["exit_reason"], "closed");
        assert_eq!(world.send(Who::Viewer, Method::DELETE, "/me/history", None).await.status, 204);
        assert_eq!(world.get(Who::Viewer, "/viewing/history").await.json()["items"], json!([]));
    }
}

#[tokio::test]
async fn a_picture_is_what_its_bytes_say_and_nothing_that_runs() {
    for world in worlds().await {
        let send = |kind: &'static str, bytes: &'static [u8]| {
            let request = world.request(Who::Viewer, Method::POST, "/me/avatar").header("content-type", kind);
            world.answer(request.body(bytes))
        };
        let set = send("image/png", b"\x89PNG\r\n\x1a\n....").await;
        assert_eq!(set.status, 200, "{}", set.text);
        let me = set.json();
        let url = me["avatar_url"].as_str().unwrap().trim_start_matches("/api/v1");
        let shown = world.get(Who::Nobody, url).await;
        assert_eq!(shown.headers["content-type"], "image/png");
        assert!(shown.headers["cache-control"].to_str().unwrap().contains("immutable"));
        assert_eq!(shown.headers["x-content-type-options"], "nosniff");
        let svg = send("image/svg+xml", b"<svg onload='alert(1)'/>").await;
        assert_eq!((svg.status.as_u16(), svg.code().as_str()), (422, "invalid_input"));
        assert_eq!(send("text/html", b"\x89PNG\r\n\x1a\n").await.status, 415);
    }
}
