//! Chats through HTTP: reading, keeping order, settings, emotes, exports.

use reqwest::Method;
use serde_json::{Value, json};
use sluice_domain::StreamId;
use sluice_domain::chat::MessageState;
use sluice_store::ChatMinute;

use crate::chat_records::PNG;
use crate::world::{Answer, Who, World, worlds};

struct Garden {
    id: StreamId,
    /// `/streams/{id}/chat`
    chat: String,
}

async fn garden(world: &World) -> Garden {
    let stream = world.stream("garden", "public").await;
    let id = stream["id"].as_str().unwrap();
    Garden { id: id.parse().unwrap(), chat: format!("/streams/{id}/chat") }
}

fn texts(answer: &Answer) -> Vec<String> {
    let items = answer.json()["items"].clone();
    items.as_array().unwrap().iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect()
}

// Requirements: R191, R192
#[tokio::test]
async fn what_was_said_is_read_page_by_page_by_those_who_may_watch() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let author = world.id(Who::Viewer);
        let mut ids = Vec::new();
        for text in ["one", "two", "three", "four", "<b>five</b>"] {
            ids.push(world.said(garden.id, author, text, MessageState::Shown, None).await);
        }
        world.said(garden.id, author, "held", MessageState::Held, None).await;
        world.said(garden.id, author, "gone", MessageState::Deleted, None).await;
        let messages = format!("{}/messages", garden.chat);
        let newest = world.get(Who::Nobody, &format!("{messages}?limit=2")).await;
        assert_eq!(
            (texts(&newest), &newest.json()["more"]),
            (vec!["four".into(), "<b>five</b>".into()], &json!(true))
        );
        let whole = &newest.json()["items"][1];
        let fields = ["id", "stream", "kind", "text", "state"].map(|field| whole[field].clone());
        assert_eq!(json!(fields), json!([ids[4], garden.id, "text", "<b>five</b>", "shown"]));
        assert_eq!((&whole["author"]["id"], &whole["reasons"]), (&json!(author), &json!([])));
        assert!(whole["at"].is_i64());
        let before = world.get(Who::Nobody, &format!("{messages}?before={}&limit=9", ids[3])).await;
        assert_eq!(
            (texts(&before), &before.json()["more"]),
            (vec!["one".into(), "two".into(), "three".into()], &json!(false))
        );
        let after = world.get(Who::Nobody, &format!("{messages}?after={}&limit=2", ids[0])).await;
        assert_eq!(
            (texts(&after), &after.json()["more"]),
            (vec!["two".into(), "three".into()], &json!(true))
        );
        // What became of messages is for moderators.
        for query in ["state=held", "state=deleted", &format!("account_id={author}")] {
            let path = format!("{messages}?{query}");
            assert_eq!(world.get(Who::Nobody, &path).await.code(), "sign_in_required", "{query}");
            assert_eq!(world.get(Who::Viewer, &path).await.code(), "permission_denied", "{query}");
            assert_eq!(world.get(Who::Creator, &path).await.status, 200, "{query}");
        }
        let all = world.get(Who::Creator, &format!("{messages}?account_id={author}")).await;
        assert_eq!(texts(&all).len(), 7);
        for query in
            ["limit=0", "limit=101", "before=x", "state=lost", &format!("before={}&after={}", ids[0], ids[0])]
        {
            assert_eq!(world.get(Who::Creator, &format!("{messages}?{query}")).await.status, 422, "{query}");
        }
        // Who may not watch may not read.
        let followers = world.stream("inner", "followers").await;
        let inner = format!("/streams/{}/chat", followers["id"].as_str().unwrap());
        for path in [inner.clone(), format!("{inner}/messages")] {
            assert_eq!(world.get(Who::Nobody, &path).await.code(), "sign_in_required");
            assert_eq!(world.get(Who::Viewer, &path).await.code(), "follow_required");
            assert_eq!(world.get(Who::Moderator, &path).await.status, 200);
        }
    }
}

