//! Who may do what to whom, and what comes of it.

use std::time::Duration;

use serde_json::{Value, json};
use sluice_domain::Role;
use sluice_domain::chat::{ChatSettings, ModerationAction};

use super::{ANN, BOB, KEEPER, OWNER, Stage, account, ann, bob, keeper, owner, person};
use crate::chat::effect::{Found, Question};
use crate::chat::person::{Target, Whom};
use crate::chat::record::Entry;

fn moderation(action: &str, more: Value) -> Value {
    let mut request = json!({ "type": "moderation", "ref": action, "action": action });
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

fn actions(stage: &Stage) -> Vec<ModerationAction> {
    let actions = stage.records.iter().filter_map(|entry| match entry {
        Entry::Action { entry, .. } => Some(entry.action),
        _ => None,
    });
    actions.collect()
}

// Requirements: R202
#[test]
fn only_those_who_keep_order_do() {
    let mut stage = Stage::new();
    let (one, two) = (stage.joins(ann()), stage.joins(bob()));
    stage.says(two, "hi");
    let id = stage.heard_of(one, "message")[0]["message"]["id"].clone();
    let who = account(BOB);
    let requests = [
        moderation("delete", json!({ "message": id })),
        moderation("clear", json!({})),
        moderation("timeout", json!({ "account": who, "seconds": 5 })),
        moderation("ban", json!({ "account": who })),
        moderation("mute", json!({ "account": who })),
        moderation("unban", json!({ "account": who })),
        moderation("pin", json!({ "message": id })),
        moderation("unpin", json!({})),
        moderation("approve", json!({ "message": id })),
        json!({ "type": "members", "ref": "m" }),
        json!({ "type": "message", "ref": "c", "text": "/ban bob" }),
        json!({ "type": "message", "ref": "c", "text": "/slow" }),
        json!({ "type": "message", "ref": "c", "text": "/mod ann" }),
        json!({ "type": "message", "ref": "c", "text": "/announce hi" }),
    ];
    for request in requests {
        stage.heard.clear();
        stage.asks(one, request.clone());
        assert_eq!(stage.heard_of(one, "error")[0]["code"], "permission_denied", "{request}");
    }
    assert!(actions(&stage).is_empty() && stage.questions.is_empty());
}

// Requirements: R202, R206
#[test]
fn a_timeout_silences_takes_away_what_was_said_and_ends() {
    let mut stage = Stage::new();
    let (one, two, own) = (stage.joins(ann()), stage.joins(bob()), stage.joins(owner()));
    stage.says(one, "rude");
    stage.asks(
        own,
        moderation("timeout", json!({ "account": account(ANN), "seconds": 60, "reason": "rude" })),
    );
    assert_eq!(stage.heard_of(own, "ack").last().unwrap()["state"], "done");
    let told = stage.heard_of(two, "moderation");
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["action"], &told[0]["seconds"], &told[0]["reason"]),
        (&json!("timeout"), &json!(60), &Value::Null)
    );
    assert_eq!(stage.heard_of(one, "moderation")[1]["reason"], "rude");
    assert_eq!(stage.heard_of(own, "moderation")[1]["by"], "Owner");
    let until = stage.heard_of(one, "you")[0]["you"]["may"]["silent_until"].as_i64().unwrap();
    assert_eq!(until, stage.now().ms() + 60_000);
    assert_eq!(stage.silenced.last(), Some(&(one, true)));
    assert_eq!(stage.answer(one, "sorry"), "chat_timed_out");
    assert!(
        stage.records.iter().any(
            |entry| matches!(entry, Entry::ClearedOf { account, .. } if *account == super::account(ANN))
        )
    );
    // Who comes later does not see it.
    let late = stage.joins(keeper());
    assert_eq!(stage.heard_of(late, "joined")[0]["history"], json!([]));
    stage.wait(Duration::from_secs(61));
    assert_eq!(stage.answer(one, "sorry"), "delivered");
}

