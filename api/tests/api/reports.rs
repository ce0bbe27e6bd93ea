//! Reports through HTTP: what is reported, the queue of the moderators, and what becomes of it.

use reqwest::Method;
use serde_json::{Value, json};
use sluice_domain::chat::MessageState;

use crate::world::{Who, World, worlds};

async fn report(world: &World, who: Who, body: Value) -> (u16, String, Value) {
    let answer = world.post(who, "/reports", body).await;
    (answer.status.as_u16(), answer.code(), answer.json())
}

// Requirements: R207, R208
#[tokio::test]
async fn a_stream_a_message_and_a_person_are_reported_with_what_they_said_then() {
    for world in worlds().await {
        let stream = world.stream("loud", "public").await;
        let id = stream["id"].as_str().unwrap();
        let stream_id = id.parse().unwrap();
        let author = world.id(Who::OtherCreator);
        let message = world.said(stream_id, author, "Buy gold", MessageState::Shown, None).await;
        let held = world.said(stream_id, author, "Buy silver", MessageState::Held, None).await;
        let of_stream = json!({
            "report_type": "copyright", "target": "stream", "stream_id": id, "description": "My film.",
        });
        let (status, _, made) = report(&world, Who::Viewer, of_stream.clone()).await;
        assert_eq!(status, 201, "{made}");
        let said =
            ["report_type", "target", "excerpt", "description", "status"].map(|field| made[field].clone());
        assert_eq!(json!(said), json!(["copyright", "stream", "Title of loud", "My film.", "pending"]));
        assert_eq!((&made["stream_id"], &made["resolved_at"]), (&json!(id), &Value::Null));
        let of_message =
            json!({ "report_type": "spam", "target": "message", "stream_id": id, "message_id": message });
        let (status, _, made) = report(&world, Who::Viewer, of_message).await;
        assert_eq!((status, &made["excerpt"]), (201, &json!("Buy gold")), "{made}");
        assert_eq!(made["account_id"], json!(author));
        let of_person = json!({ "report_type": "inappropriate", "target": "account", "account_id": author });
        let (status, _, made) = report(&world, Who::Viewer, of_person).await;
        assert_eq!((status, &made["excerpt"]), (201, &json!("Name of other-creator (@other-creator)")));
        // The same again is no second report; of somebody else it is.
        let (status, code, _) = report(&world, Who::Viewer, of_stream.clone()).await;
        assert_eq!((status, code.as_str()), (409, "already_exists"));
        assert_eq!(report(&world, Who::OtherCreator, of_stream).await.0, 201);
        // Who reports sees how far it has come, and nobody else's.
        let own = world.get(Who::Viewer, "/me/reports?limit=2").await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 2);
        let next = format!("/me/reports?cursor={}", own["next_cursor"].as_str().unwrap());
        let next = world.get(Who::Viewer, &next).await.json();
        assert_eq!((&next["items"][0]["target"], &next["next_cursor"]), (&json!("stream"), &Value::Null));
        // What nobody could see is reported by nobody.
        let unseen =
            json!({ "report_type": "spam", "target": "message", "stream_id": id, "message_id": held });
        assert_eq!(report(&world, Who::Viewer, unseen).await.0, 404);
    }
}

