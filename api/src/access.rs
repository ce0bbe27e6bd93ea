//! Which permission each route needs: one table, which [`crate::guard`] obeys, which the OpenAPI document
//! repeats, and which a test walks. A route without a row is answered to nobody.
//!
//! A row says who may try. Whether a record is one's own is seen by the handler that reads it.

use axum::http::Method;
use sluice_domain::Permission;

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing; what the caller shows is not looked at.
    Nothing,
    /// The cookie of a sign-in, from a page of ours.
    Cookie,
    /// A permission, which for some is everybody's.
    May(Permission),
}

use Need::{Cookie, May, Nothing};
use Permission as P;

/// Method, path under `/api/v1`, and what it needs.
pub const ROUTES: &[(Method, &str, Need)] = &[
    (Method::GET, "/setup", Nothing),
    (Method::POST, "/setup", Nothing),
    (Method::GET, "/server", Nothing),
    (Method::GET, "/legal/terms", Nothing),
    (Method::GET, "/assets/{id}", Nothing),
    (Method::POST, "/auth/sign-up", Nothing),
    (Method::POST, "/auth/sign-in", Nothing),
    (Method::POST, "/auth/mfa", Nothing),
    (Method::POST, "/auth/refresh", Cookie),
    (Method::POST, "/auth/sign-out", Cookie),
    (Method::POST, "/auth/verify-email", Nothing),
    (Method::POST, "/auth/resend-verification", Nothing),
    (Method::POST, "/auth/forgot-password", Nothing),
    (Method::POST, "/auth/reset-password", Nothing),
    (Method::GET, "/me", May(P::ReadOwnProfile)),
    (Method::PATCH, "/me", May(P::WriteOwnProfile)),
    (Method::DELETE, "/me", May(P::ManageOwnSecurity)),
    (Method::GET, "/me/export", May(P::ReadOwnProfile)),
    (Method::POST, "/me/email", May(P::ManageOwnSecurity)),
    (Method::PUT, "/me/password", May(P::ManageOwnSecurity)),
    (Method::POST, "/me/avatar", May(P::WriteOwnProfile)),
    (Method::DELETE, "/me/avatar", May(P::WriteOwnProfile)),
    (Method::POST, "/me/terms", May(P::ManageOwnSecurity)),
    (Method::POST, "/me/channel", May(P::BecomeCreator)),
    (Method::GET, "/me/sessions", May(P::ManageOwnSecurity)),
    (Method::DELETE, "/me/sessions", May(P::ManageOwnSecurity)),
    (Method::DELETE, "/me/sessions/{id}", May(P::ManageOwnSecurity)),
    (Method::POST, "/me/totp", May(P::ManageOwnSecurity)),
    (Method::DELETE, "/me/totp", May(P::ManageOwnSecurity)),
    (Method::POST, "/me/totp/confirm", May(P::ManageOwnSecurity)),
    (Method::POST, "/me/backup-codes", May(P::ManageOwnSecurity)),
    (Method::GET, "/me/api-keys", May(P::ManageOwnSecurity)),
    (Method::POST, "/me/api-keys", May(P::ManageOwnSecurity)),
    (Method::DELETE, "/me/api-keys/{id}", May(P::ManageOwnSecurity)),
    (Method::GET, "/me/activity", May(P::ReadOwnProfile)),
    (Method::GET, "/me/streams", May(P::ReadOwnStreams)),
    (Method::GET, "/me/reports", May(P::ReadOwnProfile)),
    (Method::GET, "/me/follows", May(P::ReadOwnProfile)),
    (Method::GET, "/me/blocks", May(P::ReadOwnProfile)),
    (Method::GET, "/me/blocks/{account_id}", May(P::ReadOwnProfile)),
    (Method::PUT, "/me/blocks/{account_id}", May(P::WriteOwnLibrary)),
    (Method::DELETE, "/me/blocks/{account_id}", May(P::WriteOwnLibrary)),
    (Method::GET, "/me/library", May(P::ReadOwnProfile)),
    (Method::PUT, "/me/library/{kind}/{stream_id}", May(P::WriteOwnLibrary)),
    (Method::DELETE, "/me/library/{kind}/{stream_id}", May(P::WriteOwnLibrary)),
    (Method::GET, "/me/history", May(P::ReadOwnProfile)),
    (Method::DELETE, "/me/history", May(P::WriteOwnLibrary)),
    (Method::GET, "/viewers/profile", May(P::ReadOwnProfile)),
    (Method::PUT, "/viewers/profile", May(P::WriteOwnProfile)),
    (Method::DELETE, "/viewers/account", May(P::ManageOwnSecurity)),
    (Method::GET, "/viewers/subscriptions", May(P::ReadOwnProfile)),
    (Method::POST, "/viewing/start", May(P::WriteOwnLibrary)),
    (Method::PUT, "/viewing/progress", May(P::WriteOwnLibrary)),
    (Method::POST, "/viewing/end", May(P::WriteOwnLibrary)),
    (Method::GET, "/viewing/history", May(P::ReadOwnProfile)),
    (Method::POST, "/viewing/save", May(P::WriteOwnLibrary)),
    (Method::POST, "/social/follow", May(P::WriteOwnLibrary)),
    (Method::GET, "/streams", May(P::BrowsePublic)),
    (Method::POST, "/streams", May(P::WriteOwnStreams)),
    (Method::GET, "/streams/live", May(P::BrowsePublic)),
    (Method::GET, "/streams/featured", May(P::BrowsePublic)),
    (Method::GET, "/streams/search", May(P::BrowsePublic)),
    (Method::GET, "/streams/categories", May(P::BrowsePublic)),
    (Method::GET, "/streams/{id}", May(P::BrowsePublic)),
    (Method::PATCH, "/streams/{id}", May(P::WriteOwnStreams)),
    (Method::DELETE, "/streams/{id}", May(P::WriteOwnStreams)),
    (Method::PUT, "/streams/{id}/thumbnail", May(P::WriteOwnStreams)),
    (Method::DELETE, "/streams/{id}/thumbnail", May(P::WriteOwnStreams)),
    (Method::GET, "/streams/{id}/keys", May(P::ReadOwnKeys)),
    (Method::POST, "/streams/{id}/keys", May(P::WriteOwnKeys)),
    (Method::DELETE, "/streams/{id}/keys/{key_id}", May(P::WriteOwnKeys)),
    (Method::POST, "/streams/{id}/keys/{key_id}/show", May(P::ReadOwnKeys)),
    (Method::POST, "/streams/{id}/keys/{key_id}/rotate", May(P::WriteOwnKeys)),
    (Method::GET, "/streams/{id}/broadcasts", May(P::ReadOwnStreams)),
    (Method::POST, "/streams/{id}/end", May(P::WriteOwnStreams)),
    (Method::POST, "/streams/{id}/playback-token", May(P::WatchStreams)),
    (Method::GET, "/streams/{id}/broadcasts/{broadcast_id}/chat", May(P::ReadOwnStreams)),
    (Method::GET, "/streams/{id}/chat", May(P::ReadChats)),
    (Method::PATCH, "/streams/{id}/chat", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/messages", May(P::ReadChats)),
    (Method::DELETE, "/streams/{id}/chat/messages", May(P::ModerateChats)),
    (Method::DELETE, "/streams/{id}/chat/messages/{message_id}", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/held", May(P::ModerateChats)),
    (Method::POST, "/streams/{id}/chat/held/{message_id}/approve", May(P::ModerateChats)),
    (Method::POST, "/streams/{id}/chat/held/{message_id}/deny", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/bans", May(P::ModerateChats)),
    (Method::POST, "/streams/{id}/chat/bans", May(P::ModerateChats)),
    (Method::DELETE, "/streams/{id}/chat/bans/{account_id}", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/moderators", May(P::ModerateChats)),
    (Method::PUT, "/streams/{id}/chat/moderators/{account_id}", May(P::ModerateChats)),
    (Method::DELETE, "/streams/{id}/chat/moderators/{account_id}", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/terms", May(P::ModerateChats)),
    (Method::POST, "/streams/{id}/chat/terms", May(P::ModerateChats)),
    (Method::DELETE, "/streams/{id}/chat/terms/{term_id}", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/actions", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/members", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/chat/members/{account_id}", May(P::ReadChats)),
    (Method::GET, "/streams/{id}/chat/activity", May(P::ModerateChats)),
    (Method::GET, "/streams/{id}/emotes", May(P::ReadChats)),
    (Method::POST, "/streams/{id}/emotes", May(P::WriteOwnStreams)),
    (Method::DELETE, "/streams/{id}/emotes/{emote_id}", May(P::WriteOwnStreams)),
    (Method::POST, "/reports", May(P::WriteChats)),
    (Method::GET, "/channels/{handle}", May(P::BrowsePublic)),
    (Method::GET, "/streams/{id}/recordings", May(P::ReadOwnStreams)),
    (Method::GET, "/channels/{handle}/recordings", May(P::BrowsePublic)),
    (Method::GET, "/recordings/{id}", May(P::BrowsePublic)),
    (Method::PATCH, "/recordings/{id}", May(P::WriteOwnStreams)),
    (Method::DELETE, "/recordings/{id}", May(P::WriteOwnStreams)),
    (Method::POST, "/recordings/{id}/restore", May(P::WriteOwnStreams)),
    (Method::PUT, "/recordings/{id}/chapters", May(P::WriteOwnStreams)),
    (Method::GET, "/recordings/{id}/chat", May(P::ReadChats)),
    (Method::PUT, "/recordings/{id}/position", May(P::WriteOwnLibrary)),
    (Method::GET, "/admin/recordings", May(P::ReadAllStreams)),
    (Method::GET, "/admin/overview", May(P::ReadDiagnostics)),
    (Method::GET, "/admin/accounts", May(P::ReadAccounts)),
    (Method::POST, "/admin/accounts", May(P::WriteAccounts)),
    (Method::GET, "/admin/accounts/export", May(P::ReadAccountEmails)),
    (Method::GET, "/admin/accounts/{id}", May(P::ReadAccounts)),
    (Method::PATCH, "/admin/accounts/{id}", May(P::WriteAccounts)),
    (Method::POST, "/admin/accounts/{id}/reset-link", May(P::WriteAccounts)),
    (Method::GET, "/admin/accounts/{id}/sessions", May(P::WriteAccounts)),
    (Method::DELETE, "/admin/accounts/{id}/sessions", May(P::WriteAccounts)),
    (Method::GET, "/admin/streams", May(P::ReadAllStreams)),
    (Method::GET, "/admin/reports", May(P::ReadReports)),
    (Method::GET, "/admin/reports/{id}", May(P::ReadReports)),
    (Method::PATCH, "/admin/reports/{id}", May(P::SettleReports)),
    (Method::GET, "/admin/actions", May(P::ReadReports)),
    (Method::GET, "/admin/audit", May(P::ReadAudit)),
    (Method::GET, "/admin/audit/verify", May(P::ReadAudit)),
    (Method::GET, "/admin/diagnostics", May(P::ReadDiagnostics)),
    (Method::GET, "/admin/doctor", May(P::ReadDiagnostics)),
    (Method::GET, "/admin/settings", May(P::ReadSettings)),
    (Method::PATCH, "/admin/settings", May(P::WriteSettings)),
    (Method::GET, "/admin/categories", May(P::WriteCategories)),
    (Method::POST, "/admin/categories", May(P::WriteCategories)),
    (Method::PATCH, "/admin/categories/{id}", May(P::WriteCategories)),
    (Method::DELETE, "/admin/categories/{id}", May(P::WriteCategories)),
    (Method::GET, "/admin/mails", May(P::ReadMails)),
    (Method::PUT, "/admin/featured", May(P::FeatureStreams)),
];

/// What staff may do who must set up a second factor first (R16).
const SETS_UP_MFA: &[(Method, &str)] =
    &[(Method::GET, "/me"), (Method::POST, "/me/totp"), (Method::POST, "/me/totp/confirm")];

/// Whether a route is needed to set up a second factor.
pub(crate) fn sets_up_mfa(method: &Method, path: &str) -> bool {
    SETS_UP_MFA.iter().any(|(known, route)| known == method && *route == path)
}

/// What a route needs. `HEAD` is `GET` without a body.
pub(crate) fn needed(method: &Method, path: &str) -> Option<Need> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    ROUTES.iter().find(|(of, at, _)| of == method && *at == path).map(|(_, _, need)| *need)
}

/// The methods that a path takes, as `Allow` says it.
pub(crate) fn allowed(path: &str) -> String {
    let methods = ROUTES.iter().filter(|(_, at, _)| *at == path);
    methods.map(|(method, _, _)| method.as_str()).collect::<Vec<_>>().join(", ")
}

/// The path under `/api/v1` or `/api` as the table has it.
pub(crate) fn local(path: &str) -> Option<&str> {
    path.strip_prefix("/api/v1").or_else(|| path.strip_prefix("/api")).filter(|path| path.starts_with('/'))
}