// Requirements: R202
#[test]
fn a_ban_puts_every_connection_out_and_keeps_new_ones_out_until_it_is_lifted() {
    let mut stage = Stage::new();
    let (phone, laptop, own) = (stage.joins(ann()), stage.joins(ann()), stage.joins(keeper()));
    stage.asks(own, moderation("ban", json!({ "account": account(ANN), "reason": "spam" })));
    assert_eq!(stage.cut, [phone, laptop]);
    let bye = stage.heard_of(phone, "bye")[0];
    assert_eq!(
        (&bye["code"], &bye["detail"]),
        (&json!("chat_banned"), &json!("You were banned from this chat: spam"))
    );
    let again = stage.joins(ann());
    assert_eq!(stage.cut.last(), Some(&again));
    assert_eq!(stage.chat.members(), 1);
    stage.asks(own, moderation("unban", json!({ "account": account(ANN) })));
    assert!(matches!(stage.questions[0].1, Question::Who(Whom::Account(_))));
    stage.finds(Found::Who(Some(Target {
        account: account(ANN),
        name: "Ann".into(),
        role: Some(Role::Viewer),
    })));
    let back = stage.joins(ann());
    assert_eq!(stage.answer(back, "hello"), "delivered");
    assert_eq!(actions(&stage), [ModerationAction::MemberBanned, ModerationAction::MemberUnbanned]);
}

#[test]
fn a_muted_member_hears_itself_and_is_not_told() {
    let mut stage = Stage::new();
    let (one, two, own) = (stage.joins(ann()), stage.joins(bob()), stage.joins(keeper()));
    stage.asks(own, moderation("mute", json!({ "account": account(ANN) })));
    assert!(stage.heard_of(one, "moderation").is_empty() && stage.heard_of(two, "moderation").is_empty());
    assert_eq!(stage.answer(one, "hello?"), "delivered");
    assert_eq!(
        (stage.texts(one), stage.texts(two), stage.texts(own)),
        (vec!["hello?"], vec![], vec!["hello?"])
    );
    let late = stage.joins(bob());
    assert_eq!(stage.heard_of(late, "joined")[0]["history"], json!([]));
}

#[test]
fn nobody_silences_the_owner_or_whoever_stands_no_lower() {
    let mut stage = Stage::new();
    let own = stage.joins(owner());
    let staff = stage.joins(keeper());
    let other = stage.joins(person(5, "Other", Role::Moderator));
    let admin = stage.joins(person(6, "Admin", Role::Admin));
    let one = stage.joins(ann());
    stage.asks(own, json!({ "type": "message", "text": "/mod @ann" }));
    stage.asks(own, json!({ "type": "message", "text": "/mod bob" }));
    stage.finds(Found::Who(Some(Target {
        account: account(BOB),
        name: "Bob".into(),
        role: Some(Role::Viewer),
    })));
    let forbidden = [
        (staff, OWNER),
        (admin, OWNER),
        (other, KEEPER),
        (own, KEEPER),
        (one, OWNER),
        (one, BOB),
        (one, KEEPER),
    ];
    for (by, whom) in forbidden {
        stage.heard.clear();
        stage.asks(by, moderation("timeout", json!({ "account": account(whom), "seconds": 5 })));
        while !stage.questions.is_empty() {
            stage.finds(Found::Who(Some(Target {
                account: account(whom),
                name: "Bob".into(),
                role: Some(Role::Viewer),
            })));
        }
        assert_eq!(stage.heard_of(by, "error")[0]["code"], "permission_denied", "{by:?} {whom}");
    }
    stage.heard.clear();
    stage.asks(admin, moderation("timeout", json!({ "account": account(KEEPER), "seconds": 5 })));
    stage.asks(own, moderation("timeout", json!({ "account": account(ANN), "seconds": 5 })));
    assert_eq!(stage.heard_of(admin, "ack").len() + stage.heard_of(own, "ack").len(), 2);
}

