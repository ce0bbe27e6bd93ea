//! What somebody who watches has: their profile, whom they follow, what they keep, and the end of it.

use reqwest::Method;
use serde_json::json;
use sluice_domain::BroadcastId;

use crate::world::{PASSWORD, Who, worlds};

// Requirements: R20, R29, R53, R54, R55, R59, R335, R336
#[tokio::test]
async fn a_viewers_profile_has_what_they_say_of_themselves_and_what_they_are() {
    for world in worlds().await {
        let tier = json!({ "tier": "premium", "tier_expires_at": 4_000_000_000_000_i64 });
        let account = format!("/admin/accounts/{}", world.id(Who::Viewer));
        assert_eq!(world.patch(Who::Admin, &account, "*", tier).await.status, 200);
        let change = json!({
            "given_name": "Vera", "family_name": "Viewer", "region": "AT",
            "preferences": { "quality": "medium", "language": "de", "autoplay": false, "notify_live": false },
            "privacy": { "profile_visibility": "private", "save_history": true, "maturity_limit": "teen" },
            "notifications": { "news": true },
        });
        let changed = world.send(Who::Viewer, Method::PUT, "/viewers/profile", Some(change.clone())).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let profile = world.get(Who::Viewer, "/viewers/profile").await.json();
        assert_eq!(profile, world.get(Who::Viewer, "/me").await.json(), "two names of one record");
        for field in ["given_name", "family_name", "region"] {
            assert_eq!(profile[field], change[field]);
        }
        for part in ["preferences", "privacy", "notifications"] {
            for (field, value) in change[part].as_object().unwrap() {
                assert_eq!(profile[part][field], *value, "{part}.{field}");
            }
        }
        assert_eq!(profile["email"], "viewer@example.org");
        assert_eq!(
            (&profile["tier"], &profile["tier_expires_at"]),
            (&json!("premium"), &json!(4_000_000_000_000_i64))
        );
        assert!(profile["member_since"].as_i64().unwrap() > 1_600_000_000_000);
        let seen = world.get(Who::Admin, &account).await.json();
        assert!(seen["last_login_at"].is_i64(), "{seen}");
    }
}

// Requirements: R337
#[tokio::test]
async fn subscriptions_are_the_people_whom_somebody_follows() {
    for world in worlds().await {
        assert_eq!(world.get(Who::Viewer, "/viewers/subscriptions").await.json()["items"], json!([]));
        let follow = |follow: bool| json!({ "owner_id": world.id(Who::Creator), "follow": follow });
        let followed = world.post(Who::Viewer, "/social/follow", follow(true)).await.json();
        assert_eq!((&followed["following"], &followed["followers"]), (&json!(true), &json!(1)));
        let listed = world.get(Who::Viewer, "/viewers/subscriptions").await.json();
        assert_eq!(listed["items"][0]["handle"], "creator", "{listed}");
        assert_eq!(listed, world.get(Who::Viewer, "/me/follows").await.json());
        world.post(Who::Viewer, "/social/follow", follow(false)).await;
        assert_eq!(world.get(Who::Viewer, "/viewers/subscriptions").await.json()["items"], json!([]));
    }
}

// Requirements: R30, R339
#[tokio::test]
async fn an_account_is_deleted_by_its_owner_with_the_password_only() {
    for world in worlds().await {
        let delete = async |password: &str| {
            let proof = json!({ "password": password });
            world.send(Who::Viewer, Method::DELETE, "/viewers/account", Some(proof)).await
        };
        assert_eq!(delete("Wrong-Horse-7-Battery").await.code(), "invalid_credentials");
        assert_eq!(world.get(Who::Viewer, "/me").await.status, 200);
        assert_eq!(delete(PASSWORD).await.status, 204);
        assert_eq!(world.get(Who::Viewer, "/me").await.code(), "session_ended");
        let again = json!({ "email": "viewer@example.org", "password": PASSWORD });
        assert_eq!(world.post(Who::Nobody, "/auth/sign-in", again).await.code(), "invalid_credentials");
        let gone = world.get(Who::Admin, &format!("/admin/accounts/{}", world.id(Who::Viewer))).await;
        assert_eq!(gone.status, 404, "{}", gone.text);
    }
}

