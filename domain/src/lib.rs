//! The words of Sluice as types.
//!
//! This crate is pure: no IO, no clock, no threads, no randomness. Every other crate of the
//! workspace may depend on it and it depends on none of them, so a word means the same thing
//! in the engine, in the HTTP routers and (through generated TypeScript) in the web app.

pub mod audience;
pub mod bucket;
pub mod chat;
pub mod codec;
pub mod control;
pub mod echo;
pub mod email;
pub mod grant;
pub mod handle;
pub mod id;
pub mod layer;
pub mod permission;
pub mod picture;
pub mod problem;
pub mod recording;
pub mod redact;
pub mod report;
pub mod role;
pub mod scope;
pub mod text;
pub mod time;
pub mod word;

pub use audience::{AccessLevel, Maturity, Realm, Tier};
pub use bucket::{Bucket, Rate};
pub use codec::{Codec, MediaKind};
pub use email::Email;
pub use grant::{Action, Basis, Grant};
pub use handle::Handle;
pub use id::{
    AccountId, ApiKeyId, AssetId, BroadcastId, CategoryId, ChatMessageId, ChatTermId, DocumentId, EmoteId,
    MailId, ModerationActionId, OrgId, PeerId, RecordingId, ReportId, SessionId, SignInId, StreamId,
    StreamKeyId, StreamName, TokenId, ViewingId,
};
pub use layer::{LayerInfo, LayerSelection};
pub use permission::Permission;
pub use picture::{PictureFacts, PictureKind};
pub use problem::ProblemCode;
pub use recording::{RecordingState, RecordingTier, RecordingVisibility};
pub use redact::Redacted;
pub use report::{ReportStatus, ReportTarget, ReportType};
pub use role::Role;
pub use scope::Scope;
pub use text::DisplayName;
pub use time::MediaTime;
