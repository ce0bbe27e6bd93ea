//! Every route of the API, tried by everybody: what the table of permissions says is what happens, and
//! nobody sees anything of another organisation.

use reqwest::Method;
use serde_json::{Value, json};
use sluice_api::access::{Need, ROUTES};
use sluice_domain::{AccountId, Permission, Role, Scope};
use sluice_store::testing::TestDatabase;
use uuid::Uuid;

use crate::chat_records::{ChatRecords, PNG};
use crate::world::{Answer, Who, World, worlds};

/// Stands in every private record of the first organisation, and must be in no answer to a stranger.
const CANARY: &str = "canary-4711";

/// What must come of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Neither refused nor hidden.
    Allowed,
    /// 401.
    SignIn,
    /// 403.
    Denied,
    /// 404.
    Hidden,
}

/// What a try is made on: new for each, so that no try spoils the next one.
struct Records {
    stream: String,
    key: String,
    account: String,
    handle: String,
    category: String,
    chat: ChatRecords,
    recording: String,
}

#[test]
fn the_table_of_permissions_has_the_routes_of_the_document_and_no_others() {
    let documented = documented();
    let table: Vec<(Method, String)> =
        ROUTES.iter().map(|(method, path, _)| (method.clone(), (*path).to_owned())).collect();
    for route in &documented {
        assert!(table.contains(route), "{route:?} is in the document and not in the table");
    }
    for route in &table {
        assert!(documented.contains(route), "{route:?} is in the table and not in the document");
    }
}

// Requirements: R34, R35, R36, R37, R38, R18, R245, R33, R44, R380
#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nobody_more_on_sqlite() {
    let number = everybody_tries_everything(&World::start(TestDatabase::sqlite()).await).await;
    println!("routes x roles checked: {} x {} = {number}", ROUTES.len(), Who::ALL.len());
}

// Requirements: R34, R35, R36, R37, R38, R18, R245
#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nobody_more_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        let number = everybody_tries_everything(&World::start(database).await).await;
        println!("routes x roles checked: {} x {} = {number}", ROUTES.len(), Who::ALL.len());
    }
}

/// How many tries there were.
async fn everybody_tries_everything(world: &World) -> usize {
    let mut number = 0;
    // Who becomes a creator is no viewer any more, so that comes last.
    let mut routes = ROUTES.to_vec();
    routes.sort_by_key(|(_, path, _)| *path == "/me/channel");
    for (method, path, need) in &routes {
        for who in Who::ALL {
            number += 1;
            let records = records(world, number, path).await;
            let answer = attempt(world, who, method, path, &records).await;
            let expected = expected(who, method, path, *need);
            check(who, method, path, expected, &answer);
        }
    }
    number
}