// Requirements: R57, R344
#[tokio::test]
async fn a_stream_is_put_aside_and_back() {
    for world in worlds().await {
        let stream = world.stream("later", "public").await;
        let save = |save: bool| json!({ "stream_id": stream["id"], "save": save });
        assert_eq!(world.post(Who::Viewer, "/viewing/save", save(true)).await.status, 204);
        let kept = world.get(Who::Viewer, "/me/library?kind=saved").await.json();
        assert_eq!(kept["items"][0]["stream"]["name"], "later", "{kept}");
        assert_eq!(world.post(Who::Viewer, "/viewing/save", save(false)).await.status, 204);
        assert_eq!(world.get(Who::Viewer, "/me/library?kind=saved").await.json()["items"], json!([]));
    }
}

// Requirements: R65, R330, R334
#[tokio::test]
async fn what_is_live_is_listed_and_one_stream_tells_all_about_itself() {
    for world in worlds().await {
        let (one, other) = (world.stream("on-air", "public").await, world.stream("off-air", "public").await);
        let id = one["id"].as_str().unwrap().parse().unwrap();
        let broadcast = BroadcastId(uuid::Uuid::now_v7());
        world.store.streams().set_live(world.org, id, broadcast, 1_700_000_000_000).await.unwrap();
        let live = world.get(Who::Nobody, "/streams/live").await.json();
        let names: Vec<_> = live["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
        assert_eq!(names, ["on-air"]);
        assert_eq!(world.get(Who::Nobody, "/streams?live=false").await.json()["items"][0]["name"], "off-air");
        for path in [format!("/streams/{}", other["id"].as_str().unwrap()), "/streams/off-air".to_owned()] {
            let found = world.get(Who::Nobody, &path).await.json();
            assert_eq!((&found["id"], &found["title"]), (&other["id"], &json!("Title of off-air")));
            assert_eq!((&found["state"], &found["viewers"]), (&json!("offline"), &json!(0)));
            assert_eq!(found["owner"]["handle"], "creator");
            assert!(found["whep_url"].as_str().unwrap().ends_with("/whep/off-air"), "{found}");
            assert!(!found.to_string().contains("sk_"), "a key is shown where keys are asked for: {found}");
        }
    }
}

// Requirements: R74
#[tokio::test]
async fn administrators_keep_the_catalogue_its_categories_and_what_stands_first() {
    for world in worlds().await {
        let category = json!({ "slug": "plants", "name": "Plants" });
        let made = world.post(Who::Admin, "/admin/categories", category).await.json();
        let one = format!("/admin/categories/{}", made["id"].as_str().unwrap());
        let renamed = world.patch(Who::Admin, &one, "*", json!({ "name": "Gardens" })).await;
        assert_eq!(renamed.json()["name"], "Gardens", "{}", renamed.text);
        assert_eq!(world.get(Who::Nobody, "/streams/categories").await.json()[0]["name"], "Gardens");
        let (first, second) =
            (world.stream("first", "public").await, world.stream("second", "private").await);
        let catalogue = world.get(Who::Admin, "/admin/streams?sort=title").await.json();
        assert_eq!(catalogue["items"].as_array().unwrap().len(), 2, "private ones too: {catalogue}");
        let featured = json!({ "streams": [second["id"], first["id"]] });
        let set = world.send(Who::Admin, Method::PUT, "/admin/featured", Some(featured)).await;
        assert_eq!(set.status, 200, "{}", set.text);
        let shown = world.get(Who::Nobody, "/streams/featured").await.json();
        let names: Vec<_> = shown["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
        assert_eq!(names, ["first"], "what not everybody may find is shown to nobody");
        assert_eq!(world.send(Who::Admin, Method::DELETE, &one, None).await.status, 204);
        assert_eq!(world.get(Who::Nobody, "/streams/categories").await.json(), json!([]));
    }
}
