//! Modes, rates, the filter, and what is held.

use std::time::Duration;

use serde_json::json;
use sluice_domain::Tier;
use sluice_domain::chat::{ChatMode, ChatSettings, MessageState};

use super::{Stage, ann, bob, keeper, owner};
use crate::chat::effect::{Found, Judgement};
use crate::chat::person::{MemberId, Person};
use crate::chat::record::Entry;

fn mode(mode: ChatMode) -> ChatSettings {
    ChatSettings { modes: vec![mode], ..ChatSettings::default() }
}

fn guest() -> Person {
    Person::guest(MemberId(77))
}

// Requirements: R190
#[test]
fn people_write_as_fast_as_by_hand_and_those_who_keep_order_faster() {
    let mut stage = Stage::new();
    let (one, own) = (stage.joins(ann()), stage.joins(owner()));
    let answers: Vec<String> = (0..12).map(|number| stage.answer(one, &format!("m{number}"))).collect();
    assert_eq!(answers.iter().filter(|answer| *answer == "delivered").count(), 10);
    assert_eq!(answers[11], "rate_limited");
    assert!((0..30).all(|number| stage.answer(own, &format!("o{number}")) == "delivered"));
    stage.wait(Duration::from_secs(1));
    assert_eq!(stage.answer(one, "later"), "delivered");
}

#[test]
fn one_account_has_one_rate_on_all_its_connections() {
    let mut stage = Stage::new();
    let connections: Vec<_> = (0..4).map(|_| stage.joins(ann())).collect();
    let delivered =
        (0..40).filter(|number| stage.answer(connections[number % 4], &format!("m{number}")) == "delivered");
    assert_eq!(delivered.count(), 10);
}

// Requirements: R195
#[test]
fn slow_mode_says_how_long_to_wait_and_moderators_do_not() {
    let mut stage = Stage::with(ChatSettings { slow_seconds: 30, ..ChatSettings::default() });
    let (one, own) = (stage.joins(ann()), stage.joins(keeper()));
    assert_eq!(stage.answer(one, "first"), "delivered");
    stage.wait(Duration::from_secs(10));
    assert_eq!(stage.answer(one, "second"), "slow_mode");
    let error = stage.heard_of(one, "error")[0];
    assert_eq!(error["retry_after"], json!(20_000));
    stage.wait(Duration::from_secs(20));
    assert_eq!(stage.answer(one, "third"), "delivered");
    assert_eq!(stage.answer(own, "one"), "delivered");
    assert_eq!(stage.answer(own, "two"), "delivered");
}

// Requirements: R195
#[test]
fn each_mode_has_its_own_refusal_and_moderators_are_not_asked() {
    let cases = [
        (mode(ChatMode::SubscribersOnly), "tier_required"),
        (mode(ChatMode::EmoteOnly), "emote_only"),
        (ChatSettings { enabled: false, ..ChatSettings::default() }, "chat_closed"),
        (ChatSettings { followers_minutes: Some(0), ..ChatSettings::default() }, "follow_required"),
    ];
    for (settings, code) in cases {
        let mut stage = Stage::with(settings);
        let (one, own) = (stage.joins(ann()), stage.joins(keeper()));
        stage.says(one, "hello");
        if !stage.questions.is_empty() {
            stage.finds(Found::Standing { follows_since: None, tier: Tier::Free });
        }
        assert_eq!(stage.heard_of(one, "error")[0]["code"], code);
        assert_eq!(stage.answer(own, "hello"), "delivered", "{code}");
    }
}

#[test]
fn guests_write_where_the_stream_lets_them_and_not_where_it_is_shielded() {
    let open = ChatSettings { anonymous_may_write: true, ..ChatSettings::default() };
    let mut stage = Stage::with(open.clone());
    let one = stage.joins(guest());
    assert_eq!(stage.answer(one, "hi"), "delivered");
    for closed in [ChatMode::Shield, ChatMode::MembersOnly] {
        let mut stage = Stage::with(ChatSettings { modes: vec![closed], ..open.clone() });
        let one = stage.joins(guest());
        assert_eq!(stage.answer(one, "hi"), "sign_in_required");
    }
    let mut stage = Stage::new();
    let one = stage.joins(guest());
    assert_eq!(stage.answer(one, "hi"), "sign_in_required");
}

// Requirements: R216
#[test]
fn who_follows_meanwhile_is_looked_up_again_before_being_refused() {
    let mut stage = Stage::with(ChatSettings { followers_minutes: Some(10), ..ChatSettings::default() });
    let one = stage.joins(ann());
    stage.says(one, "hi");
    let since = stage.now().ms() - 5 * 60_000;
    stage.finds(Found::Standing { follows_since: Some(since), tier: Tier::Free });
    let error = stage.heard_of(one, "error")[0];
    assert_eq!(
        (&error["code"], &error["detail"]),
        (&json!("follow_required"), &json!("Follow for another 5 min to write here."))
    );
    stage.wait(Duration::from_secs(301));
    assert_eq!(stage.answer(one, "now"), "delivered");
}

