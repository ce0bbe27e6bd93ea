//! Two people who edit the same thing: nothing is lost without being told.

use reqwest::Method;
use serde_json::json;

use crate::world::{Who, worlds};

#[tokio::test]
async fn an_edit_of_something_that_has_changed_is_refused() {
    for world in worlds().await {
        let stream = world.stream("edited", "public").await;
        let stream = format!("/streams/{}", stream["id"].as_str().unwrap());
        let account = format!("/admin/accounts/{}", world.id(Who::Viewer));
        let chat = format!("{stream}/chat");
        let reported =
            json!({ "report_type": "spam", "target": "account", "account_id": world.id(Who::Viewer) });
        let report = world.post(Who::Creator, "/reports", reported).await.json();
        let report = format!("/admin/reports/{}", report["report_id"].as_str().unwrap());
        let garden = world.stream("recorded", "public").await["id"].as_str().unwrap().to_owned();
        let broadcast = world.ran(garden.parse().unwrap()).await;
        let recording = format!("/recordings/{}", world.recorded(&garden, "x", broadcast).await);
        for (path, one, two) in [
            (recording.as_str(), json!({ "title": "one" }), json!({ "title": "two" })),
            ("/me", json!({ "bio": "one" }), json!({ "bio": "two" })),
            (stream.as_str(), json!({ "title": "one" }), json!({ "title": "two" })),
            (account.as_str(), json!({ "department": "one" }), json!({ "department": "two" })),
            ("/admin/settings", json!({ "name": "One" }), json!({ "name": "Two" })),
            (chat.as_str(), json!({ "slow_seconds": 5 }), json!({ "slow_seconds": 10 })),
            (report.as_str(), json!({ "status": "reviewed" }), json!({ "note": "Two" })),
        ] {
            let who = if path.starts_with("/streams") { Who::Creator } else { Who::Admin };
            let read = world.get(who, path).await;
            let tag = read.etag();
            let first = world.patch(who, path, &tag, one).await;
            assert_eq!(first.status, 200, "{path}: {}", first.text);
            assert_ne!(first.etag(), tag, "{path}");
            let late = world.patch(who, path, &tag, two.clone()).await;
            assert_eq!((late.status.as_u16(), late.code().as_str()), (412, "version_conflict"), "{path}");
            let blind = world.send(who, Method::PATCH, path, Some(two.clone())).await;
            assert_eq!(
                (blind.status.as_u16(), blind.code().as_str()),
                (428, "precondition_required"),
                "{path}"
            );
            for foreign in ["\"7\"", "v1", "\"v999999\""] {
                let answer = world.patch(who, path, foreign, two.clone()).await;
                assert_eq!(answer.status, 412, "{path} {foreign}");
            }
            // What is wrong with the change itself is told first, whatever version it names.
            for (broken, status) in [(json!({ "nothing": 1 }), 422), (json!([]), 422)] {
                let answer = world.patch(who, path, "\"v999999\"", broken).await;
                assert_eq!(answer.status, status, "{path} {}", answer.text);
            }
            let empty = world.request(who, Method::PATCH, path).header("if-match", "anything");
            assert_eq!(world.answer(empty).await.code(), "unsupported_content_type", "{path}");
            assert_eq!(world.patch(who, path, &first.etag(), two).await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn of_edits_at_the_same_time_one_wins() {
    for world in worlds().await {
        let stream = world.stream("raced", "public").await;
        let path = format!("/streams/{}", stream["id"].as_str().unwrap());
        let tag = world.get(Who::Creator, &path).await.etag();
        let edit = |title: &'static str| world.patch(Who::Creator, &path, &tag, json!({ "title": title }));
        let answers = tokio::join!(edit("a"), edit("b"), edit("c"), edit("d"));
        let answers = [answers.0, answers.1, answers.2, answers.3];
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().all(|answer| [200, 412].contains(&answer.status.as_u16())));
        let now = world.get(Who::Creator, &path).await;
        assert_eq!((now.etag(), &now.json()["title"]), (won[0].etag(), &won[0].json()["title"]));
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    for world in worlds().await {
        let path = format!("/admin/accounts/{}", world.id(Who::Admin));
        for change in [json!({ "role": "viewer" }), json!({ "disabled": true })] {
            let answer = world.patch(Who::Admin, &path, "*", change).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (409, "last_admin"),
                "{}",
                answer.text
            );
        }
        assert_eq!(world.get(Who::Admin, "/me").await.json()["role"], "admin");
    }
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    for world in worlds().await {
        let path = format!("/admin/accounts/{}", world.id(Who::Viewer));
        let disabled = json!({ "disabled": true, "disabled_reason": "spam" });
        let changed = world.patch(Who::Admin, &path, "*", disabled).await;
        assert_eq!(
            (&changed.json()["state"], &changed.json()["disabled_reason"]),
            (&json!("disabled"), &json!("spam"))
        );
        let out = world.get(Who::Viewer, "/me").await;
        assert!([401, 403].contains(&out.status.as_u16()), "{}", out.text);
    }
}