// Requirements: R202, R206
#[tokio::test]
async fn moderators_decide_about_messages_and_members_and_all_of_it_is_noted() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let (viewer, chat) = (world.id(Who::Viewer), &garden.chat);
        let rude = world.said(garden.id, viewer, "rude", MessageState::Shown, None).await;
        world.said(garden.id, viewer, "fine", MessageState::Shown, None).await;
        let held = world.said(garden.id, viewer, "a link", MessageState::Held, None).await;
        let other = world.said(garden.id, viewer, "an advert", MessageState::Held, None).await;
        let waiting = world.get(Who::Creator, &format!("{chat}/held")).await;
        assert_eq!(
            (texts(&waiting), &waiting.json()["items"][0]["reasons"]),
            (vec!["a link".into(), "an advert".into()], &json!(["links"]))
        );
        assert_eq!(world.get(Who::Creator, chat).await.json()["held"], 2);
        let act = async |method, path: String, body| {
            let answer = world.send(Who::Creator, method, &path, body).await;
            assert_eq!(answer.status, 204, "{path}: {}", answer.text);
        };
        act(Method::DELETE, format!("{chat}/messages/{rude}"), None).await;
        act(Method::POST, format!("{chat}/held/{held}/approve"), None).await;
        act(Method::POST, format!("{chat}/held/{other}/deny"), None).await;
        let again = world.post(Who::Creator, &format!("{chat}/held/{other}/approve"), json!({})).await;
        assert_eq!((again.status.as_u16(), again.code().as_str()), (404, "unknown_message"));
        let shown = world.get(Who::Nobody, &format!("{chat}/messages")).await;
        assert_eq!(texts(&shown), ["fine", "a link"]);
        let denied = world.get(Who::Creator, &format!("{chat}/messages?state=denied")).await.json();
        assert_eq!(denied["items"][0]["settled_by"]["handle"], "creator");
        let timeout = json!({ "account_id": viewer, "kind": "timeout", "seconds": 600, "reason": "Enough." });
        act(Method::POST, format!("{chat}/bans"), Some(timeout)).await;
        assert!(texts(&world.get(Who::Nobody, &format!("{chat}/messages")).await).is_empty());
        let bans = world.get(Who::Creator, &format!("{chat}/bans")).await.json();
        let ban = &bans["items"][0];
        let fields = [&ban["person"]["handle"], &ban["kind"], &ban["reason"], &ban["by"]["handle"]];
        assert_eq!(fields, [&json!("viewer"), &json!("timeout"), &json!("Enough."), &json!("creator")]);
        assert_eq!(ban["until"].as_i64().unwrap() - ban["created_at"].as_i64().unwrap(), 600_000);
        act(Method::DELETE, format!("{chat}/bans/{viewer}"), None).await;
        let lifted = world.send(Who::Creator, Method::DELETE, &format!("{chat}/bans/{viewer}"), None).await;
        assert_eq!(lifted.status, 404);
        act(Method::DELETE, format!("{chat}/messages"), None).await;
        let expected = [
            "chat_cleared",
            "member_unbanned",
            "member_timed_out",
            "message_denied",
            "message_approved",
            "message_deleted",
        ];
        let of = |list: &Value, field: &str| -> Vec<String> {
            let items = list["items"].as_array().unwrap().iter();
            items.map(|item| item[field].as_str().unwrap().to_owned()).collect()
        };
        let actions = world.get(Who::Creator, &format!("{chat}/actions")).await.json();
        assert_eq!(of(&actions, "action"), expected);
        let timed_out = &actions["items"][2];
        let fields = ["type", "reason", "actor_name", "target_name", "stream_id"]
            .map(|field| timed_out[field].clone());
        let names = json!(["chat_moderation", "Enough.", "Name of creator", "Name of viewer", garden.id]);
        assert_eq!(json!(fields), names);
        let everywhere = world.get(Who::Moderator, "/admin/actions?action=member_timed_out").await.json();
        assert_eq!(everywhere["items"][0], *timed_out);
        let audit = world.get(Who::Admin, "/admin/audit?action=chat.").await.json();
        assert_eq!(of(&audit, "action"), expected.map(|action| format!("chat.{action}")));
        assert!(!audit.to_string().contains("rude"), "a message's text is in the audit log");
    }
}