/// Method and path of every operation of the OpenAPI document.
fn documented() -> Vec<(Method, String)> {
    let document: Value = serde_json::from_str(&sluice_api::openapi::document().to_json().unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            all.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    all
}

async fn records(world: &World, number: usize, path: &str) -> Records {
    let name = format!("secret-{number}");
    let body = json!({ "name": name, "title": CANARY, "access": "private" });
    let stream = world.post(Who::Creator, "/streams", body).await.json();
    let stream = stream["id"].as_str().unwrap().to_owned();
    // Only what the path is about: there are a thousand tries.
    let about_chat = ["chat", "emotes", "reports"].iter().any(|word| path.contains(word));
    let key = match path.contains("{key_id}") {
        true => {
            let keys = world.get(Who::Creator, &format!("/streams/{stream}/keys")).await.json();
            keys["items"][0]["id"].as_str().unwrap().to_owned()
        }
        false => String::new(),
    };
    let handle = format!("victim-{number}");
    let about_account =
        ["account", "{handle}", "/social/follow"].iter().any(|word| path.contains(word)) || about_chat;
    let account = match about_account {
        true => world.member(world.org, &handle, Role::Viewer).await,
        false => AccountId(Uuid::nil()),
    };
    let category = match path.contains("/admin/categories/") {
        true => {
            let category =
                json!({ "slug": format!("category-{number}"), "name": format!("Category {number}") });
            let category = world.post(Who::Admin, "/admin/categories", category).await.json();
            category["id"].as_str().unwrap().to_owned()
        }
        false => String::new(),
    };
    let chat = match about_chat {
        true => ChatRecords::fill(world, &stream, account, CANARY).await,
        false => ChatRecords::default(),
    };
    let recording = match path.contains("recordings") {
        true => {
            let broadcast = world.ran(stream.parse().unwrap()).await;
            world.recorded(&stream, CANARY, broadcast).await.to_string()
        }
        false => String::new(),
    };
    Records { recording, chat, stream, key, account: account.to_string(), handle, category }
}

async fn attempt(world: &World, who: Who, method: &Method, path: &str, records: &Records) -> Answer {
    let id = if path.starts_with("/streams") {
        records.stream.clone()
    } else if path.starts_with("/recordings") {
        records.recording.clone()
    } else if path.starts_with("/admin/accounts") {
        records.account.clone()
    } else if path.starts_with("/admin/categories") {
        records.category.clone()
    } else if path.starts_with("/admin/reports") {
        records.chat.report.clone()
    } else {
        Uuid::new_v4().to_string()
    };
    let filled = path
        .replace("{id}", &id)
        .replace("{key_id}", &records.key)
        .replace("{stream_id}", &records.stream)
        .replace("{kind}", "saved")
        .replace("{account_id}", &records.account)
        .replace("{handle}", &records.handle)
        .replace("{broadcast_id}", &records.chat.broadcast)
        .replace("{term_id}", &records.chat.term)
        .replace("{emote_id}", &records.chat.emote)
        .replace(
            "{message_id}",
            if path.contains("held") { &records.chat.held } else { &records.chat.message },
        );
    let filled =
        if path.ends_with("/emotes") && method == Method::POST { filled + "?name=wave" } else { filled };
    let request = world.request(who, method.clone(), &filled).header("if-match", "*");
    let request = match (method.as_str(), path) {
        ("PUT", "/streams/{id}/thumbnail") => {
            request.header("content-type", "image/png").body(&b"\x89PNG\r\n\x1a\nrest"[..])
        }
        ("POST", "/streams/{id}/emotes") => request.header("content-type", "image/png").body(PNG),
        ("GET" | "DELETE", _) if path != "/me" => request,
        _ => request.json(&body(path, records)),
    };
    world.answer(request).await
}

/// A body that the route takes, where what it does is about a record; else one that it refuses, so that
/// nobody signs out or deletes themselves on the way.
fn body(path: &str, records: &Records) -> Value {
    match path {
        "/streams/{id}" => json!({ "access": "private" }),
        "/streams/{id}/chat" => json!({ "slow_seconds": 5 }),
        "/streams/{id}/chat/bans" => json!({ "account_id": records.account, "kind": "ban" }),
        "/streams/{id}/chat/terms" => json!({ "pattern": "lottery", "kind": "word", "outcome": "hold" }),
        "/recordings/{id}" => json!({ "visibility": "private" }),
        "/recordings/{id}/chapters" => json!({ "chapters": [{ "at_ms": 0, "title": "one" }] }),
        "/recordings/{id}/position" => json!({ "position_ms": 5 }),
        "/reports" => json!({ "report_type": "spam", "target": "stream", "stream_id": records.stream }),
        "/admin/reports/{id}" => json!({ "status": "reviewed" }),
        "/streams/{id}/keys" => json!({ "name": "another" }),
        "/streams/{id}/keys/{key_id}/rotate" => json!({ "overlap_seconds": 60 }),
        "/viewing/start" | "/viewing/save" => json!({ "stream_id": records.stream }),
        "/social/follow" => json!({ "owner_id": records.account, "follow": true }),
        "/admin/accounts/{id}" => json!({ "department": "garden" }),
        "/admin/categories/{id}" => json!({ "name": "Other name" }),
        "/admin/featured" => json!({ "streams": [records.stream] }),
        _ => json!({}),
    }
}

fn expected(who: Who, method: &Method, path: &str, need: Need) -> Outcome {
    let Need::May(permission) = need else { return Outcome::Allowed };
    let creator_key: &[Scope] = Scope::ALL;
    let may = match who {
        Who::Nobody => permission.is_given_to(None),
        Who::Viewer => permission.is_given_to(Some(Role::Viewer)),
        Who::Creator | Who::OtherCreator => permission.is_given_to(Some(Role::Creator)),
        Who::Moderator => permission.is_given_to(Some(Role::Moderator)),
        Who::Admin | Who::Foreigner => permission.is_given_to(Some(Role::Admin)),
        Who::NarrowKey => permission.is_given_to_key(Role::Admin, &[Scope::Publish]),
        Who::WideKey => permission.is_given_to_key(Role::Creator, creator_key),
    };
    match (may, who) {
        (false, Who::Nobody) => Outcome::SignIn,
        (false, _) => Outcome::Denied,
        (true, _) => on_record(who, method, path),
    }
}

/// What comes of a try that the table lets through.
fn on_record(who: Who, method: &Method, path: &str) -> Outcome {
    let about_stream = path.starts_with("/streams/{id}")
        || path.starts_with("/recordings/{id}")
        || path.starts_with("/me/library/{kind}")
        || path == "/viewing/start"
        || path == "/viewing/save"
        || path == "/reports"
        || path == "/admin/featured";
    // These name something that is not there, or is nobody's but the caller's.
    let absent = ["/me/sessions/{id}", "/me/api-keys/{id}"].contains(&path)
        || (path == "/me/blocks/{account_id}" && method != Method::PUT)
        || (path.starts_with("/me/library/{kind}") && method == Method::DELETE);
    if absent {
        return Outcome::Hidden;
    }
    let about_record = about_stream || path.contains('{') || path == "/social/follow";
    if who == Who::Foreigner && about_record {
        return Outcome::Hidden;
    }
    if !about_stream {
        return Outcome::Allowed;
    }
    match who {
        Who::Creator | Who::WideKey | Who::Admin => Outcome::Allowed,
        Who::Moderator => {
            let of_chat = path.starts_with("/streams/{id}/chat");
            let uploads = path.contains("thumbnail") || path.contains("emotes") && method != Method::GET;
            let of_recording = path.ends_with("/restore") || path.ends_with("/chapters");
            let changes_more =
                of_recording || !of_chat && (method == Method::DELETE || path.contains("keys") || uploads);
            if changes_more { Outcome::Denied } else { Outcome::Allowed }
        }
        Who::Nobody | Who::Viewer | Who::OtherCreator | Who::Foreigner | Who::NarrowKey => Outcome::Hidden,
    }
}

fn check(who: Who, method: &Method, path: &str, expected: Outcome, answer: &Answer) {
    let (status, code) = (answer.status.as_u16(), answer.code());
    let told = format!("{who:?} {method} {path}: {status} {code}, expected {expected:?}: {}", answer.text);
    assert!(status < 500, "{told}");
    match expected {
        Outcome::Allowed => {
            assert!(!["permission_denied", "sign_in_required"].contains(&code.as_str()), "{told}");
            // Terms and pictures of this name do not exist for anybody.
            let nowhere = ["/legal/terms", "/assets/{id}"].contains(&path);
            assert!(status != 404 || nowhere, "{told}");
        }
        Outcome::SignIn => assert_eq!((status, code.as_str()), (401, "sign_in_required"), "{told}"),
        Outcome::Denied => assert_eq!((status, code.as_str()), (403, "permission_denied"), "{told}"),
        Outcome::Hidden => assert_eq!(status, 404, "{told}"),
    }
    let stranger = !matches!(who, Who::Creator | Who::WideKey | Who::Moderator | Who::Admin);
    assert!(!(stranger && answer.text.contains(CANARY)), "{told}");
}

// Requirements: R34
#[tokio::test]
async fn moderators_see_accounts_without_addresses_and_hide_streams_and_change_nothing_else() {
    for world in worlds().await {
        let stream = world.stream("loud", "public").await;
        let path = format!("/streams/{}", stream["id"].as_str().unwrap());
        let renamed =
            world.patch(Who::Moderator, &path, "*", json!({ "title": "x", "access": "private" })).await;
        assert_eq!((renamed.status.as_u16(), renamed.code().as_str()), (403, "permission_denied"));
        let hidden = world.patch(Who::Moderator, &path, "*", json!({ "access": "private" })).await;
        assert_eq!(hidden.status, 200, "{}", hidden.text);
        assert_eq!(world.get(Who::Viewer, &path).await.status, 404);
        let seen = world.get(Who::Moderator, "/admin/accounts").await;
        assert!(!seen.text.contains("@example.org"), "{}", seen.text);
        assert_eq!(world.get(Who::Moderator, "/admin/accounts?sort=email").await.status, 403);
        // Nor do they find an account by an address that they guess, alone or beside its name.
        let finds = async |who, words: &str| {
            let answer = world.get(who, &format!("/admin/accounts?q={words}")).await.json();
            answer["items"].as_array().unwrap().len()
        };
        for (words, moderators, admins) in [
            ("viewer", 1, 1),
            ("viewer@example.org", 0, 1),
            ("viewer%20exam", 0, 1),
            ("name%20of%20viewer", 1, 1),
        ] {
            assert_eq!(finds(Who::Moderator, words).await, moderators, "{words}");
            assert_eq!(finds(Who::Admin, words).await, admins, "{words}");
        }
        assert!(world.get(Who::Admin, "/admin/accounts").await.text.contains("viewer@example.org"));
    }
}

#[test]
fn every_permission_of_the_table_is_needed_by_a_route_or_asked_elsewhere() {
    // Asked by `live`, by handlers about records that are another's, and by issues to come.
    let elsewhere = [
        Permission::PublishOwnStreams,
        Permission::HideStreams,
        Permission::EndBroadcasts,
        Permission::ModerateAllChats,
        Permission::WriteAllStreams,
    ];
    for permission in Permission::ALL {
        let needed = ROUTES.iter().any(|(_, _, need)| *need == Need::May(*permission));
        assert!(needed != elsewhere.contains(permission), "{permission}");
    }
}