#[test]
fn in_unique_mode_nothing_is_said_twice() {
    let mut stage = Stage::with(mode(ChatMode::Unique));
    let (one, two) = (stage.joins(ann()), stage.joins(bob()));
    assert_eq!(stage.answer(one, "Good  game"), "delivered");
    assert_eq!(stage.answer(two, "good game"), "not_unique");
    assert_eq!(stage.answer(two, "good games"), "delivered");
}

#[test]
fn a_text_is_cleaned_counted_and_refused_where_nothing_is_left() {
    let mut stage = Stage::new();
    let one = stage.joins(ann());
    assert_eq!(stage.answer(one, "\u{202e}\u{200b}"), "message_empty");
    assert_eq!(stage.answer(one, &"é".repeat(501)), "message_too_long");
    assert_eq!(stage.answer(one, &"é".repeat(500)), "delivered");
    stage.says(one, "a\u{202e}b\u{0}<b>");
    assert_eq!(stage.texts(one).last(), Some(&"ab<b>"));
}

// Requirements: R188, R203
#[test]
fn what_is_held_waits_for_a_moderator_and_gets_its_place_when_it_is_approved() {
    let mut stage = Stage::new();
    let (one, two, own) = (stage.joins(ann()), stage.joins(bob()), stage.joins(keeper()));
    stage.asks(one, json!({ "type": "message", "ref": "h", "text": "buy" }));
    stage.judge(Judgement::Hold(vec!["link".to_owned()]));
    assert_eq!(stage.heard_of(one, "ack")[0]["state"], "held");
    assert!(stage.texts(two).is_empty());
    let held = stage.heard_of(own, "held")[0].clone();
    assert_eq!(held["reasons"], json!(["link"]));
    stage.says(two, "between");
    let id = held["message"]["id"].clone();
    stage.asks(own, json!({ "type": "moderation", "action": "approve", "message": id }));
    assert_eq!(stage.texts(two), ["between", "buy"]);
    let messages = stage.heard_of(two, "message");
    assert!(messages[1]["message"]["id"].as_str() > messages[0]["message"]["id"].as_str());
    assert_eq!(stage.heard_of(one, "settled")[0]["outcome"], "approved");
    assert!(stage.records.iter().any(|entry| matches!(entry, Entry::Approved { .. })));
    // Once only.
    stage.asks(own, json!({ "type": "moderation", "ref": "x", "action": "deny", "message": id }));
    assert_eq!(stage.heard_of(own, "error")[0]["code"], "unknown_message");
}

#[test]
fn what_the_filter_refuses_nobody_sees_and_its_text_is_not_noted() {
    let mut stage = Stage::new();
    let (one, two) = (stage.joins(ann()), stage.joins(bob()));
    stage.asks(one, json!({ "type": "message", "ref": "r", "text": "secret words" }));
    stage.judge(Judgement::Refuse("term".to_owned()));
    assert_eq!(stage.heard_of(one, "error")[0]["code"], "message_refused");
    assert!(stage.texts(two).is_empty());
    let Some(Entry::Action { entry, .. }) = stage.records.first() else { panic!() };
    assert_eq!((entry.action.as_str(), entry.reason.as_str()), ("message_blocked", "term"));
    assert!(!format!("{:?}", stage.records).contains("secret words"));
}

#[test]
fn shield_mode_holds_what_people_say() {
    let mut stage = Stage::with(mode(ChatMode::Shield));
    let one = stage.joins(ann());
    assert_eq!(stage.answer(one, "hello"), "held");
    let Some(Entry::Message(message)) = stage.records.first() else { panic!() };
    assert_eq!((message.state, message.reasons.as_slice()), (MessageState::Held, &["shield".to_owned()][..]));
}

#[test]
fn who_is_silenced_while_the_filter_looks_is_not_heard() {
    let mut stage = Stage::new();
    let (one, own) = (stage.joins(ann()), stage.joins(keeper()));
    stage.asks(one, json!({ "type": "message", "ref": "r", "text": "late" }));
    stage.asks(own, json!({ "type": "moderation", "action": "timeout", "account": super::account(super::ANN), "seconds": 60 }));
    stage.judge(Judgement::Pass);
    assert!(stage.texts(own).is_empty());
    assert_eq!(stage.heard_of(one, "error")[0]["code"], "chat_timed_out");
}