#[tokio::test]
async fn a_ban_is_asked_for_in_a_form_that_makes_sense() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let bans = format!("{}/bans", garden.chat);
        let viewer = world.id(Who::Viewer);
        for (body, field) in [
            (json!({ "account_id": viewer, "kind": "timeout" }), "seconds"),
            (json!({ "account_id": viewer, "kind": "timeout", "seconds": 0 }), "seconds"),
            (json!({ "account_id": viewer, "kind": "timeout", "seconds": 1_209_601 }), "seconds"),
            (json!({ "account_id": viewer, "kind": "ban", "seconds": 5 }), "seconds"),
            (json!({ "account_id": viewer, "kind": "ban", "reason": "x".repeat(501) }), "reason"),
            (json!({ "account_id": viewer, "kind": "exile" }), "kind"),
            (json!({ "account_id": viewer, "kind": "ban", "extra": 1 }), "extra"),
            (json!({ "account_id": "me", "kind": "ban" }), "account_id"),
        ] {
            let answer = world.post(Who::Creator, &bans, body.clone()).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()["errors"][0]["field"]),
                (422, &json!(field)),
                "{body}"
            );
        }
        let ban = |who: Who| json!({ "account_id": world.id(who), "kind": "ban" });
        assert_eq!(world.post(Who::Creator, &bans, ban(Who::Foreigner)).await.status, 404);
        // Nobody puts out those who stand above them.
        for (by, whom) in
            [(Who::Creator, Who::Admin), (Who::Moderator, Who::Admin), (Who::Moderator, Who::Creator)]
        {
            let answer = world.post(by, &bans, ban(whom)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (403, "permission_denied"),
                "{by:?} {whom:?}"
            );
        }
    }
}

// Requirements: R202
#[tokio::test]
async fn an_owner_makes_moderators_who_keep_order_and_do_not_run_the_chat() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let (viewer, chat) = (world.id(Who::Viewer), &garden.chat);
        let moderator = format!("{chat}/moderators/{viewer}");
        let keeps_order = async || world.get(Who::Viewer, &format!("{chat}/held")).await.code();
        assert_eq!(keeps_order().await, "permission_denied");
        assert_eq!(
            world.send(Who::OtherCreator, Method::PUT, &moderator, None).await.code(),
            "permission_denied"
        );
        assert_eq!(world.send(Who::Creator, Method::PUT, &moderator, None).await.status, 204);
        assert_eq!(keeps_order().await, "");
        let may = world.get(Who::Viewer, chat).await.json()["may"].clone();
        assert_eq!((&may["moderate"], &may["manage"]), (&json!(true), &json!(false)));
        let list = world.get(Who::Viewer, &format!("{chat}/moderators")).await.json();
        assert_eq!(
            (&list["items"][0]["person"]["handle"], &list["items"][0]["by"]["handle"]),
            (&json!("viewer"), &json!("creator"))
        );
        for (method, path, body) in [
            (Method::PATCH, chat.clone(), json!({ "slow_seconds": 5 })),
            (Method::PUT, moderator.clone(), json!({})),
            (
                Method::POST,
                format!("{chat}/terms"),
                json!({ "pattern": "x1", "kind": "word", "outcome": "hold" }),
            ),
        ] {
            let request = world.request(Who::Viewer, method, &path).header("if-match", "*").json(&body);
            assert_eq!(world.answer(request).await.code(), "permission_denied", "{path}");
        }
        let ban = json!({ "account_id": world.id(Who::OtherCreator), "kind": "ban" });
        assert_eq!(world.post(Who::Viewer, &format!("{chat}/bans"), ban).await.status, 204);
        assert_eq!(world.send(Who::Creator, Method::DELETE, &moderator, None).await.status, 204);
        assert_eq!(world.send(Who::Creator, Method::DELETE, &moderator, None).await.status, 404);
        assert_eq!(keeps_order().await, "permission_denied");
        let actions = world.get(Who::Creator, &format!("{chat}/actions?action=moderator_added")).await.json();
        assert_eq!(actions["items"][0]["target_name"], "Name of viewer");
    }
}

