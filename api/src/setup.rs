//! The first start: the account that runs the server.

mod show;
mod submit;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Shared;
use crate::words::SignupMode;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(show::show, submit::submit))
}

/// Whether the server waits for its first account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SetupState {
    /// True until somebody has set it up.
    pub needed: bool,
    /// Version of the program.
    pub version: String,
}

/// The first account and what the server is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// What people see as the name of this place.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// Under which address it is reached, where that is not the one in the browser.
    #[schema(max_length = 300)]
    pub public_url: Option<String>,
    /// Of the admin.
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    /// Of the admin.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
    /// Of the admin.
    #[schema(min_length = 1, max_length = 60)]
    pub display_name: String,
    /// Of the admin.
    #[schema(min_length = 3, max_length = 30)]
    pub handle: String,
    /// Who may make an account from now on.
    pub signup_mode: SignupMode,
}
