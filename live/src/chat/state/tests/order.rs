//! Who hears what, and in which order.

use std::time::Duration;

use serde_json::json;

use super::{Stage, ann, bob, keeper, owner};
use crate::chat::effect::{Found, Judgement, Question};
use crate::chat::person::{MemberId, Person};
use crate::chat::record::Entry;

#[test]
fn everybody_hears_every_message_in_one_order_with_ascending_ids() {
    let mut stage = Stage::new();
    let (one, two) = (stage.joins(ann()), stage.joins(bob()));
    for number in 0..5 {
        stage.says(one, &format!("a{number}"));
        stage.says(two, &format!("b{number}"));
    }
    assert_eq!(stage.texts(one), stage.texts(two));
    assert_eq!(stage.texts(one).len(), 10);
    let ids: Vec<_> =
        stage.heard_of(one, "message").iter().map(|event| event["message"]["id"].to_string()).collect();
    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn a_message_is_stored_before_its_author_is_told_so() {
    let mut stage = Stage::new();
    let one = stage.joins(ann());
    stage.says(one, "hi");
    let states = |stage: &Stage| -> Vec<String> {
        stage.heard_of(one, "ack").iter().map(|ack| ack["state"].to_string()).collect()
    };
    assert_eq!(states(&stage), ["\"delivered\""]);
    let Some(Entry::Message(message)) = stage.records.first() else { panic!("{:?}", stage.records) };
    let id = message.message.id;
    stage.chat.stored(&[id]);
    stage.settle();
    assert_eq!(states(&stage), ["\"delivered\"", "\"stored\""]);
}

#[test]
fn who_joins_twice_is_one_member_and_is_whom_the_last_join_says() {
    let mut stage = Stage::new();
    let id = stage.joins(Person::guest(MemberId(1)));
    stage.joins_as(id, ann());
    assert_eq!(stage.chat.members(), 1);
    assert_eq!((stage.chat.presence().accounts, stage.chat.presence().anonymous), (1, 0));
    let joined = stage.heard_of(id, "joined");
    assert_eq!(joined.len(), 2);
    assert_eq!(joined[1]["you"]["name"], "Ann");
}

#[test]
fn another_version_is_not_spoken() {
    let mut stage = Stage::new();
    let now = stage.now();
    stage.here.insert(MemberId(9));
    stage.chat.join(MemberId(9), ann(), Some(2), None, now);
    stage.settle();
    assert_eq!(stage.cut, [MemberId(9)]);
    assert_eq!(stage.heard_of(MemberId(9), "bye")[0]["code"], "unsupported_version");
}

#[test]
fn members_that_flap_are_told_of_once_a_second_and_leave_nothing_behind() {
    let mut stage = Stage::new();
    let (watcher, moderator) = (stage.joins(bob()), stage.joins(keeper()));
    stage.wait(Duration::from_secs(2));
    stage.heard.clear();
    for _ in 0..1000 {
        let id = stage.joins(ann());
        let now = stage.now();
        stage.chat.leave(id, now);
        stage.here.remove(&id);
        stage.wait(Duration::from_millis(2));
    }
    stage.wait(Duration::from_secs(1));
    assert!(
        (2..=4).contains(&stage.heard_of(watcher, "presence").len()),
        "{:?}",
        stage.heard_of(watcher, "presence").len()
    );
    let changes = stage.heard_of(moderator, "presence");
    let changes: Vec<_> = changes.iter().filter(|event| event["change"].is_object()).collect();
    assert!(changes.len() <= 4, "{changes:?}");
    assert_eq!(stage.chat.presence().accounts, 2);
}

#[test]
fn reactions_are_gathered_and_only_known_ones_are_taken() {
    let mut stage = Stage::new();
    let (one, two) = (stage.joins(ann()), stage.joins(bob()));
    stage.wait(Duration::from_secs(1));
    for _ in 0..3 {
        stage.asks(one, json!({ "type": "reaction", "emote": "heart" }));
        stage.asks(two, json!({ "type": "reaction", "emote": "wave" }));
    }
    stage.asks(one, json!({ "type": "reaction", "emote": "<script>" }));
    assert_eq!(stage.heard_of(one, "error").len(), 1);
    stage.wait(Duration::from_millis(500));
    stage.wait(Duration::from_millis(500));
    let told = stage.heard_of(two, "reactions");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["counts"], json!({ "heart": 3, "wave": 3 }));
}

#[test]
fn a_minute_is_counted_and_nothing_of_what_was_said() {
    let mut stage = Stage::new();
    let (one, two) = (stage.joins(ann()), stage.joins(bob()));
    stage.says(one, "a");
    stage.says(one, "b");
    stage.says(two, "c");
    stage.asks(one, json!({ "type": "reaction", "emote": "heart" }));
    stage.wait(Duration::from_secs(61));
    let minutes: Vec<_> = stage
        .records
        .iter()
        .filter_map(|entry| match entry {
            Entry::Minute(minute) => {
                Some((minute.messages, minute.chatters, minute.reactions, minute.members))
            }
            _ => None,
        })
        .collect();
    assert_eq!(minutes, [(3, 2, 1, 2)]);
}

#[test]
fn an_answer_quotes_and_mentions_whom_it_answers() {
    let mut stage = Stage::new();
    let (one, two) = (stage.joins(ann()), stage.joins(bob()));
    stage.says(one, "who is there");
    let id = stage.heard_of(two, "message")[0]["message"]["id"].clone();
    stage.asks(two, json!({ "type": "message", "text": "@owner @ann me :wave:", "reply_to": id }));
    stage.judge(Judgement::Pass);
    let answer = &stage.heard_of(one, "message")[1]["message"];
    assert_eq!(answer["reply_to"], json!({ "id": id, "name": "Ann", "text": "who is there" }));
    assert_eq!(answer["mentions"], json!([super::account(super::ANN)]));
    assert_eq!(answer["emotes"], json!([{ "name": "wave", "url": "/wave", "start": 15, "end": 21 }]));
}

#[test]
fn older_messages_than_those_at_hand_come_from_the_database() {
    let mut stage = Stage::new();
    let one = stage.joins(owner());
    for number in 0..510 {
        stage.says(one, &format!("n{number}"));
        stage.elapsed += Duration::from_millis(100);
    }
    let oldest = stage.heard_of(one, "message")[10]["message"]["id"].clone();
    stage.heard.clear();
    stage.asks(one, json!({ "type": "history", "ref": "h", "before": oldest, "limit": 5 }));
    assert!(matches!(stage.questions[0].1, Question::Before(_, 5)));
    stage.finds(Found::Before { messages: Vec::new(), more: false });
    let answer = stage.heard_of(one, "history")[0];
    assert_eq!((&answer["ref"], &answer["more"]), (&json!("h"), &json!(false)));
}

#[test]
fn a_name_for_a_request_that_is_too_long_is_not_given_back() {
    let mut stage = Stage::new();
    let one = stage.joins(ann());
    stage.asks(one, json!({ "type": "message", "ref": "x".repeat(65), "text": "hi" }));
    stage.judge(Judgement::Pass);
    assert!(stage.heard_of(one, "ack")[0]["ref"].is_null());
}