#[tokio::test]
async fn settings_of_a_chat_are_changed_one_by_one_within_their_bounds() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let chat = &garden.chat;
        let before = world.get(Who::Nobody, chat).await;
        assert_eq!(
            (before.etag().as_str(), &before.json()["settings"]["filter"]),
            ("\"v0\"", &json!("medium"))
        );
        assert_eq!((&before.json()["held"], &before.json()["may"]["write"]), (&Value::Null, &json!(false)));
        let change = json!({ "slow_seconds": 30, "followers_minutes": 10, "modes": ["unique", "emote_only", "unique"], "rules": " Be kind. " });
        let changed = world.patch(Who::Creator, chat, "\"v0\"", change).await;
        assert_eq!((changed.status.as_u16(), changed.etag().as_str()), (200, "\"v1\""), "{}", changed.text);
        let settings = &changed.json()["settings"];
        let expected = json!({
            "enabled": true, "anonymous_may_write": false, "modes": ["emote_only", "unique"], "slow_seconds": 30,
            "followers_minutes": 10, "filter": "medium", "links": "hold", "rules": "Be kind.",
        });
        assert_eq!(*settings, expected);
        let cleared = world
            .patch(Who::Moderator, chat, "\"v1\"", json!({ "followers_minutes": null, "modes": [] }))
            .await;
        assert_eq!(
            (&cleared.json()["settings"]["followers_minutes"], &cleared.json()["settings"]["modes"]),
            (&Value::Null, &json!([]))
        );
        assert_eq!(cleared.json()["settings"]["slow_seconds"], 30);
        for (body, field) in [
            (json!({ "slow_seconds": 1801 }), "slow_seconds"),
            (json!({ "slow_seconds": -1 }), "slow_seconds"),
            (json!({ "followers_minutes": 129_601 }), "followers_minutes"),
            (json!({ "modes": ["loud"] }), "modes[0]"),
            (json!({ "modes": ["unique", "unique", "unique", "unique", "unique", "unique"] }), "modes"),
            (json!({ "rules": "x".repeat(501) }), "rules"),
            (json!({ "filter": null, "links": "maybe" }), "links"),
            (json!({ "pinned": null }), "pinned"),
        ] {
            let answer = world.patch(Who::Creator, chat, "*", body.clone()).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()["errors"][0]["field"]),
                (422, &json!(field)),
                "{body}"
            );
        }
        assert_eq!(
            world.patch(Who::Viewer, chat, "*", json!({ "slow_seconds": 1 })).await.code(),
            "permission_denied"
        );
        let actions =
            world.get(Who::Creator, &format!("{chat}/actions?action=settings_changed")).await.json();
        assert_eq!(actions["items"].as_array().unwrap().len(), 2);
        assert_eq!(world.store.chat_settings().of(world.org, garden.id).await.unwrap().version, 2);
    }
}

#[tokio::test]
async fn terms_are_looked_at_before_the_filter_looks_for_them() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let terms = format!("{}/terms", garden.chat);
        let term =
            |pattern: &str, kind: &str| json!({ "pattern": pattern, "kind": kind, "outcome": "block" });
        let made = world.post(Who::Creator, &terms, term(" casino ", "word")).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_eq!(
            (&made.json()["pattern"], &made.json()["by"]["handle"]),
            (&json!("casino"), &json!("creator"))
        );
        assert_eq!(world.post(Who::Creator, &terms, term("casino", "word")).await.code(), "already_exists");
        assert_eq!(world.post(Who::Creator, &terms, term("c[a4]sino", "regex")).await.status, 201);
        for (pattern, kind) in [
            ("", "word"),
            ("!?", "word"),
            ("(", "regex"),
            ("x*", "regex"),
            ("(a{100}){100}", "regex"),
            ("(a)\\1", "regex"),
        ] {
            let answer = world.post(Who::Creator, &terms, term(pattern, kind)).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()["errors"][0]["field"]),
                (422, &json!("pattern")),
                "{pattern}"
            );
        }
        assert_eq!(world.post(Who::Creator, &terms, term(&"x".repeat(201), "word")).await.status, 422);
        let list = world.get(Who::Creator, &terms).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        let one = format!("{terms}/{}", made.json()["id"].as_str().unwrap());
        assert_eq!(world.send(Who::Creator, Method::DELETE, &one, None).await.status, 204);
        assert_eq!(world.send(Who::Creator, Method::DELETE, &one, None).await.status, 404);
        let audit = world.get(Who::Admin, "/admin/audit?action=chat.term_removed").await.json();
        assert_eq!(audit["items"][0]["detail"]["detail"]["pattern"], "casino");
    }
}