#[tokio::test]
async fn a_report_names_what_it_is_about_and_nothing_else() {
    for world in worlds().await {
        let stream = world.stream("loud", "public").await;
        let secret = world.stream("secret", "private").await;
        let (id, some) = (&stream["id"], json!(uuid::Uuid::new_v4()));
        for (body, field, code) in [
            (json!({ "target": "stream" }), "stream_id", "required"),
            (json!({ "target": "stream", "stream_id": id, "message_id": some }), "message_id", "unexpected"),
            (json!({ "target": "message", "stream_id": id }), "message_id", "required"),
            (json!({ "target": "account" }), "account_id", "required"),
            (json!({ "target": "account", "account_id": world.id(Who::Viewer) }), "account_id", "own"),
            (
                json!({ "target": "stream", "stream_id": id, "description": "x".repeat(2001) }),
                "description",
                "too_long",
            ),
            (json!({ "target": "room", "stream_id": id }), "target", "wrong_type"),
        ] {
            let mut body = body;
            body["report_type"] = json!("spam");
            let (status, _, problem) = report(&world, Who::Viewer, body.clone()).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)), "{body} {problem}");
            assert_eq!(problem["errors"][0]["code"], code, "{body}");
        }
        for body in [
            json!({ "target": "stream", "stream_id": some }),
            json!({ "target": "stream", "stream_id": secret["id"] }),
            json!({ "target": "message", "stream_id": id, "message_id": some }),
            json!({ "target": "account", "account_id": some }),
            json!({ "target": "account", "account_id": world.id(Who::Foreigner) }),
        ] {
            let mut body = body;
            body["report_type"] = json!("spam");
            assert_eq!(report(&world, Who::Viewer, body.clone()).await.0, 404, "{body}");
        }
        assert_eq!(report(&world, Who::Nobody, json!({})).await.1, "sign_in_required");
    }
}

// Requirements: R209, R210
#[tokio::test]
async fn moderators_work_through_the_queue_and_what_they_decide_is_noted() {
    for world in worlds().await {
        let stream = world.stream("loud", "public").await;
        let mut ids = Vec::new();
        for who in [Who::Viewer, Who::OtherCreator, Who::Admin] {
            let body = json!({ "report_type": "spam", "target": "stream", "stream_id": stream["id"] });
            let (_, _, made) = report(&world, who, body).await;
            ids.push(made["report_id"].as_str().unwrap().to_owned());
        }
        let queue =
            async |query: &str| world.get(Who::Moderator, &format!("/admin/reports{query}")).await.json();
        let first = queue("?status=pending&limit=2").await;
        assert_eq!((&first["pending"], &first["items"][0]["report_id"]), (&json!(3), &json!(ids[0])));
        assert_eq!(first["items"][0]["reporter"]["handle"], "viewer");
        assert_eq!(first["items"][0]["stream_name"], "loud");
        assert_eq!(first["items"][0]["account"]["handle"], "creator");
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = queue(&format!("?status=pending&limit=2&cursor={cursor}")).await;
        assert_eq!((&rest["items"][0]["report_id"], &rest["next_cursor"]), (&json!(ids[2]), &Value::Null));
        assert_eq!(world.get(Who::Admin, "/admin/overview").await.json()["reports_pending"], 3);
        let path = format!("/admin/reports/{}", ids[0]);
        let tag = world.get(Who::Moderator, &path).await.etag();
        let change = json!({ "status": "resolved", "note": "Hidden." });
        let done = world.patch(Who::Moderator, &path, &tag, change).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let done = done.json();
        assert_eq!((&done["status"], &done["note"]), (&json!("resolved"), &json!("Hidden.")));
        assert_eq!(done["moderator"]["handle"], "moderator1");
        assert!(done["resolved_at"].is_i64());
        assert_eq!(queue("").await["pending"], 2);
        assert_eq!(queue("?status=resolved").await["items"][0]["report_id"], json!(ids[0]));
        assert_eq!(queue("").await["items"][0]["report_id"], json!(ids[2]));
        let own = world.get(Who::Viewer, "/me/reports").await.json();
        assert_eq!(own["items"][0]["status"], "resolved");
        assert!(!own.to_string().contains("Hidden."));
        let audit = world.get(Who::Admin, "/admin/audit?action=report.settled").await.json();
        assert_eq!(
            (&audit["items"][0]["target_id"], &audit["items"][0]["detail"]["to"]),
            (&json!(ids[0]), &json!("resolved"))
        );
        let long = world.patch(Who::Moderator, &path, "*", json!({ "note": "x".repeat(2001) })).await;
        assert_eq!(long.status, 422);
        let other = world.send(Who::Viewer, Method::GET, "/admin/reports", None).await;
        assert_eq!(other.code(), "permission_denied");
    }
}
