//! Messages, settings, emotes and minutes of chats.

use serde_json::json;
use sluice_domain::chat::{
    Badge, BanKind, ChatAuthor, ChatMessage, ChatMode, ChatSettings, EmoteSpan, MessageKind, MessageState,
    ModerationAction, ModerationKind, Quote, TermKind, TermOutcome,
};
use sluice_domain::{
    AssetId, BroadcastId, ChatMessageId, ChatTermId, EmoteId, MediaTime, ModerationActionId, OrgId, ReportId,
    ReportStatus, ReportTarget, ReportType, StreamId,
};
use sluice_store::testing::databases;
use sluice_store::{
    Account, Asset, ChatBan, ChatMinute, ChatModerator, ChatTerm, Emote, MessageFilter, MessagePlace,
    ModerationEntry, Page, Report, Settling, Store, StoreError, StoredMessage, Stream, StreamFilter,
};
use uuid::Uuid;

use super::filled::{NOW, account, id, org, stream};

/// The id of the message at a place of the chat.
pub(super) fn message_id(place: u16) -> ChatMessageId {
    ChatMessageId(Uuid::from_u128((u128::from(NOW.unsigned_abs()) << 80) | u128::from(place)))
}

/// A message of an account, shown to everybody.
pub(super) fn said(stream: &Stream, author: &Account, place: u16, text: &str) -> StoredMessage {
    let message = ChatMessage {
        id: message_id(place),
        stream: stream.id,
        author: ChatAuthor {
            id: Some(author.id),
            name: author.display_name.clone(),
            handle: Some(author.handle.clone()),
            avatar_url: None,
            badges: vec![Badge::Moderator],
        },
        kind: MessageKind::Text,
        text: text.to_owned(),
        emotes: Vec::new(),
        mentions: Vec::new(),
        reply_to: None,
        at: NOW,
        media_time: None,
    };
    StoredMessage {
        org_id: stream.org_id,
        broadcast_id: None,
        message,
        state: MessageState::Shown,
        reasons: Vec::new(),
        settled_at: None,
        settled_by: None,
    }
}

/// A picture.
pub(super) async fn picture(store: &Store, org: OrgId) -> AssetId {
    let asset = Asset {
        id: AssetId(id()),
        org_id: org,
        kind: "emote".to_owned(),
        content_type: "image/png".to_owned(),
        bytes: vec![1, 2, 3],
        created_at: NOW,
    };
    store.assets().create(&asset).await.unwrap();
    asset.id
}

/// An emote.
pub(super) fn emote(stream: &Stream, asset_id: AssetId, name: &str) -> Emote {
    let (org_id, stream_id) = (stream.org_id, stream.id);
    Emote {
        id: EmoteId(id()),
        org_id,
        stream_id,
        name: name.to_owned(),
        asset_id,
        animated: true,
        created_at: NOW,
    }
}

/// A timeout.
pub(super) fn timeout(stream: &Stream, account: &Account, until: i64) -> ChatBan {
    ChatBan {
        org_id: stream.org_id,
        stream_id: stream.id,
        account_id: account.id,
        kind: BanKind::Timeout,
        until_at: Some(until),
        reason: Some("enough".to_owned()),
        created_by: Some(stream.owner_id),
        created_at: NOW,
    }
}

/// A term.
pub(super) fn term(stream: &Stream, pattern: &str) -> ChatTerm {
    ChatTerm {
        id: ChatTermId(id()),
        org_id: stream.org_id,
        stream_id: stream.id,
        pattern: pattern.to_owned(),
        kind: TermKind::Word,
        outcome: TermOutcome::Hold,
        created_by: Some(stream.owner_id),
        created_at: NOW,
    }
}

/// Something that was done to an account by the owner of a stream.
pub(super) fn entry(stream: &Stream, target: &Account) -> ModerationEntry {
    ModerationEntry {
        id: ModerationActionId(id()),
        org_id: stream.org_id,
        stream_id: Some(stream.id),
        kind: ModerationKind::ChatModeration,
        action: ModerationAction::MemberTimedOut,
        reason: "enough".to_owned(),
        actor_id: Some(stream.owner_id),
        actor_name: "whatever".to_owned(),
        account_id: Some(target.id),
        target_name: "whatever".to_owned(),
        message_id: None,
        detail_json: json!({"seconds": 60}),
        created_at: NOW,
    }
}

