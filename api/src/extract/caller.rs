//! Who asks. [`crate::guard`] has found out and put it into the request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sluice_accounts::{Actor, Client, Identity};

use crate::error::ApiError;

/// Whoever asks, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Absent for strangers.
    pub(crate) identity: Option<Identity>,
    /// The machine.
    pub(crate) client: Client,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::NotFound)
    }
}

/// Somebody who has shown who they are.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Who.
    pub(crate) identity: Identity,
    /// The machine.
    pub(crate) client: Client,
}

impl Member {
    /// They, as the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        self.identity.actor(self.client.address)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Caller { identity, client } = Caller::from_request_parts(parts, state).await?;
        identity.map(|identity| Self { identity, client }).ok_or(ApiError::SignInRequired)
    }
}