// Requirements: R202
#[test]
fn commands_are_answered_to_whom_they_came_from_and_to_nobody_else() {
    let mut stage = Stage::new();
    let (own, one) = (stage.joins(owner()), stage.joins(ann()));
    let answer = |stage: &mut Stage, text: &str| {
        stage.heard.clear();
        stage.asks(own, json!({ "type": "message", "ref": "c", "text": text }));
        let acks = stage.heard_of(own, "ack");
        acks.first().map(|ack| ack["text"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
    };
    assert_eq!(answer(&mut stage, "/slow 5"), "Slow mode is on: one message every 5 s.");
    assert_eq!(stage.heard_of(one, "settings")[0]["settings"]["slow_seconds"], json!(5));
    assert!(stage.heard_of(one, "ack").is_empty());
    assert_eq!(answer(&mut stage, "/slowoff"), "Slow mode is off.");
    assert_eq!(answer(&mut stage, "/followers 2h"), "Only those write now who have followed for 2 h.");
    assert_eq!(answer(&mut stage, "/followersoff"), "Everybody may write again, not followers alone.");
    assert_eq!(answer(&mut stage, "/emoteonly"), "Emotes only is on.");
    assert_eq!(answer(&mut stage, "/emoteonlyoff"), "Emotes only is off.");
    assert_eq!(answer(&mut stage, "/timeout ann 10m"), "Ann is silent for 10 min.");
    assert_eq!(answer(&mut stage, "/unban ann"), "Ann may write again.");
    assert!(answer(&mut stage, "/help").contains("/timeout USER"));
    assert_eq!(answer(&mut stage, "/nope"), "");
    assert_eq!(stage.heard_of(own, "error")[0]["code"], "unknown_command");
    assert_eq!(answer(&mut stage, "/ban nobody-here"), "");
    stage.finds(Found::Who(None));
    assert_eq!(stage.heard_of(own, "error")[0]["code"], "unknown_member");
    stage.asks(own, json!({ "type": "message", "ref": "c", "text": "/mods" }));
    stage.finds(Found::Names(vec!["kim".to_owned()]));
    assert_eq!(stage.heard_of(own, "ack")[0]["text"], "Moderators: kim");
}

#[test]
fn an_announcement_an_action_and_a_pin_are_messages_of_their_kind() {
    let mut stage = Stage::new();
    let (own, one) = (stage.joins(owner()), stage.joins(ann()));
    stage.says(own, "/announce Doors open");
    stage.says(one, "/me waves");
    stage.says(own, "/pin Rules: be kind");
    stage.says(one, ":wave: :wave:");
    let kinds: Vec<_> =
        stage.heard_of(one, "message").iter().map(|event| event["message"]["kind"].clone()).collect();
    assert_eq!(kinds, ["announcement", "action", "announcement", "emote"]);
    assert_eq!(stage.heard_of(one, "pinned")[0]["message"]["text"], "Rules: be kind");
    let late = stage.joins(bob());
    assert_eq!(stage.heard_of(late, "joined")[0]["pinned"]["text"], "Rules: be kind");
    stage.asks(own, moderation("unpin", json!({})));
    assert_eq!(stage.heard_of(one, "pinned")[1]["message"], Value::Null);
}

#[test]
fn a_message_that_is_taken_away_is_gone_for_all_and_for_who_comes_later() {
    let mut stage = Stage::new();
    let (own, one) = (stage.joins(owner()), stage.joins(ann()));
    stage.says(one, "oops");
    let id = stage.heard_of(one, "message")[0]["message"]["id"].clone();
    stage.asks(own, moderation("delete", json!({ "message": id })));
    assert_eq!(stage.heard_of(one, "deleted")[0]["messages"], json!([id]));
    // One that is not at hand is looked up; a forged one is nowhere.
    let forged = "01890000-0000-7000-8000-000000000000";
    stage.asks(own, moderation("delete", json!({ "message": forged })));
    stage.finds(Found::Message(None));
    assert_eq!(stage.heard_of(own, "error")[0]["code"], "unknown_message");
    stage.asks(own, moderation("clear", json!({})));
    assert_eq!(stage.heard_of(one, "cleared").len(), 1);
}

#[test]
fn settings_are_changed_by_who_manages_and_only_from_where_they_stand() {
    let mut stage = Stage::new();
    let now = stage.now();
    let change = ChatSettings { slow_seconds: 5, ..ChatSettings::default() };
    let code = |refusal: crate::chat::ChatRefusal| refusal.code.code();
    assert_eq!(
        stage.chat.change_settings(&ann(), change.clone(), Some(0), now).map_err(code),
        Err("permission_denied")
    );
    assert_eq!(stage.chat.change_settings(&owner(), change.clone(), Some(0), now).map_err(code), Ok(1));
    assert_eq!(
        stage.chat.change_settings(&owner(), change.clone(), Some(0), now).map_err(code),
        Err("version_conflict")
    );
    let bad = ChatSettings { slow_seconds: 1801, ..change };
    assert_eq!(stage.chat.change_settings(&owner(), bad, None, now).map_err(code), Err("invalid_input"));
}

#[test]
fn a_key_of_the_owner_without_the_scope_keeps_no_order() {
    let mut stage = Stage::new();
    let bot = crate::chat::person::Person { may_moderate: false, is_bot: true, ..owner() };
    let id = stage.joins(bot);
    stage.asks(id, moderation("clear", json!({})));
    assert_eq!(stage.heard_of(id, "error")[0]["code"], "permission_denied");
    assert_eq!(stage.heard_of(id, "joined")[0]["you"]["badges"], json!(["broadcaster", "bot"]));
}
