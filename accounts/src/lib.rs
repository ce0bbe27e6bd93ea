//! Who somebody is: passwords, sign-ins, tokens, second factors, keys, and the mails about them.
//!
//! ```text
//! sign_in ──► Tokens: access token (minutes) + refresh token (rotated)     api, cli
//! authenticate(token) ──► Identity {org, account, role, via} ──► may(Permission)   api, live, signaling
//! events() ──► SessionRevoked, AccountDisabled, …                         live, signaling
//! ```
//!
//! [`Accounts`] is the handle; each of its duties is in a file of its own. This crate knows no header, no
//! cookie and no status code, and it knows nothing of broadcasts.

mod accounts;
mod api_keys;
mod audit;
mod authenticate;
mod cache;
mod chores;
pub mod clock;
pub mod config;
mod credentials;
mod error;
mod event;
mod identity;
mod mail;
mod members;
mod one_time;
mod operators;
pub mod password;
pub mod reseal;
pub mod seal;
mod second_factor;
pub mod secrets;
mod sessions;
mod set_up;
pub mod settings;
mod sign_in;
mod sign_up;
mod signing;
mod stream_keys;
pub mod throttle;
pub mod tokens;
pub mod totp;

pub use accounts::{Accounts, OpenError};
pub use clock::Clock;
pub use config::{AccountsConfig, SessionLimits, SmtpConfig, SmtpTls};
pub use error::AccountsError;
pub use event::AccountsEvent;
pub use identity::{Actor, ActorKind, Client, Identity, Via};
pub use mail::{Locale, SmtpError};
pub use members::{Invitation, MemberChange};
pub use operators::NewMember;
pub use second_factor::{MfaState, TotpSetUp};
pub use set_up::SetUp;
pub use settings::{EmailVerification, OrgSettings, SignUpMode, VersionedSettings};
pub use sign_in::{SignIn, SignedIn, Tokens};
pub use sign_up::{SignUp, SignedUp, WAITS_FOR_APPROVAL};