/// A report of a stream.
pub(super) fn report(stream: &Stream, reporter: &Account) -> Report {
    Report {
        id: ReportId(id()),
        org_id: stream.org_id,
        reporter_id: reporter.id,
        report_type: ReportType::Spam,
        target_kind: ReportTarget::Stream,
        stream_id: Some(stream.id),
        message_id: None,
        account_id: Some(stream.owner_id),
        excerpt: stream.title.clone(),
        description: "It is advertising.".to_owned(),
        status: ReportStatus::Pending,
        moderator_id: None,
        note: String::new(),
        created_at: NOW,
        resolved_at: None,
        version: 1,
    }
}

/// How much was said in a minute.
fn minute(stream: &Stream, number: i64, messages: i64) -> ChatMinute {
    ChatMinute {
        org_id: stream.org_id,
        stream_id: stream.id,
        minute: NOW + number * 60_000,
        broadcast_id: None,
        messages,
        chatters: messages,
        reactions: 1,
        members: 7,
    }
}

/// At least one row in every table of chats, in an organisation that has `ann`, `bea` and a stream.
pub(super) async fn fill(store: &Store, org: OrgId) {
    let bea = store.accounts().by_handle(org, &"bea".parse().unwrap()).await.unwrap().unwrap();
    let garden = store.streams().list(org, &StreamFilter::default(), &Page::first(1)).await.unwrap();
    let garden = &garden.items[0];
    let mut answer = said(garden, &bea, 2, "Ja! '\"\\ 東京 \u{1f600}");
    answer.message.reply_to = Some(Quote { id: message_id(1), name: String::new(), text: String::new() });
    answer.message.media_time = Some(MediaTime(NOW * 1000));
    store.chat_messages().add(&[said(garden, &bea, 1, "Hello"), answer]).await.unwrap();
    let settings = ChatSettings { slow_seconds: 5, ..Default::default() };
    store.chat_settings().set(org, garden.id, 0, &settings, NOW).await.unwrap();
    store.chat_bans().set(&timeout(garden, &bea, NOW + 1000)).await.unwrap();
    let moderator = ChatModerator {
        org_id: org,
        stream_id: garden.id,
        account_id: bea.id,
        created_by: None,
        created_at: NOW,
    };
    store.chat_moderators().add(&moderator).await.unwrap();
    store.chat_terms().create(&term(garden, "casino")).await.unwrap();
    store.emotes().create(&emote(garden, picture(store, org).await, "wave")).await.unwrap();
    store.moderation_actions().add(&[entry(garden, &bea)]).await.unwrap();
    store.reports().create(&report(garden, &bea)).await.unwrap();
    store.chat_minutes().add(&[minute(garden, 0, 3)]).await.unwrap();
}

async fn texts(store: &Store, stream: &Stream, filter: &MessageFilter, place: MessagePlace) -> Vec<String> {
    let found = store.chat_messages().list(stream.org_id, stream.id, filter, place, 3).await.unwrap();
    found.into_iter().map(|stored| stored.message.text).collect()
}

// Requirements: R191, R192
#[tokio::test]
async fn messages_are_read_as_they_were_written_in_the_order_of_the_chat() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let mut whole = said(&garden, &ann, 1, "a <b> \u{202e} :wave: 東京");
        whole.broadcast_id = Some(BroadcastId(id()));
        whole.message.kind = MessageKind::Action;
        whole.message.emotes =
            vec![EmoteSpan { name: "wave".to_owned(), url: "/x".to_owned(), start: 8, end: 14 }];
        whole.message.mentions = vec![ann.id];
        whole.message.media_time = Some(MediaTime(-5));
        whole.state = MessageState::Held;
        whole.reasons = vec!["links".to_owned(), "caps".to_owned()];
        store.chat_messages().add(std::slice::from_ref(&whole)).await.unwrap();
        assert_eq!(store.chat_messages().by_id(org, garden.id, message_id(1)).await.unwrap(), whole);
        let more: Vec<_> = (2..=250).map(|place| said(&garden, &ann, place, &place.to_string())).collect();
        store.chat_messages().add(&more).await.unwrap();
        // A batch that is written again, with something new in it, adds what is new.
        let mut again = more[240..].to_vec();
        again.push(said(&garden, &ann, 251, "251"));
        store.chat_messages().add(&again).await.unwrap();
        let all = MessageFilter::default();
        assert_eq!(texts(&store, &garden, &all, MessagePlace::Newest).await, ["249", "250", "251"]);
        let before = MessagePlace::Before(message_id(249));
        assert_eq!(texts(&store, &garden, &all, before).await, ["246", "247", "248"]);
        let after = MessagePlace::After(message_id(9));
        assert_eq!(texts(&store, &garden, &MessageFilter::shown(), after).await, ["10", "11", "12"]);
        let first = MessagePlace::Before(message_id(3));
        assert_eq!(texts(&store, &garden, &MessageFilter::shown(), first).await, ["2"]);
        // Another stream, another organisation.
        let other = stream(&store, &ann, "other").await;
        assert!(texts(&store, &other, &all, MessagePlace::Newest).await.is_empty());
        let nothing = store.chat_messages().by_id(org, other.id, message_id(1)).await;
        assert!(matches!(nothing, Err(StoreError::NotFound)));
        let theirs = store.chat_messages().by_id(OrgId(id()), garden.id, message_id(1)).await;
        assert!(matches!(theirs, Err(StoreError::NotFound)));
    }
}

