//! Keeping order: it acts on every connection at once, and is remembered.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sluice_domain::chat::ModerationRequest;
use sluice_domain::{AccessLevel, Scope};

use super::member::Member;
use crate::people::{HERE, MODERATOR, OWNER, STRANGER};
use crate::server::Server;
use crate::session::quickly;

async fn id_of(member: &mut Member, text: &str) -> Value {
    member.until(|event| event["message"]["text"] == text).await["message"]["id"].clone()
}

/// R202.
const AT_ONCE: Duration = Duration::from_millis(200);

// Requirements: R202
#[tokio::test]
async fn a_delete_a_timeout_and_a_ban_act_on_every_connection_within_two_hundred_milliseconds() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    let mut phone = Member::of(&server, Some(STRANGER)).await;
    let mut guest = Member::of(&server, None).await;
    let account = server.people.account(STRANGER);

    quickly(AT_ONCE, async |attempt| {
        let rude = format!("rude {attempt}");
        stranger.says(&rude).await;
        let id = id_of(&mut guest, &rude).await;
        let begun = Instant::now();
        owner.say(json!({ "type": "moderation", "action": "delete", "message": id })).await;
        assert_eq!(guest.event("deleted").await["messages"], json!([id]));
        begun.elapsed()
    })
    .await;

    quickly(AT_ONCE, async |attempt| {
        let reason = format!("calm down {attempt}");
        let begun = Instant::now();
        owner.says(&format!("/timeout @{STRANGER} 5m {reason}")).await;
        assert_eq!(guest.event("moderation").await["action"], "timeout");
        assert_eq!(phone.until(|event| event["reason"] == reason.as_str()).await["action"], "timeout");
        begun.elapsed()
    })
    .await;
    assert_eq!(phone.tries("but").await["code"], "chat_timed_out");

    quickly(AT_ONCE, async |attempt| {
        if attempt > 0 {
            owner.says(&format!("/unban @{STRANGER}")).await;
            owner.until(|event| event["action"] == "unban").await;
            stranger = Member::of(&server, Some(STRANGER)).await;
            phone = Member::of(&server, Some(STRANGER)).await;
        }
        let begun = Instant::now();
        owner.say(json!({ "type": "moderation", "action": "ban", "account": account })).await;
        for banned in [&mut stranger, &mut phone] {
            assert_eq!(banned.event("bye").await["code"], "chat_banned");
        }
        begun.elapsed()
    })
    .await;
    // Neither the old connection nor a new one gets in.
    stranger.say(json!({ "type": "join" })).await;
    assert_eq!(stranger.event("bye").await["code"], "chat_banned");
    let token = server.people.token(STRANGER).await;
    let mut new = Member::outside(&server, Some(&token)).await;
    new.say(json!({ "type": "join" })).await;
    assert_eq!(new.hears().await["code"], "chat_banned");
}

// Requirements: R206
#[tokio::test]
async fn a_ban_outlives_the_process_and_is_noted_twice() {
    let server = Server::start().await;
    let (owner, stream) = (server.people.token(OWNER).await, server.people.record("demo").await);
    let owner = server.people.accounts.authenticate(&owner).await.unwrap();
    let account = server.people.account(STRANGER);
    let request = ModerationRequest::Ban { account, reason: Some("spam".to_owned()) };
    server.live.chats().moderate(&stream, &owner, HERE, request).await.unwrap();
    let store = &server.people.store;
    let page = sluice_store::Page { after: None, limit: 10 };
    let filter = sluice_store::ModerationFilter { stream: Some(stream.id), ..Default::default() };
    let actions = store.moderation_actions().list(server.people.org, &filter, &page).await.unwrap();
    let action = &actions.items[0];
    assert_eq!((action.action.as_str(), action.reason.as_str()), ("member_banned", "spam"));
    assert_eq!((action.actor_id, action.account_id), (Some(owner.account), Some(account)));
    let audit = store.audit_log().list(server.people.org, &Default::default(), &page).await.unwrap();
    assert!(audit.items.iter().any(|entry| entry.action == "chat.member_banned"));
    let again = server.restarted().await;
    let token = again.people.token(STRANGER).await;
    let mut banned = Member::outside(&again, Some(&token)).await;
    banned.say(json!({ "type": "join" })).await;
    assert_eq!(banned.hears().await["code"], "chat_banned");
}

