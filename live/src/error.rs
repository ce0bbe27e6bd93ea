//! Why `live` refuses something.

use std::time::Duration;

use sluice_domain::Tier;
use sluice_recorder::HlsRefusal;
use sluice_sfu::SfuError;
use thiserror::Error;

use crate::chat::ChatRefusal;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LiveError {
    /// There is no such stream.
    #[error("there is no such stream")]
    UnknownStream,
    /// A credential is needed and none was given.
    #[error("a stream key or token is needed")]
    Unauthorized,
    /// The credential does not allow this, or has been revoked.
    #[error("this key or token does not allow that")]
    Forbidden,
    /// The credential was good and has run out.
    #[error("this key or token has expired")]
    Expired,
    /// The account behind the credential is disabled.
    #[error("this account is disabled")]
    AccountDisabled,
    /// The owner has as many streams live as the account allows.
    #[error("this account may have {most} streams live at once, and has")]
    TooManyStreams {
        /// How many.
        most: u32,
    },
    /// An address or an account has as many sessions as it may.
    #[error("this {whose} may have {most} sessions at once, and has; close some")]
    TooManySessions {
        /// "address" or "account".
        whose: &'static str,
        /// How many.
        most: u32,
    },
    /// Only people who are signed in may watch.
    #[error("only people who are signed in may watch this stream")]
    SignInRequired,
    /// Only followers of the owner may watch.
    #[error("only followers of the streamer may watch this stream")]
    FollowRequired,
    /// Only accounts of this tier or a higher one may watch.
    #[error("only accounts of the tier {tier} may watch this stream")]
    TierRequired {
        /// The least tier.
        tier: Tier,
    },
    /// The stream has a password and none was given.
    #[error("this stream has a password")]
    PasswordRequired,
    /// The password is not the stream's.
    #[error("this is not the password of the stream")]
    PasswordWrong,
    /// Too many passwords were tried.
    #[error("too many attempts")]
    RateLimited {
        /// How long to wait.
        wait: Duration,
    },
    /// The database cannot be asked now.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The stream has no broadcast to watch.
    #[error("the stream is not live")]
    NotLive,
    /// There is no such recording, or none that the caller may know of.
    #[error("there is no such recording")]
    UnknownRecording,
    /// The recording is not finished, or what was asked for of it is still being made.
    #[error("the recording is not ready yet")]
    RecordingNotReady {
        /// How long to wait.
        wait: Duration,
    },
    /// The file cannot be made: there is no ffmpeg, or it failed.
    #[error("the file could not be made; the log of the server says why")]
    NotMade,
    /// HLS refused.
    #[error("{0}")]
    Hls(HlsRefusal),
    /// Another holder has the broadcast.
    #[error("somebody else is publishing to this stream")]
    AlreadyLive,
    /// The session does not exist or has ended.
    #[error("the session does not exist or has ended")]
    UnknownSession,
    /// The event stream does not exist or has ended.
    #[error("the event stream does not exist or has ended")]
    UnknownEventStream,
    /// The session has as many event streams as it may have.
    #[error("the session has too many event streams")]
    TooManyEventStreams,
    /// Only viewers have layers and events.
    #[error("this is not a viewer's session")]
    NotAViewer,
    /// The node has as many sessions as it may have.
    #[error("the node is full")]
    Full,
    /// The node shuts down.
    #[error("the node shuts down")]
    Draining,
    /// The chat refused.
    #[error("{0}")]
    Chat(ChatRefusal),
    /// The media plane refused.
    #[error(transparent)]
    Media(#[from] SfuError),
}

impl LiveError {
    /// When it makes sense to try again, where it does.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { wait } => Some(*wait),
            Self::Chat(refusal) => refusal.retry_after,
            Self::RecordingNotReady { wait } => Some(*wait),
            Self::Hls(HlsRefusal::NotLive | HlsRefusal::TooLate) => Some(NOT_LIVE_RETRY),
            Self::Hls(HlsRefusal::Away) => Some(BUSY_RETRY),
            Self::NotLive => Some(NOT_LIVE_RETRY),
            Self::AlreadyLive => Some(BUSY_RETRY),
            Self::Full
            | Self::Draining
            | Self::TooManyEventStreams
            | Self::TooManyStreams { .. }
            | Self::TooManySessions { .. }
            | Self::Unavailable
            | Self::Media(SfuError::Overloaded) => Some(BUSY_RETRY),
            Self::UnknownStream
            | Self::Unauthorized
            | Self::Forbidden
            | Self::Expired
            | Self::AccountDisabled
            | Self::SignInRequired
            | Self::FollowRequired
            | Self::TierRequired { .. }
            | Self::PasswordRequired
            | Self::PasswordWrong
            | Self::UnknownSession
            | Self::UnknownEventStream
            | Self::NotAViewer
            | Self::UnknownRecording
            | Self::NotMade
            | Self::Hls(_)
            | Self::Media(_) => None,
        }
    }
}

/// How long a player waits before it asks again for a stream that is not live. Shorter shows the
/// start sooner; longer spares the server the polls of everybody who waits.
const NOT_LIVE_RETRY: Duration = Duration::from_secs(2);

/// How long to wait for a busy node or stream. Longer than a retry of a waiting player, because
/// what is full or held stays so for seconds.
const BUSY_RETRY: Duration = Duration::from_secs(5);