// Requirements: R194
#[tokio::test]
async fn an_emote_is_a_small_picture_by_its_bytes_under_a_name_of_its_own() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let emotes = format!("/streams/{}/emotes", garden.id);
        let add = async |who, name: &str, kind: &'static str, bytes: Vec<u8>| {
            let request = world.request(who, Method::POST, &format!("{emotes}?name={name}"));
            world.answer(request.header("content-type", kind).body(bytes)).await
        };
        let png = |width: u8, height: u8| {
            let mut bytes = PNG.to_vec();
            (bytes[19], bytes[23]) = (width, height);
            bytes
        };
        let gif =
            b"GIF89a\x20\0\x20\0\0\0\0\x2c\0\0\0\0\x20\0\x20\0\0\x02\0\x2c\0\0\0\0\x20\0\x20\0\0\x02\0\x3b"
                .to_vec();
        assert_eq!(world.get(Who::Nobody, &emotes).await.json(), json!({ "version": 0, "items": [] }));
        let made = add(Who::Creator, "wave", "image/png", png(16, 32)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_eq!((&made.json()["name"], &made.json()["animated"]), (&json!("wave"), &json!(false)));
        // It is what its bytes say, whatever the header does.
        let moving = add(Who::Creator, "dance", "image/png", gif).await;
        assert_eq!(
            (&moving.json()["animated"], moving.status.as_u16()),
            (&json!(true), 201),
            "{}",
            moving.text
        );
        let url = moving.json()["url"].as_str().unwrap().trim_start_matches("/api/v1").to_owned();
        let shown = world.get(Who::Nobody, &url).await;
        assert_eq!(
            (&shown.headers["content-type"], &shown.headers["x-content-type-options"]),
            (&"image/gif".parse().unwrap(), &"nosniff".parse().unwrap())
        );
        for name in ["wave", "heart"] {
            assert_eq!(
                add(Who::Creator, name, "image/png", png(16, 16)).await.code(),
                "already_exists",
                "{name}"
            );
        }
        for name in ["w", "with-dash", "%C3%A4h", "a%20b", &"x".repeat(33)] {
            assert_eq!(add(Who::Creator, name, "image/png", png(16, 16)).await.status, 422, "{name}");
        }
        for (bytes, code) in [
            (png(15, 16), "wrong_size"),
            (png(16, 33), "wrong_size"),
            (b"\xff\xd8\xff\xe0".to_vec(), "not_a_picture"),
            (b"<svg onload='alert(1)'/>".to_vec(), "not_a_picture"),
            (PNG[..20].to_vec(), "not_a_picture"),
        ] {
            let answer = add(Who::Creator, "other", "image/png", bytes).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()["errors"][0]["code"]),
                (422, &json!(code)),
                "{}",
                answer.text
            );
        }
        let mut large = png(16, 16);
        large.resize((512 << 10) + 1, 0);
        assert_eq!(add(Who::Creator, "other", "image/png", large).await.code(), "body_too_large");
        assert_eq!(add(Who::Creator, "other", "text/html", png(16, 16)).await.status, 415);
        assert_eq!(
            add(Who::OtherCreator, "other", "image/png", png(16, 16)).await.code(),
            "permission_denied"
        );
        let listed = world.get(Who::Nobody, &emotes).await.json();
        assert_eq!((&listed["version"], &listed["items"][0]["name"]), (&json!(2), &json!("dance")));
        assert_eq!(world.get(Who::Nobody, &garden.chat).await.json()["emotes_version"], 2);
        let one = format!("{emotes}/{}", made.json()["id"].as_str().unwrap());
        assert_eq!(world.send(Who::Creator, Method::DELETE, &one, None).await.status, 204);
        assert_eq!(world.get(Who::Nobody, &garden.chat).await.json()["emotes_version"], 3);
        assert_eq!(world.get(Who::Nobody, &emotes).await.json()["items"].as_array().unwrap().len(), 1);
    }
}