#[tokio::test]
async fn a_batch_with_a_message_of_no_stream_leaves_nothing_behind() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let mut nowhere = said(&garden, &ann, 150, "nowhere");
        nowhere.message.stream = StreamId(id());
        let mut batch: Vec<_> = (1..150).map(|place| said(&garden, &ann, place, "x")).collect();
        batch.push(nowhere);
        let refused = store.chat_messages().add(&batch).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        assert!(texts(&store, &garden, &MessageFilter::default(), MessagePlace::Newest).await.is_empty());
    }
}

#[tokio::test]
async fn a_quote_says_what_the_message_says_now() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        let long = "é".repeat(150);
        let mut answer = said(&garden, &ann, 2, "Yes");
        answer.message.reply_to =
            Some(Quote { id: message_id(1), name: "forged".to_owned(), text: "forged".to_owned() });
        store.chat_messages().add(&[said(&garden, &bea, 1, &long), answer]).await.unwrap();
        let quote = async || {
            let read = store.chat_messages().by_id(org, garden.id, message_id(2)).await.unwrap();
            read.message.reply_to.map(|quote| (quote.name, quote.text))
        };
        assert_eq!(quote().await, Some(("bea".to_owned(), "é".repeat(100))));
        store.chat_messages().clear_of(org, garden.id, bea.id, None, NOW).await.unwrap();
        assert_eq!(quote().await, Some(("bea".to_owned(), String::new())));
        store.accounts().delete(org, bea.id, NOW).await.unwrap();
        assert_eq!(quote().await, Some(("deleted account".to_owned(), String::new())));
    }
}

#[tokio::test]
async fn a_held_message_is_decided_about_once() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let held = |place| StoredMessage { state: MessageState::Held, ..said(&garden, &ann, place, "?") };
        let messages = store.chat_messages();
        messages.add(&[held(1), held(2), said(&garden, &ann, 3, "!")]).await.unwrap();
        assert_eq!(messages.count_held(org, garden.id).await.unwrap(), 2);
        let waiting = messages.held(org, garden.id, 9).await.unwrap();
        assert_eq!(
            waiting.iter().map(|stored| stored.message.id).collect::<Vec<_>>(),
            [message_id(1), message_id(2)]
        );
        let deny = Settling { to: MessageState::Denied, by: Some(ann.id), at: NOW + 5 };
        let from = [MessageState::Held];
        assert!(messages.settle(org, garden.id, message_id(1), &from, deny).await.unwrap());
        assert!(!messages.settle(org, garden.id, message_id(1), &from, deny).await.unwrap());
        let denied = messages.by_id(org, garden.id, message_id(1)).await.unwrap();
        assert_eq!(
            (denied.state, denied.settled_by, denied.settled_at),
            (MessageState::Denied, Some(ann.id), Some(NOW + 5))
        );
        // An approved message is delivered behind what was said meanwhile.
        let approved = said(&garden, &ann, 4, "?");
        assert!(messages.approve(org, garden.id, message_id(2), &approved).await.unwrap());
        assert!(
            !messages.approve(org, garden.id, message_id(2), &said(&garden, &ann, 5, "?")).await.unwrap()
        );
        let shown =
            messages.list(org, garden.id, &MessageFilter::shown(), MessagePlace::Newest, 9).await.unwrap();
        assert_eq!(
            shown.iter().map(|stored| stored.message.id).collect::<Vec<_>>(),
            [message_id(3), message_id(4)]
        );
        assert_eq!(messages.count_held(org, garden.id).await.unwrap(), 0);
        assert_eq!(messages.count_of(org, garden.id, ann.id).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn clearing_takes_away_what_is_shown_of_one_or_of_all() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        let other = stream(&store, &ann, "other").await;
        let held = StoredMessage { state: MessageState::Held, ..said(&garden, &bea, 4, "?") };
        let messages = store.chat_messages();
        let first =
            [said(&garden, &ann, 1, "a"), said(&garden, &bea, 2, "b"), said(&other, &bea, 3, "c"), held];
        messages.add(&first).await.unwrap();
        assert_eq!(messages.clear_of(org, garden.id, bea.id, Some(ann.id), NOW).await.unwrap(), 2);
        let all = MessageFilter::shown();
        assert_eq!(texts(&store, &garden, &all, MessagePlace::Newest).await, ["a"]);
        let of_bea = MessageFilter { account: Some(bea.id), ..Default::default() };
        assert_eq!(texts(&store, &garden, &of_bea, MessagePlace::Newest).await, ["b", "?"]);
        assert_eq!(texts(&store, &garden, &of_bea, MessagePlace::After(message_id(2))).await, ["?"]);
        assert_eq!(messages.clear(org, garden.id, Some(ann.id), NOW).await.unwrap(), 1);
        assert!(texts(&store, &garden, &all, MessagePlace::Newest).await.is_empty());
        assert_eq!(texts(&store, &other, &all, MessagePlace::Newest).await, ["c"]);
    }
}

