//! Signing up, in and out.

mod forgot_password;
mod mfa;
mod refresh;
mod resend_verification;
mod reset_password;
mod sign_in;
mod sign_out;
mod sign_up;
pub(crate) mod signed_in;
mod verify_email;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;
use crate::error::ApiError;
use crate::input::Fields;
use crate::me::Me;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(sign_up::sign_up))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(mfa::mfa))
        .routes(routes!(refresh::refresh))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(verify_email::verify_email))
        .routes(routes!(resend_verification::resend_verification))
        .routes(routes!(forgot_password::forgot_password))
        .routes(routes!(reset_password::reset_password))
}

/// A new account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// Where mails go.
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    /// See `password_policy` of the server.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
    /// The name in URLs.
    #[schema(min_length = 3, max_length = 30)]
    pub handle: String,
    /// The name that people see.
    #[schema(min_length = 1, max_length = 60)]
    pub display_name: String,
    /// The terms that are accepted; needed where the server has terms.
    pub terms_document_id: Option<Uuid>,
    /// The text of an invitation; needed where sign-up is by invitation.
    #[schema(max_length = 200)]
    pub invite: Option<String>,
}

/// Email and password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Of the account.
    #[schema(min_length = 1, max_length = 254)]
    pub email: String,
    /// Of the account.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
    /// What the sign-in is called in the list of them; made from the browser's name where absent.
    #[schema(max_length = 80)]
    pub device: Option<String>,
}

/// The second factor of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    /// Of the answer to the password.
    #[schema(min_length = 1, max_length = 200)]
    pub mfa_token: String,
    /// Six digits of the app, or a backup code.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
}

/// A sign-in that has succeeded. The refresh token is in a cookie that scripts cannot read.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Tokens {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// Seconds until it ends; `POST /auth/refresh` gives another.
    pub expires_in: u32,
    /// Who is signed in.
    pub account: Me,
}

/// A mail with a link is on its way, if the address is one that gets such mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerificationSent {
    /// What happens next.
    pub verification: Verification,
}

/// What happened about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// A mail with a link is on its way.
    Sent,
    /// An administrator lets them in.
    Approval,
}

/// The password was right, and a second factor is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SecondFactorNeeded {
    /// For `POST /auth/mfa`; ends after some minutes.
    pub mfa_token: String,
    /// What may be given.
    pub methods: Vec<SecondFactorMethod>,
}

/// A kind of second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorMethod {
    /// Six digits of an app.
    Totp,
    /// One of the codes that were shown when it was set up.
    BackupCode,
}

/// The text of a link in a mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneTimeToken {
    /// Of the link.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
}

/// An address that a mail should go to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailRequest {
    /// Of the account.
    #[schema(min_length = 1, max_length = 254)]
    pub email: String,
}

impl MailRequest {
    /// Whether it can be an address. Not more: what is said of an address must not depend on it.
    fn check(&self) -> Result<(), ApiError> {
        let mut fields = Fields::default();
        fields.secret("email", &self.email, 1, 254);
        fields.done()
    }
}

/// A new password by the link of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// Of the link.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
    /// The new one.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
}