// Requirements: R191
#[tokio::test]
async fn the_chat_of_a_broadcast_is_exported_as_lines_and_as_a_table() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let run = world.ran(garden.id).await;
        let viewer = world.id(Who::Viewer);
        let said = async |text: &str, state, run| world.said(garden.id, viewer, text, state, run).await;
        for number in 0..1001 {
            said(&format!("{number}"), MessageState::Shown, Some(run)).await;
        }
        said("=1+1, \"so\"", MessageState::Shown, Some(run)).await;
        said("held", MessageState::Held, Some(run)).await;
        said("elsewhere", MessageState::Shown, None).await;
        let path = format!("/streams/{}/broadcasts/{run}/chat", garden.id);
        let lines = world.get(Who::Creator, &path).await;
        assert_eq!(lines.headers["content-type"], "application/jsonl");
        let lines: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 1002);
        let texts = lines[..1001].iter().map(|line| line["text"].as_str().unwrap().parse().ok());
        assert!(texts.eq((0..1001).map(Some::<usize>)));
        let table = world.get(Who::Creator, &format!("{path}?format=csv")).await;
        assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
        let rows: Vec<&str> = table.text.split("\r\n").collect();
        assert_eq!((rows[0], rows.len()), ("id,at,media_time,account_id,handle,name,kind,text", 1004));
        assert!(rows[1002].ends_with(",text,\"'=1+1, \"\"so\"\"\""), "{}", rows[1002]);
        let other = world.stream("other", "public").await;
        let elsewhere = format!("/streams/{}/broadcasts/{run}/chat", other["id"].as_str().unwrap());
        assert_eq!(world.get(Who::Creator, &elsewhere).await.status, 404);
        assert_eq!(world.get(Who::OtherCreator, &path).await.code(), "permission_denied");
        assert_eq!(world.get(Who::Creator, &format!("{path}?format=xml")).await.status, 422);
        let audit = world.get(Who::Admin, "/admin/audit?action=chat.exported").await.json();
        assert_eq!(audit["items"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn the_card_of_a_member_says_to_moderators_what_it_says_to_nobody_else() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let (viewer, chat) = (world.id(Who::Viewer), &garden.chat);
        let follow = json!({ "owner_id": world.id(Who::Creator), "follow": true });
        world.post(Who::Viewer, "/social/follow", follow).await;
        world.said(garden.id, viewer, "Hello", MessageState::Shown, None).await;
        world.said(garden.id, viewer, "Buy", MessageState::Denied, None).await;
        let mute = json!({ "account_id": viewer, "kind": "mute", "reason": "Adverts." });
        assert_eq!(world.post(Who::Creator, &format!("{chat}/bans"), mute).await.status, 204);
        let card =
            async |who, of: Who| world.get(who, &format!("{chat}/members/{}", world.id(of))).await.json();
        let whole = card(Who::Creator, Who::Viewer).await;
        let fields = [
            &whole["person"]["handle"],
            &whole["messages"],
            &whole["ban"]["kind"],
            &whole["actions"][0]["action"],
        ];
        assert_eq!(fields, [&json!("viewer"), &json!(1), &json!("mute"), &json!("member_muted")]);
        assert!(whole["follows_since"].is_i64() && whole["member_since"].is_i64());
        let recent: Vec<_> =
            whole["recent"].as_array().unwrap().iter().map(|message| message["state"].clone()).collect();
        assert_eq!(recent, [json!("shown"), json!("denied")]);
        for who in [Who::Nobody, Who::OtherCreator, Who::Viewer] {
            let part = card(who, Who::Viewer).await;
            assert_eq!(part["person"], whole["person"]);
            let hidden =
                [&part["messages"], &part["ban"], &part["follows_since"], &part["recent"], &part["actions"]];
            assert_eq!(hidden, [&Value::Null, &Value::Null, &Value::Null, &json!([]), &json!([])], "{who:?}");
        }
        assert_eq!(card(Who::Nobody, Who::Creator).await["badges"], json!(["broadcaster"]));
        assert_eq!(card(Who::Nobody, Who::Moderator).await["badges"], json!(["staff"]));
        assert_eq!(card(Who::Creator, Who::Foreigner).await["code"], "not_found");
    }
}

