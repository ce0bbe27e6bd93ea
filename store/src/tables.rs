//! One file a table: its record, and everything that is asked of it.

mod account_words;
pub mod accounts;
pub mod api_keys;
pub mod assets;
pub mod audit_log;
pub mod backup_codes;
pub mod blocks;
pub mod broadcasts;
pub mod categories;
pub mod chat_bans;
pub mod chat_messages;
pub mod chat_minutes;
pub mod chat_moderators;
pub mod chat_settings;
pub mod chat_terms;
pub mod emotes;
pub mod follows;
pub mod legal;
pub mod library;
pub mod mail_outbox;
pub mod memberships;
pub mod moderation_actions;
pub mod one_time_tokens;
pub mod organisations;
pub mod password_history;
pub mod recording_chapters;
pub mod recording_positions;
pub mod recording_settings;
pub mod recordings;
pub mod refresh_tokens;
pub mod reports;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod stream_keys;
pub mod stream_tags;
mod stream_words;
pub mod streams;
pub mod totp;
pub mod viewing_history;

/// A table: where its statements go, and nothing else.
macro_rules! table {
    ($(#[$doc:meta])* pub struct $name:ident;) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'a> {
            db: $crate::db::Db<'a>,
        }

        impl<'a> $name<'a> {
            pub(crate) const fn new(db: $crate::db::Db<'a>) -> Self {
                Self { db }
            }
        }
    };
}

pub(crate) use table;

/// The way from a store or a transaction to each table.
macro_rules! tables {
    () => {
        $crate::tables::tables!(
            accounts: accounts::Accounts,
            api_keys: api_keys::ApiKeys,
            assets: assets::Assets,
            audit_log: audit_log::AuditLog,
            backup_codes: backup_codes::BackupCodes,
            blocks: blocks::Blocks,
            broadcasts: broadcasts::Broadcasts,
            categories: categories::Categories,
            chat_bans: chat_bans::ChatBans,
            chat_messages: chat_messages::ChatMessages,
            chat_minutes: chat_minutes::ChatMinutes,
            chat_moderators: chat_moderators::ChatModerators,
            chat_settings: chat_settings::ChatSettings,
            chat_terms: chat_terms::ChatTerms,
            emotes: emotes::Emotes,
            follows: follows::Follows,
            legal: legal::Legal,
            library: library::Library,
            mail_outbox: mail_outbox::MailOutbox,
            memberships: memberships::Memberships,
            moderation_actions: moderation_actions::ModerationActions,
            one_time_tokens: one_time_tokens::OneTimeTokens,
            organisations: organisations::Organisations,
            password_history: password_history::PasswordHistory,
            recording_chapters: recording_chapters::RecordingChapters,
            recording_positions: recording_positions::RecordingPositions,
            recording_settings: recording_settings::RecordingSettingsTable,
            recordings: recordings::Recordings,
            refresh_tokens: refresh_tokens::RefreshTokens,
            reports: reports::Reports,
            sessions: sessions::Sessions,
            settings: settings::Settings,
            signing_keys: signing_keys::SigningKeys,
            stream_keys: stream_keys::StreamKeys,
            stream_tags: stream_tags::StreamTags,
            streams: streams::Streams,
            totp: totp::TotpSecrets,
            viewing_history: viewing_history::ViewingHistory,
        );
    };
    ($($method:ident: $module:ident::$table:ident,)*) => {
        impl $crate::store::Store {$(
            #[doc = concat!("The table `", stringify!($method), "`.")]
            pub const fn $method(&self) -> $crate::tables::$module::$table<'_> {
                $crate::tables::$module::$table::new($crate::db::Db::Pool(self))
            }
        )*}

        impl $crate::db::Tx {$(
            #[doc = concat!("The table `", stringify!($method), "`, in this transaction.")]
            pub const fn $method(&self) -> $crate::tables::$module::$table<'_> {
                $crate::tables::$module::$table::new($crate::db::Db::Tx(self))
            }
        )*}
    };
}

pub(crate) use tables;
