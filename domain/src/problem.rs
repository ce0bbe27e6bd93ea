//! Stable problem codes: the one list from which documentation and clients are made.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal : $title:literal,)+) => {
        /// What went wrong, as a stable code that clients may rely on (RFC 9457 `code` member).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for ProblemCode {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let description = "What went wrong, as a stable code.";
                $crate::word::schema(Self::ALL.iter().map(|code| code.code()), &[description])
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for ProblemCode {
            fn name() -> std::borrow::Cow<'static, str> {
                "ProblemCode".into()
            }
        }

        impl ProblemCode {
            /// Every code, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as it appears on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// A short human title (RFC 9457 `title`).
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

problem_codes! {
    /// The body is not a valid SDP offer.
    MalformedSdp = "malformed_sdp": "The SDP could not be read",
    /// The body is not a valid trickle-ICE fragment (RFC 8840).
    MalformedFragment = "malformed_fragment": "The ICE fragment could not be read",
    /// The body is not the JSON that the route takes.
    MalformedJson = "malformed_json": "The JSON could not be read",
    /// The request lacks what every request needs, or its body broke off.
    MalformedRequest = "malformed_request": "The request could not be read",
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout": "The request took too long",
    /// The body is larger than the route takes.
    BodyTooLarge = "body_too_large": "The body is too large",
    /// The Content-Type is not the one that the route takes.
    UnsupportedContentType = "unsupported_content_type": "The content type is not supported",
    /// The method is not one that the resource takes.
    MethodNotAllowed = "method_not_allowed": "The method is not allowed",
    /// No credential was given where one is needed.
    Unauthorized = "unauthorized": "A stream key or token is needed",
    /// The credential is wrong, expired or revoked, or is for something else.
    Forbidden = "forbidden": "This key or token does not allow that",
    /// It came without TLS to a server that others reach.
    HttpsRequired = "https_required": "This server is reached over https only",
    /// The path names a stream that does not exist.
    UnknownStream = "unknown_stream": "There is no such stream",
    /// The path is not one of ours.
    NotFound = "not_found": "There is nothing here",
    /// The session does not exist or has ended.
    UnknownSession = "unknown_session": "The session does not exist or has ended",
    /// WHEP on a stream that is not live; retry later.
    NotLive = "not_live": "The stream is not live",
    /// WHIP while another holder publishes.
    AlreadyLive = "already_live": "Somebody else is publishing to this stream",
    /// The owner has as many streams live as the account may have.
    TooManyStreams = "too_many_streams": "As many streams are live as the account allows",
    /// The address or the account has as many sessions as it may.
    TooManySessions = "too_many_sessions": "As many sessions are open as one address or account may have",
    /// Both ends share no codec.
    NoCommonCodec = "no_common_codec": "There is no codec that both sides know",
    /// Wrong directions, too many tracks, or unbundled media.
    UnsupportedTracks = "unsupported_tracks": "These tracks cannot be accepted",
    /// If-Match is required (RFC 9725 §4.3.1).
    PreconditionRequired = "precondition_required": "If-Match is needed",
    /// If-Match names another ICE session.
    PreconditionFailed = "precondition_failed": "The ICE session has changed",
    /// An ICE restart could not be done; the running session goes on.
    RestartRefused = "restart_refused": "The ICE restart could not be done",
    /// A layer selection that names no layer of the broadcast, or an event that is not offered.
    InvalidSelection = "invalid_selection": "That selection is not possible",
    /// The input could be read and cannot be used; `errors` names the fields.
    InvalidInput = "invalid_input": "Something in the input cannot be used",
    /// Email and password do not belong together.
    InvalidCredentials = "invalid_credentials": "The email address or the password is wrong",
    /// The sign-in has ended; sign in again.
    SessionEnded = "session_ended": "The session has ended",
    /// The organisation asks its staff for a second factor; without one they may set one up and no more.
    MfaRequired = "mfa_required": "A second factor must be set up",
    /// The code of the second factor is wrong or was used before.
    MfaWrong = "mfa_wrong": "The code is wrong",
    /// A token or link was valid once.
    TokenExpired = "token_expired": "The token has expired",
    /// A link that works once was used before.
    TokenUsed = "token_used": "The link was used already",
    /// A token or link is none of ours, or for something else.
    TokenInvalid = "token_invalid": "The token is not valid",
    /// The account may not be used.
    AccountDisabled = "account_disabled": "The account is disabled",
    /// The email address must be verified first.
    EmailUnverified = "email_unverified": "The email address is not verified",
    /// The password must be changed before anything else.
    PasswordExpired = "password_expired": "The password must be changed",
    /// Something that must be unique is taken.
    AlreadyExists = "already_exists": "This exists already",
    /// The record has changed since it was read.
    VersionConflict = "version_conflict": "The record has changed in the meantime",
    /// Only somebody who is signed in may do this.
    SignInRequired = "sign_in_required": "Sign in first",
    /// The role, or the scopes of the API key, do not allow this.
    PermissionDenied = "permission_denied": "You may not do this",
    /// Only followers of the owner may watch.
    FollowRequired = "follow_required": "Only followers may watch this stream",
    /// Only accounts of a tier may watch.
    TierRequired = "tier_required": "Only subscribers may watch this stream",
    /// The stream has a password.
    PasswordRequired = "password_required": "This stream has a password",
    /// The password of the stream is another.
    PasswordWrong = "password_wrong": "The password is wrong",
    /// The current terms must be accepted first.
    TermsRequired = "terms_required": "The terms must be accepted",
    /// The server must be set up first: there is no account and no organisation.
    SetupRequired = "setup_required": "The server is not set up yet",
    /// The server has been set up before.
    SetupDone = "setup_done": "The server is set up already",
    /// Nobody may sign up, or only with an invitation.
    SignupClosed = "signup_closed": "Signing up is closed",
    /// There would be no administrator left.
    LastAdmin = "last_admin": "The last administrator stays",
    /// There are as many of these as there may be.
    TooMany = "too_many": "There are too many of these",
    /// The stream has no chat, or the message is written where nobody may write.
    ChatClosed = "chat_closed": "There is no chat here",
    /// Whoever writes was put out of the chat.
    ChatBanned = "chat_banned": "You were banned from this chat",
    /// Whoever writes has to be silent for a while.
    ChatTimedOut = "chat_timed_out": "You cannot write in this chat for a while",
    /// Whoever writes has to wait between two messages.
    SlowMode = "slow_mode": "Wait before the next message",
    /// Only emotes may be written.
    EmoteOnly = "emote_only": "Only emotes may be written now",
    /// The same was said before, and only what is new may be.
    NotUnique = "not_unique": "This was said before",
    /// The text of a message is too long.
    MessageTooLong = "message_too_long": "The message is too long",
    /// Nothing visible is left of a message.
    MessageEmpty = "message_empty": "The message is empty",
    /// A filter of the chat refuses the text.
    MessageRefused = "message_refused": "The chat does not take this message",
    /// There is no such message, or it is gone.
    UnknownMessage = "unknown_message": "There is no such message",
    /// Nobody of that name is here.
    UnknownMember = "unknown_member": "There is no such member",
    /// A text began with `/` and is none of the commands.
    UnknownCommand = "unknown_command": "There is no such command",
    /// The member must join first.
    NotJoined = "not_joined": "Join the chat first",
    /// The member did not read, and more was said than can wait for it.
    TooSlow = "too_slow": "Messages were lost because they were not read",
    /// A version of the protocol that the server does not speak.
    UnsupportedVersion = "unsupported_version": "This version is not spoken here",
    /// There is no such recording, or none that the caller may know of.
    RecordingUnknown = "recording_unknown": "There is no such recording",
    /// The recording is not finished, or what was asked for of it is still being made.
    RecordingNotReady = "recording_not_ready": "The recording is not ready yet",
    /// The picture's codec cannot be watched over HLS while it is live.
    HlsCodecUnsupported = "hls_codec_unsupported": "This codec is not offered over HLS",
    /// The stream has nothing that could be watched over HLS now; retry later.
    HlsNotLive = "hls_not_live": "The stream is not live over HLS",
    /// The playlist, segment or part does not exist, or is not kept any more.
    HlsSegmentUnknown = "hls_segment_unknown": "There is no such playlist or segment",
    /// A page of another site sent the request.
    CrossSite = "cross_site": "Requests from other sites are refused",
    /// The database is away; the same request may succeed later.
    Unavailable = "unavailable": "The database is not available",
    /// There is no space left for what was to be written.
    StorageFull = "storage_full": "There is no space left",
    /// Too many requests from one address.
    RateLimited = "rate_limited": "Too many requests",
    /// The node is full or draining.
    Overloaded = "overloaded": "The server takes no new sessions now",
    /// Something failed that is not the client's fault.
    Internal = "internal": "Something went wrong on the server",
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_snake_case() {
        let mut codes: Vec<_> = ProblemCode::ALL.iter().map(|code| code.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ProblemCode::ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    }
}