#[tokio::test]
async fn a_broadcast_and_an_account_are_exported_page_by_page() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let (garden, other) = (stream(&store, &ann, "garden").await, stream(&store, &ann, "other").await);
        let run = BroadcastId(id());
        let batch: Vec<_> = (1..=7)
            .map(|place| {
                let author = if place % 2 == 0 { &ann } else { &bea };
                let mut stored =
                    said(if place < 6 { &garden } else { &other }, author, place, &place.to_string());
                stored.broadcast_id = (place < 6).then_some(run);
                stored.state = if place == 3 { MessageState::Muted } else { MessageState::Shown };
                stored
            })
            .collect();
        let messages = store.chat_messages();
        messages.add(&batch).await.unwrap();
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let page = messages.of_broadcast(org, run, after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.message.id);
            seen.extend(page.into_iter().map(|stored| stored.message.text));
        }
        assert_eq!(seen, ["1", "2", "4", "5"]);
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let page = messages.of_account(org, bea.id, after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.message.stream, last.message.id));
            seen.extend(page.into_iter().map(|stored| stored.message.text));
        }
        assert_eq!(seen, ["1", "3", "5", "7"]);
        assert!(messages.of_broadcast(OrgId(id()), run, None, 9).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn nothing_says_any_more_who_wrote_the_messages_of_a_deleted_account() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        store.chat_messages().add(&[said(&garden, &ann, 1, "a"), said(&garden, &bea, 2, "b")]).await.unwrap();
        store.moderation_actions().add(&[entry(&garden, &bea)]).await.unwrap();
        let named = async || {
            let all =
                store.moderation_actions().list(org, &Default::default(), &Page::first(9)).await.unwrap();
            (all.items[0].actor_name.clone(), all.items[0].target_name.clone())
        };
        assert_eq!(named().await, ("ann".to_owned(), "bea".to_owned()));
        store.accounts().delete(org, bea.id, NOW).await.unwrap();
        let all = MessageFilter::default();
        let left = store.chat_messages().list(org, garden.id, &all, MessagePlace::Newest, 9).await.unwrap();
        assert_eq!(left[0].message.author.id, Some(ann.id));
        let nobody = &left[1].message.author;
        assert_eq!((nobody.id, nobody.name.as_str(), &nobody.handle), (None, "deleted account", &None));
        assert!(nobody.badges.is_empty());
        assert_eq!(left[1].message.text, "b");
        assert_eq!(named().await, ("ann".to_owned(), String::new()));
    }
}