#[tokio::test]
async fn a_moderator_is_made_keeps_order_and_is_made_none() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    assert_eq!(stranger.tries("/clear").await["code"], "permission_denied");
    assert_eq!(owner.tries(&format!("/mod {STRANGER}")).await["state"], "done");
    assert_eq!(stranger.event("you").await["you"]["may"]["moderate"], json!(true));
    assert_eq!(stranger.tries("/clear").await["state"], "done");
    // Whoever keeps order in one chat stands below those who do in all.
    let keeper = server.people.account(MODERATOR);
    let (_, refused) =
        stranger.asks(json!({ "type": "moderation", "ref": "k", "action": "ban", "account": keeper })).await;
    assert_eq!(refused["code"], "permission_denied");
    assert_eq!(owner.tries("/mods").await["text"], format!("Moderators: {STRANGER}"));
    assert_eq!(owner.tries(&format!("/unmod {STRANGER}")).await["state"], "done");
    assert_eq!(stranger.tries("/clear").await["code"], "permission_denied");
}

// Requirements: R203
#[tokio::test]
async fn what_the_filter_holds_is_seen_when_a_moderator_lets_it_through() {
    let server = Server::start().await;
    let mut keeper = Member::of(&server, Some(MODERATOR)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    let mut guest = Member::of(&server, None).await;
    assert_eq!(stranger.tries("look at https://example.org now").await["state"], "held");
    let held = keeper.event("held").await;
    assert!(held["reasons"].as_array().unwrap().contains(&json!("link")), "{held}");
    let approve =
        json!({ "type": "moderation", "ref": "a", "action": "approve", "message": held["message"]["id"] });
    assert_eq!(keeper.asks(approve).await.1["state"], "done");
    let message = guest.event("message").await["message"].clone();
    assert_eq!(message["text"], "look at https://example.org now");
    assert_ne!(message["id"], held["message"]["id"]);
    assert_eq!(stranger.event("settled").await["outcome"], "approved");
}

// Requirements: R195
#[tokio::test]
async fn a_mode_is_told_to_all_and_holds_at_once() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    assert_eq!(owner.tries("/followers").await["state"], "done");
    assert_eq!(stranger.event("settings").await["settings"]["followers_minutes"], json!(0));
    assert_eq!(stranger.tries("hello").await["code"], "follow_required");
    server.people.follow(STRANGER, OWNER).await;
    tokio::time::sleep(Duration::from_millis(3100)).await;
    assert_eq!(stranger.tries("hello").await["state"], "delivered");
    let again = server.restarted().await;
    let guest = Member::of(&again, None).await;
    assert_eq!(guest.joined["settings"]["followers_minutes"], json!(0));
}

#[tokio::test]
async fn a_membership_ends_with_the_sign_in_the_key_or_the_access_on_which_it_rests() {
    let server = Server::start().await;
    let key = server.people.api_key(STRANGER, &[Scope::ReadChat, Scope::WriteChat]).await;
    let mut bot = Member::by(&server, Some(&key), json!({})).await;
    assert_eq!(bot.joined["you"]["badges"], json!(["bot"]));
    assert_eq!(bot.tries("beep").await["state"], "delivered");
    let mut guest = Member::of(&server, None).await;
    let owner = Member::of(&server, Some(OWNER)).await;
    server.people.set_access("demo", AccessLevel::Private).await;
    server.live.stream_changed(server.people.org, server.people.id("demo")).await.unwrap();
    for outside in [&mut guest, &mut bot] {
        assert_eq!(outside.event("bye").await["code"], "forbidden");
    }
    let mut owner = owner;
    assert_eq!(owner.tries("alone").await["state"], "delivered");
    guest.say(json!({ "type": "join" })).await;
    assert_eq!(guest.event("error").await["code"], "unknown_stream");
}

#[tokio::test]
async fn a_key_without_the_scopes_neither_reads_nor_writes() {
    let server = Server::start().await;
    let key = server.people.api_key(STRANGER, &[Scope::ReadStreams]).await;
    let mut blind = Member::outside(&server, Some(&key)).await;
    blind.say(json!({ "type": "join" })).await;
    assert_eq!(blind.hears().await["code"], "forbidden");
    let key = server.people.api_key(STRANGER, &[Scope::ReadChat]).await;
    let mut mute = Member::by(&server, Some(&key), json!({})).await;
    assert_eq!(mute.tries("beep").await["code"], "permission_denied");
}