// Requirements: R248
#[tokio::test]
async fn how_much_was_said_is_told_minute_by_minute() {
    for world in worlds().await {
        let garden = garden(&world).await;
        let path = format!("{}/activity", garden.chat);
        let minute = |minute: i64, messages: i64| ChatMinute {
            org_id: world.org,
            stream_id: garden.id,
            minute,
            broadcast_id: None,
            messages,
            chatters: 2,
            reactions: 1,
            members: 40,
        };
        let now = world.accounts.clock().now_ms();
        let recent = now - now % 60_000;
        let minutes = [minute(60_000, 1), minute(120_000, 5), minute(recent, 9)];
        world.store.chat_minutes().add(&minutes).await.unwrap();
        let today = world.get(Who::Creator, &path).await.json();
        let expected = json!([{
            "minute": recent, "broadcast_id": null, "messages": 9, "chatters": 2, "reactions": 1, "members": 40,
        }]);
        assert_eq!(today["items"], expected);
        let then = world.get(Who::Creator, &format!("{path}?from=60001&to=180000")).await.json();
        assert_eq!((&then["items"][0]["messages"], then["items"].as_array().unwrap().len()), (&json!(5), 1));
        for query in ["from=0&to=604800001", "from=-1", "to=x", "from=1&until=2"] {
            assert_eq!(world.get(Who::Creator, &format!("{path}?{query}")).await.status, 422, "{query}");
        }
        assert_eq!(world.get(Who::Viewer, &path).await.code(), "permission_denied");
    }
}

// Requirements: R31
#[tokio::test]
async fn an_account_takes_its_messages_and_reports_along() {
    for world in worlds().await {
        let garden = garden(&world).await;
        world.said(garden.id, world.id(Who::Viewer), "mine", MessageState::Shown, None).await;
        world.said(garden.id, world.id(Who::Viewer), "taken away", MessageState::Deleted, None).await;
        world.said(garden.id, world.id(Who::Creator), "theirs", MessageState::Shown, None).await;
        let body = json!({ "report_type": "spam", "target": "stream", "stream_id": garden.id });
        world.post(Who::Viewer, "/reports", body).await;
        let export = world.get(Who::Viewer, "/me/export").await.json();
        let messages = export["chat_messages"].as_array().unwrap();
        let said: Vec<_> = messages.iter().map(|message| (&message["text"], &message["state"])).collect();
        assert_eq!(said, [(&json!("mine"), &json!("shown")), (&json!("taken away"), &json!("deleted"))]);
        assert_eq!(export["reports"][0]["excerpt"], "Title of garden");
    }
}

// Requirements: R211
#[tokio::test]
async fn whom_somebody_blocks_is_theirs_to_list_and_to_lift() {
    for world in worlds().await {
        let block = format!("/me/blocks/{}", world.id(Who::OtherCreator));
        assert_eq!(world.get(Who::Viewer, &block).await.status, 404);
        assert_eq!(world.send(Who::Viewer, Method::PUT, &block, None).await.status, 204);
        assert_eq!(world.get(Who::Viewer, &block).await.status, 204);
        let list = world.get(Who::Viewer, "/me/blocks").await.json();
        assert_eq!(list["items"][0]["handle"], "other-creator");
        assert_eq!(world.get(Who::Creator, "/me/blocks").await.json()["items"], json!([]));
        let own = format!("/me/blocks/{}", world.id(Who::Viewer));
        assert_eq!(world.send(Who::Viewer, Method::PUT, &own, None).await.status, 422);
        assert_eq!(world.send(Who::Viewer, Method::DELETE, &block, None).await.status, 204);
        assert_eq!(world.get(Who::Viewer, "/me/blocks").await.json()["items"], json!([]));
    }
}