#[tokio::test]
async fn old_messages_are_forgotten_and_newer_ones_stay() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let old: Vec<_> = (0..6000).map(|place| said(&garden, &ann, place, "old")).collect();
        store.chat_messages().add(&old).await.unwrap();
        let mut new = said(&garden, &ann, 0, "new");
        new.message.at = NOW + 1;
        new.message.id = ChatMessageId(Uuid::from_u128(u128::from(NOW.unsigned_abs() + 1) << 80));
        store.chat_messages().add(&[new]).await.unwrap();
        assert_eq!(store.chat_messages().prune(NOW).await.unwrap(), 0);
        assert_eq!(store.chat_messages().prune(NOW + 1).await.unwrap(), 6000);
        let all = MessageFilter::default();
        assert_eq!(texts(&store, &garden, &all, MessagePlace::Newest).await, ["new"]);
    }
}

#[tokio::test]
async fn settings_have_defaults_and_two_who_change_them_at_once_notice() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let chats = store.chat_settings();
        let fresh = chats.of(org, garden.id).await.unwrap();
        assert_eq!((fresh.settings, fresh.version, fresh.pinned), (ChatSettings::default(), 0, None));
        // A pin is no change of the settings.
        chats.pin(org, garden.id, Some(message_id(1)), NOW).await.unwrap();
        assert_eq!(chats.of(org, garden.id).await.unwrap().version, 0);
        let slow = ChatSettings {
            slow_seconds: 30,
            modes: vec![ChatMode::EmoteOnly],
            followers_minutes: Some(0),
            ..Default::default()
        };
        let changed = chats.set(org, garden.id, 0, &slow, NOW + 1).await.unwrap();
        assert_eq!((changed.version, changed.pinned, changed.updated_at), (1, Some(message_id(1)), NOW + 1));
        let late = chats.set(org, garden.id, 0, &ChatSettings::default(), NOW).await;
        assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        assert_eq!(chats.of(org, garden.id).await.unwrap().settings, slow);
        chats.pin(org, garden.id, None, NOW).await.unwrap();
        assert_eq!(chats.of(org, garden.id).await.unwrap().pinned, None);
        let nowhere = chats.set(org, StreamId(id()), 0, &slow, NOW).await;
        assert!(matches!(nowhere, Err(StoreError::NotFound)), "{nowhere:?}");
    }
}

#[tokio::test]
async fn emotes_are_unique_in_their_stream_and_counted_in_its_chat() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let (garden, other) = (stream(&store, &ann, "garden").await, stream(&store, &ann, "other").await);
        let asset = picture(&store, org).await;
        let wave = emote(&garden, asset, "wave");
        store.emotes().create(&wave).await.unwrap();
        let twice = store.emotes().create(&emote(&garden, asset, "wave")).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
        store.emotes().create(&emote(&garden, asset, "cheer")).await.unwrap();
        store.emotes().create(&emote(&other, asset, "wave")).await.unwrap();
        let names: Vec<_> =
            store.emotes().list(org, garden.id).await.unwrap().into_iter().map(|emote| emote.name).collect();
        assert_eq!(names, ["cheer", "wave"]);
        let version = async || store.chat_settings().of(org, garden.id).await.unwrap().emotes_version;
        assert_eq!(version().await, 2);
        // A picture that an emote shows stays; one that none shows is forgotten.
        assert_eq!(store.assets().prune(NOW + 1).await.unwrap(), 0);
        let elsewhere = store.emotes().delete(org, other.id, wave.id, NOW).await;
        assert!(matches!(elsewhere, Err(StoreError::NotFound)));
        assert_eq!(store.emotes().delete(org, garden.id, wave.id, NOW).await.unwrap(), wave);
        assert_eq!(version().await, 3);
    }
}

// Requirements: R248
#[tokio::test]
async fn minutes_are_added_to_and_found_by_their_time() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let chats = store.chat_minutes();
        chats.add(&[minute(&garden, 0, 3), minute(&garden, 1, 5), minute(&garden, 2, 9)]).await.unwrap();
        chats.add(&[minute(&garden, 1, 2)]).await.unwrap();
        let found = chats.list(org, garden.id, NOW + 60_000, NOW + 120_000, 9).await.unwrap();
        assert_eq!(found.len(), 1);
        let found = &found[0];
        assert_eq!((found.messages, found.chatters, found.reactions, found.members), (7, 5, 2, 7));
        let all = chats.list(org, garden.id, 0, i64::MAX, 2).await.unwrap();
        assert_eq!(all.iter().map(|minute| minute.messages).collect::<Vec<_>>(), [3, 7]);
        assert!(chats.list(OrgId(id()), garden.id, 0, i64::MAX, 9).await.unwrap().is_empty());
    }
}
