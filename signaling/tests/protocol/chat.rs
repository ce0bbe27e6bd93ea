//! Chats on `/ws`: members join, write and hear each other.

mod alone;
mod bad;
pub(crate) mod member;
mod moderation;

use serde_json::json;

use crate::people::{MODERATOR, OWNER, STRANGER};
use crate::server::Server;
use crate::ws::Page;
use member::Member;

// Requirements: R186, R187, R189, R192, R199
#[tokio::test]
async fn members_hear_each_other_in_one_order_and_authors_hear_how_far_their_message_came() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    let mut guest = Member::of(&server, None).await;
    owner.says("welcome").await;
    stranger.says("hello").await;
    let mut orders = Vec::new();
    for member in [&mut owner, &mut stranger, &mut guest] {
        let one = member.event("message").await;
        let two = member.event("message").await;
        orders.push(vec![one["message"].clone(), two["message"].clone()]);
    }
    assert!(orders.windows(2).all(|pair| pair[0] == pair[1]), "{orders:#?}");
    let first = &orders[0][0];
    assert_eq!((&first["text"], &first["kind"]), (&json!("welcome"), &json!("text")));
    assert_eq!(first["author"]["badges"], json!(["broadcaster"]));
    assert_eq!(first["author"]["id"], json!(server.people.account(OWNER)));
    assert_eq!(orders[0][1]["author"]["handle"], json!(STRANGER));
    // Delivered first, stored a moment later, with the same id.
    let (_, delivered) = owner.asks(json!({ "type": "message", "ref": "m1", "text": "again" })).await;
    assert_eq!(delivered["state"], "delivered", "{delivered}");
    let stored = owner.until(|event| event["state"] == "stored" && event["id"] == delivered["id"]).await;
    assert_eq!(stored["ref"], "m1");
}

#[tokio::test]
async fn who_comes_late_gets_the_newest_messages_and_who_comes_back_what_it_missed() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    for number in 0..5 {
        owner.says(&format!("number {number}")).await;
    }
    let third = owner.history_of_events(5).await[2]["id"].clone();
    let late = Member::of(&server, None).await;
    let texts = |joined: &serde_json::Value| -> Vec<String> {
        let history = joined["history"].as_array().unwrap().iter();
        history.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&late.joined), ["number 0", "number 1", "number 2", "number 3", "number 4"]);
    assert_eq!(late.joined["resumed"], json!(false));
    let back = Member::with(&server, None, json!({ "after": third })).await;
    assert_eq!(texts(&back.joined), ["number 3", "number 4"]);
    assert_eq!(back.joined["resumed"], json!(true));
    // An id that this chat never gave is no place to go on from.
    let forged = "0fffffff-ffff-7fff-bfff-ffffffffffff";
    let forged = Member::with(&server, None, json!({ "after": forged })).await;
    assert_eq!((forged.joined["resumed"].clone(), texts(&forged.joined).len()), (json!(false), 5));
}

// Requirements: R191
#[tokio::test]
async fn what_was_said_is_there_when_the_chat_is_opened_again() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    owner.says("remember me").await;
    owner.until(|event| event["state"] == "stored").await;
    let again = server.restarted().await;
    let member = Member::of(&again, None).await;
    assert_eq!(member.joined["history"][0]["text"], "remember me");
}

// Requirements: R247
#[tokio::test]
async fn an_account_counts_once_however_many_connections_it_has() {
    let server = Server::start().await;
    let mut keeper = Member::of(&server, Some(MODERATOR)).await;
    let _laptop = Member::of(&server, Some(STRANGER)).await;
    let phone = Member::of(&server, Some(STRANGER)).await;
    let _guest = Member::of(&server, None).await;
    keeper.until(|event| event["accounts"] == 2 && event["anonymous"] == 1).await;
    drop(phone);
    drop(_guest);
    let event = keeper.until(|event| event["anonymous"] == 0).await;
    assert_eq!(event["accounts"], 2, "{event}");
    let (_, members) = keeper.asks(json!({ "type": "members", "ref": "w" })).await;
    let names: Vec<_> = members["members"].as_array().unwrap().iter().map(|who| &who["handle"]).collect();
    assert_eq!(names, [MODERATOR, STRANGER]);
}

// Requirements: R193
#[tokio::test]
async fn the_plain_envelope_needs_no_hello_and_hears_messages_and_errors_alone() {
    let server = Server::start().await;
    let token = server.people.token(STRANGER).await;
    let mut plain = Page::open(&server).await;
    plain.say(json!({ "type": "join", "room_id": "demo", "token": token })).await;
    // A plain join is not answered.
    let demo = server.people.record("demo").await.id;
    crate::session::eventually(async || server.live.chats().presence(demo).await.accounts == 1).await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    owner.says("hello").await;
    let heard = plain.hears().await;
    let expected = json!({
        "type": "message",
        "user": OWNER,
        "content": "hello",
        "timestamp": heard["timestamp"],
        "room_id": "demo",
    });
    assert_eq!(heard, expected);
    assert!(heard["timestamp"].as_i64().unwrap() > 1_600_000_000_000);
    plain.say(json!({ "type": "message", "content": "hi", "room_id": "demo" })).await;
    let answer = owner.until(|event| event["message"]["text"] == "hi").await;
    assert_eq!(answer["message"]["author"]["handle"], json!(STRANGER));
    assert_eq!(plain.hears().await["content"], "hi");
    plain.say(json!({ "type": "message", "content": "", "room_id": "demo" })).await;
    let error = plain.hears().await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("message_empty")));
    plain.say(json!({ "type": "message", "content": "hi", "room_id": "elsewhere" })).await;
    assert_eq!(plain.hears().await["code"], "not_joined");
}

#[tokio::test]
async fn a_guest_reads_and_is_told_to_sign_in_before_it_writes() {
    let server = Server::start().await;
    let mut guest = Member::of(&server, None).await;
    assert_eq!(guest.joined["you"]["id"], json!(null));
    assert!(guest.joined["you"]["name"].as_str().unwrap().starts_with("guest-"));
    assert_eq!(guest.joined["you"]["may"]["write"], json!(false));
    let (_, error) = guest.asks(json!({ "type": "message", "ref": "g", "text": "hi" })).await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("sign_in_required")));
}

#[tokio::test]
async fn a_member_that_leaves_hears_nothing_more_and_may_come_back() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut guest = Member::of(&server, None).await;
    // Presence is told a moment later: both know of the guest before it goes, so that what they hear next
    // is of its going.
    guest.until(|event| event["anonymous"] == 1).await;
    owner.until(|event| event["anonymous"] == 1).await;
    guest.say(json!({ "type": "leave" })).await;
    owner.until(|event| event["anonymous"] == 0).await;
    owner.says("is anybody there").await;
    guest.page.hears_nothing().await;
    guest.say(json!({ "type": "join" })).await;
    assert_eq!(guest.event("joined").await["history"][0]["text"], "is anybody there");
}
