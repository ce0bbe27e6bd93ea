//! What the organisation decides.

pub(crate) mod show;
pub(crate) mod update;

use sluice_accounts::VersionedSettings;
use sluice_domain::OrgId;

use crate::Api;
use crate::admin::Settings;
use crate::error::ApiError;

/// The settings with the terms that hold now.
async fn shown(api: &Api, org: OrgId, settings: VersionedSettings) -> Result<Settings, ApiError> {
    let terms = api.store.legal().current(org, "terms", api.now()).await?;
    Ok(Settings {
        name: settings.name,
        public_url: settings.settings.public_url,
        signup_mode: settings.settings.signup_mode.into(),
        email_verification: settings.settings.email_verification.map(Into::into),
        anyone_may_stream: settings.settings.anyone_may_stream,
        staff_mfa_required: settings.settings.staff_mfa_required,
        terms: terms.map(Into::into),
    })
}
