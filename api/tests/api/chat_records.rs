//! Records of a chat that tests begin with.

use serde_json::json;
use sluice_domain::chat::{
    BanKind, ChatAuthor, ChatMessage, MessageKind, MessageState, TermKind, TermOutcome,
};
use sluice_domain::{
    AccountId, AssetId, BroadcastId, ChatMessageId, ChatTermId, EmoteId, ReportId, ReportStatus,
    ReportTarget, ReportType, StreamId,
};
use sluice_store::{
    Asset, Broadcast, ChatBan, ChatMinute, ChatModerator, ChatTerm, Emote, Report, StoredMessage,
};

use crate::world::World;

/// The head of a picture of 16 by 16 pixels.
pub(crate) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\0\0\0\0";

/// A chat with one record of everything, all about one account.
#[derive(Default)]
pub(crate) struct ChatRecords {
    pub(crate) message: String,
    pub(crate) held: String,
    pub(crate) term: String,
    pub(crate) emote: String,
    pub(crate) broadcast: String,
    pub(crate) report: String,
}

impl ChatRecords {
    /// Fills the chat of a stream; `text` stands wherever somebody has written something.
    pub(crate) async fn fill(world: &World, stream: &str, account: AccountId, text: &str) -> Self {
        let (store, org, now) = (&world.store, world.org, world.accounts.clock().now_ms());
        let (id, uuid) = (stream.parse::<StreamId>().unwrap(), || world.accounts.clock().uuid());
        let broadcast = world.ran(id).await;
        let message = world.said(id, account, text, MessageState::Shown, Some(broadcast)).await;
        let held = world.said(id, account, text, MessageState::Held, None).await;
        let ban = ChatBan {
            org_id: org,
            stream_id: id,
            account_id: account,
            kind: BanKind::Mute,
            until_at: None,
            reason: Some(text.to_owned()),
            created_by: None,
            created_at: now,
        };
        store.chat_bans().set(&ban).await.unwrap();
        let (org_id, stream_id, created_at) = (org, id, now);
        let moderator =
            ChatModerator { org_id, stream_id, account_id: account, created_by: None, created_at };
        store.chat_moderators().add(&moderator).await.unwrap();
        let term = ChatTerm {
            id: ChatTermId(uuid()),
            org_id,
            stream_id,
            pattern: text.to_owned(),
            kind: TermKind::Word,
            outcome: TermOutcome::Hold,
            created_by: Some(account),
            created_at,
        };
        store.chat_terms().create(&term).await.unwrap();
        let asset = Asset {
            id: AssetId(uuid()),
            org_id,
            kind: "emote".to_owned(),
            content_type: "image/png".to_owned(),
            bytes: PNG.to_vec(),
            created_at,
        };
        store.assets().create(&asset).await.unwrap();
        let name = "party".to_owned();
        let emote = Emote {
            id: EmoteId(uuid()),
            org_id,
            stream_id,
            name,
            asset_id: asset.id,
            animated: false,
            created_at,
        };
        store.emotes().create(&emote).await.unwrap();
        let minute = ChatMinute {
            org_id,
            stream_id,
            minute: now - now % 60_000,
            broadcast_id: Some(broadcast),
            messages: 7,
            chatters: 3,
            reactions: 2,
            members: 9,
        };
        store.chat_minutes().add(&[minute]).await.unwrap();
        let report = Report {
            id: ReportId(uuid()),
            org_id,
            reporter_id: account,
            report_type: ReportType::Inappropriate,
            target_kind: ReportTarget::Message,
            stream_id: Some(stream_id),
            message_id: Some(message),
            account_id: Some(account),
            excerpt: text.to_owned(),
            description: String::new(),
            status: ReportStatus::Pending,
            moderator_id: None,
            note: String::new(),
            created_at,
            resolved_at: None,
            version: 1,
        };
        store.reports().create(&report).await.unwrap();
        Self {
            message: message.to_string(),
            held: held.to_string(),
            term: term.id.to_string(),
            emote: emote.id.to_string(),
            broadcast: broadcast.to_string(),
            report: report.id.to_string(),
        }
    }
}

impl World {
    /// A broadcast of a stream that has ended.
    pub(crate) async fn ran(&self, stream: StreamId) -> BroadcastId {
        let now = self.accounts.clock().now_ms();
        let broadcast = Broadcast {
            id: BroadcastId(self.accounts.clock().uuid()),
            org_id: self.org,
            stream_id: stream,
            started_at: now,
            live_at: Some(now),
            ended_at: Some(now),
            end_reason: None,
            title: String::new(),
            category_id: None,
            publisher: "key".to_owned(),
            codec: None,
            peak_viewers: 0,
            joins: 0,
            watch_seconds: 0,
            metrics_json: json!({}),
            errors_json: json!([]),
        };
        self.store.broadcasts().create(&broadcast).await.unwrap();
        broadcast.id
    }

    /// A message in the database, of an account or of nobody.
    pub(crate) async fn said(
        &self,
        stream: StreamId,
        account: AccountId,
        text: &str,
        state: MessageState,
        broadcast_id: Option<BroadcastId>,
    ) -> ChatMessageId {
        let message = ChatMessage {
            id: ChatMessageId(uuid::Uuid::now_v7()),
            stream,
            author: ChatAuthor {
                id: Some(account),
                name: "Somebody".to_owned(),
                handle: Some("somebody".to_owned()),
                avatar_url: None,
                badges: Vec::new(),
            },
            kind: MessageKind::Text,
            text: text.to_owned(),
            emotes: Vec::new(),
            mentions: Vec::new(),
            reply_to: None,
            at: self.accounts.clock().now_ms(),
            media_time: None,
        };
        let id = message.id;
        let stored = StoredMessage {
            org_id: self.org,
            broadcast_id,
            message,
            state,
            reasons: vec!["links".to_owned()],
            settled_at: None,
            settled_by: None,
        };
        self.store.chat_messages().add(&[stored]).await.unwrap();
        id
    }
}
