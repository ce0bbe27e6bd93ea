//! Real answers against the schemas of the OpenAPI document.

use reqwest::Method;
use serde_json::{Value, json};

use crate::chat_records::ChatRecords;
use crate::world::{Answer, Who, World, worlds};

// Requirements: R362, R386
#[tokio::test]
async fn answers_are_as_the_document_says() {
    let document: Value = serde_json::from_str(&sluice_api::openapi::document().to_json().unwrap()).unwrap();
    for world in worlds().await {
        let asked = answers(&world).await;
        for (method, path, answer) in &asked {
            conforms(&document, method, path, answer);
        }
        println!("answers checked against their schemas: {}", asked.len());
    }
}

/// Method, path of the document, and what was answered.
async fn answers(world: &World) -> Vec<(Method, &'static str, Answer)> {
    world.post(Who::Admin, "/admin/categories", json!({ "slug": "plants", "name": "Plants" })).await;
    let stream = json!({ "name": "seen", "title": "Seen", "category": "plants", "tags": ["a"] });
    let stream = world.post(Who::Creator, "/streams", stream).await.json();
    let id = stream["id"].as_str().unwrap().to_owned();
    let follow = json!({ "owner_id": world.id(Who::Creator), "follow": true });
    world.post(Who::Viewer, "/social/follow", follow.clone()).await;
    world.send(Who::Viewer, Method::PUT, &format!("/me/library/saved/{id}"), None).await;
    world.post(Who::Viewer, "/viewing/start", json!({ "stream_id": id })).await;
    let block = format!("/me/blocks/{}", world.id(Who::OtherCreator));
    world.send(Who::Viewer, Method::PUT, &block, None).await;
    world.send(Who::Admin, Method::PUT, "/admin/featured", Some(json!({ "streams": [id] }))).await;
    world.post(Who::Nobody, "/auth/forgot-password", json!({ "email": "viewer@example.org" })).await;

    let (account, mut all) = (world.id(Who::Viewer), Vec::new());
    let chat = ChatRecords::fill(world, &id, account, "Seen").await;
    for (method, path, who) in [
        (Method::GET, "/streams/{id}/chat", Who::Nobody),
        (Method::GET, "/streams/{id}/chat", Who::Creator),
        (Method::GET, "/streams/{id}/chat/messages", Who::Nobody),
        (Method::GET, "/streams/{id}/chat/messages", Who::Creator),
        (Method::GET, "/streams/{id}/chat/held", Who::Creator),
        (Method::GET, "/streams/{id}/chat/bans", Who::Creator),
        (Method::GET, "/streams/{id}/chat/moderators", Who::Creator),
        (Method::GET, "/streams/{id}/chat/terms", Who::Creator),
        (Method::GET, "/streams/{id}/chat/actions", Who::Creator),
        (Method::GET, "/streams/{id}/chat/members", Who::Creator),
        (Method::GET, "/streams/{id}/chat/members/{account_id}", Who::Nobody),
        (Method::GET, "/streams/{id}/chat/members/{account_id}", Who::Creator),
        (Method::GET, "/streams/{id}/chat/activity", Who::Creator),
        (Method::GET, "/streams/{id}/emotes", Who::Nobody),
        (Method::POST, "/streams/{id}/chat/held/{message_id}/approve", Who::Creator),
        (Method::DELETE, "/streams/{id}/chat/bans/{account_id}", Who::Creator),
        (Method::DELETE, "/streams/{id}/chat/terms/{term_id}", Who::Creator),
        (Method::DELETE, "/streams/{id}/chat/messages", Who::Creator),
    ] {
        let filled = path
            .replace("{id}", &id)
            .replace("{account_id}", &account.to_string())
            .replace("{message_id}", &chat.held)
            .replace("{term_id}", &chat.term);
        all.push((method.clone(), path, world.send(who, method, &filled, None).await));
    }
    let recording = world.recorded(&id, "Seen", chat.broadcast.parse().unwrap()).await.to_string();
    let named = json!([{ "at_ms": 5, "title": "Five" }]);
    for (method, path, who, body) in [
        (Method::PUT, "/recordings/{id}/chapters", Who::Creator, Some(json!({ "chapters": named }))),
        (Method::PUT, "/recordings/{id}/position", Who::Viewer, Some(json!({ "position_ms": 5 }))),
        (Method::GET, "/recordings/{id}", Who::Viewer, None),
        (Method::GET, "/recordings/{id}/chat", Who::Nobody, None),
        (Method::POST, "/recordings/{id}/restore", Who::Creator, None),
    ] {
        let filled = path.replace("{id}", &recording);
        all.push((method.clone(), path, world.send(who, method, &filled, body).await));
    }
    for (path, filled, who) in [
        ("/streams/{id}/recordings", format!("/streams/{id}/recordings"), Who::Creator),
        ("/streams/{id}/broadcasts", format!("/streams/{id}/broadcasts"), Who::Creator),
        ("/channels/{handle}/recordings", "/channels/creator/recordings".to_owned(), Who::Nobody),
        ("/admin/recordings", "/admin/recordings".to_owned(), Who::Moderator),
    ] {
        all.push((Method::GET, path, world.get(who, &filled).await));
    }
    let report = format!("/admin/reports/{}", chat.report);
    all.push((Method::GET, "/admin/reports/{id}", world.get(Who::Moderator, &report).await));
    let settled = world.patch(Who::Moderator, &report, "*", json!({ "status": "resolved" })).await;
    all.push((Method::PATCH, "/admin/reports/{id}", settled));
    for (who, path) in [
        (Who::Nobody, "/setup"),
        (Who::Nobody, "/server"),
        (Who::Nobody, "/legal/terms"),
        (Who::Viewer, "/me"),
        (Who::Nobody, "/me"),
        (Who::Viewer, "/me/sessions"),
        (Who::Creator, "/me/api-keys"),
        (Who::Viewer, "/me/activity"),
        (Who::Creator, "/me/streams"),
        (Who::Viewer, "/me/follows"),
        (Who::Viewer, "/me/blocks"),
        (Who::Viewer, "/me/library"),
        (Who::Viewer, "/me/history"),
        (Who::Viewer, "/viewers/profile"),
        (Who::Viewer, "/viewers/subscriptions"),
        (Who::Nobody, "/streams"),
        (Who::Nobody, "/streams/live"),
        (Who::Nobody, "/streams/featured"),
        (Who::Nobody, "/streams/search"),
        (Who::Nobody, "/streams/categories"),
        (Who::Admin, "/admin/overview"),
        (Who::Admin, "/admin/accounts"),
        (Who::Moderator, "/admin/accounts"),
        (Who::Admin, "/admin/streams"),
        (Who::Moderator, "/admin/reports"),
        (Who::Moderator, "/admin/actions"),
        (Who::Viewer, "/me/reports"),
        (Who::Admin, "/admin/audit"),
        (Who::Admin, "/admin/audit/verify"),
        (Who::Admin, "/admin/diagnostics"),
        (Who::Admin, "/admin/doctor"),
        (Who::Admin, "/admin/settings"),
        (Who::Admin, "/admin/categories"),
        (Who::Admin, "/admin/mails"),
        (Who::Viewer, "/admin/mails"),
    ] {
        all.push((Method::GET, path, world.get(who, path).await));
    }
    let of_stream = [
        (Method::GET, "/streams/{id}", Who::Viewer),
        (Method::GET, "/streams/{id}/keys", Who::Creator),
        (Method::GET, "/streams/{id}/broadcasts", Who::Creator),
        (Method::POST, "/streams/{id}/end", Who::Creator),
        (Method::POST, "/streams/{id}/playback-token", Who::Viewer),
    ];
    for (method, path, who) in of_stream {
        let answer = world.send(who, method.clone(), &path.replace("{id}", &id), Some(json!({}))).await;
        all.push((method, path, answer));
    }
    let account = world.id(Who::Viewer).to_string();
    for (method, path) in [
        (Method::GET, "/admin/accounts/{id}"),
        (Method::GET, "/admin/accounts/{id}/sessions"),
        (Method::POST, "/admin/accounts/{id}/reset-link"),
    ] {
        let answer = world.send(Who::Admin, method.clone(), &path.replace("{id}", &account), None).await;
        all.push((method, path, answer));
    }
    all.push((Method::GET, "/channels/{handle}", world.get(Who::Viewer, "/channels/creator").await));
    all.push((Method::POST, "/social/follow", world.post(Who::Viewer, "/social/follow", follow).await));
    all.push((Method::POST, "/me/totp", world.post(Who::Viewer, "/me/totp", json!({})).await));
    let invitation =
        json!({ "email": "x@example.org", "display_name": "X", "handle": "xavier", "role": "creator" });
    all.push((Method::POST, "/admin/accounts", world.post(Who::Admin, "/admin/accounts", invitation).await));
    all
}

fn conforms(document: &Value, method: &Method, path: &str, answer: &Answer) {
    let operation = &document["paths"][path][method.as_str().to_lowercase()];
    let responses = operation["responses"].as_object().unwrap();
    let status = answer.status.as_u16().to_string();
    let told = format!("{method} {path}: {status} {}", answer.text);
    let response = responses.get(&status).unwrap_or(&responses["default"]);
    assert!(answer.status.as_u16() < 500, "{told}");
    let Some(content) = response["content"].as_object() else {
        assert!(answer.text.is_empty(), "{told}");
        return;
    };
    let kind = answer.headers["content-type"].to_str().unwrap();
    let media = content.get(kind).unwrap_or_else(|| panic!("{kind} is not documented: {told}"));
    // The references of the schema point into the document.
    let mut schema = media["schema"].clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&answer.json()).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{told}\n{wrong:?}");
}
