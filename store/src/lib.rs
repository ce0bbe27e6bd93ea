//! What Sluice remembers.
//!
//! ```text
//! Store ── accounts(), streams(), … ──► one file a table ──► one SQL text ──► SQLite or PostgreSQL
//!   └──── begin() ──► Tx ── the same tables, and all happens or nothing
//! ```
//!
//! Every method of a table that belongs to an organisation takes its id first, so that ids of another
//! organisation find nothing; the few that look something up by a secret or a name which is unique on the
//! whole server say so. Ids and the time come in from the caller. This crate knows no status code, no
//! password and no key: what it keeps of a secret is a hash or a sealed text that others made.

mod backup;
mod column;
mod db;
mod error;
mod migrate;
mod page;
mod prune;
mod search;
mod statement;
mod status;
mod store;
pub mod tables;
#[cfg(feature = "testing")]
pub mod testing;

pub use db::Tx;
pub use error::{Cause, StoreError, Taken};
pub use page::{Cursor, InvalidCursor, Listed, Page};
pub use prune::Retention;
pub use status::Status;
pub use store::{Kind, Store};
pub use tables::accounts::{
    Account, AccountCount, AccountFilter, AccountSort, AccountState, Member, NewAccount, ProfileChange,
};
pub use tables::api_keys::ApiKey;
pub use tables::assets::Asset;
pub use tables::audit_log::{AuditEntry, AuditFilter, NewAuditEntry, Verified};
pub use tables::backup_codes::BackupCode;
pub use tables::blocks::Block;
pub use tables::broadcasts::{Broadcast, BroadcastNumbers};
pub use tables::categories::Category;
pub use tables::chat_bans::ChatBan;
pub use tables::chat_messages::{MessageFilter, MessagePlace, Settling, StoredMessage};
pub use tables::chat_minutes::ChatMinute;
pub use tables::chat_moderators::ChatModerator;
pub use tables::chat_settings::ChatSetup;
pub use tables::chat_terms::ChatTerm;
pub use tables::emotes::Emote;
pub use tables::follows::Follow;
pub use tables::legal::{LegalAcceptance, LegalDocument};
pub use tables::library::LibraryEntry;
pub use tables::mail_outbox::Mail;
pub use tables::memberships::Membership;
pub use tables::moderation_actions::{ModerationEntry, ModerationFilter};
pub use tables::one_time_tokens::OneTimeToken;
pub use tables::organisations::Organisation;
pub use tables::recording_chapters::Chapter;
pub use tables::recording_settings::RecordingSettings;
pub use tables::recordings::{Recording, RecordingChange, RecordingFilter, RecordingNumbers};
pub use tables::refresh_tokens::{RefreshToken, Refreshed};
pub use tables::reports::{Report, ReportChange};
pub use tables::sessions::Session;
pub use tables::settings::Setting;
pub use tables::signing_keys::SigningKey;
pub use tables::stream_keys::StreamKey;
pub use tables::streams::{Audience, NewStream, Stream, StreamChange, StreamFilter, StreamSort};
pub use tables::totp::Totp;
pub use tables::viewing_history::{Viewing, ViewingProgress};
