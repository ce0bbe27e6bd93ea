//! What an organisation decides about its accounts. Kept as one record with a version, so that two who
//! edit it at once notice.

use serde::{Deserialize, Serialize};
use sluice_domain::{OrgId, Realm, Role};
use sluice_store::Member;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::identity::Actor;
use crate::password::policy::PasswordPolicy;

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUpMode {
    /// Nobody; administrators make accounts.
    Closed,
    /// Who was invited.
    Invite,
    /// Everybody, and an administrator lets them in.
    Approval,
    /// Everybody.
    #[default]
    Open,
}

/// Whether mail to an address must have been shown to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailVerification {
    /// Before the first sign-in.
    Required,
    /// A mail is sent, and nothing depends on it.
    Optional,
    /// No mail is sent.
    Off,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrgSettings {
    /// The address of the web app.
    pub public_url: Option<String>,
    /// Who may make an account.
    pub signup_mode: SignUpMode,
    /// Whether addresses are verified; by default if there is a mail server.
    pub email_verification: Option<EmailVerification>,
    /// Whether every account may become a creator.
    pub anyone_may_stream: bool,
    /// Whether moderators and administrators must have a second factor (R16). Who has none may sign in to set
    /// one up, and do nothing else.
    pub staff_mfa_required: bool,
    /// Passwords of staff, where they differ from R14.
    pub staff_passwords: Option<PasswordPolicy>,
    /// Passwords of everybody else, where they differ from R15.
    pub consumer_passwords: Option<PasswordPolicy>,
}

impl Default for OrgSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            signup_mode: SignUpMode::Open,
            email_verification: None,
            anyone_may_stream: true,
            staff_mfa_required: false,
            staff_passwords: None,
            consumer_passwords: None,
        }
    }
}

impl OrgSettings {
    /// The rules for passwords of a realm.
    pub fn passwords(&self, realm: Realm) -> PasswordPolicy {
        let own = match realm {
            Realm::Staff => &self.staff_passwords,
            Realm::Consumer => &self.consumer_passwords,
        };
        own.clone().unwrap_or_else(|| PasswordPolicy::of(realm))
    }

    /// Whether addresses are verified, on a server with or without mail.
    pub fn verification(&self, has_mail: bool) -> EmailVerification {
        let default = if has_mail { EmailVerification::Required } else { EmailVerification::Off };
        self.email_verification.unwrap_or(default)
    }
}

/// The realm of a role: who keeps order or runs the platform is staff.
pub const fn realm_of(role: Role) -> Realm {
    match role {
        Role::Viewer | Role::Creator => Realm::Consumer,
        Role::Moderator | Role::Admin => Realm::Staff,
    }
}

/// Whose rules hold for a member: those of staff for who has become staff, whatever they were before.
pub(crate) fn realm_of_member(member: &Member) -> Realm {
    match realm_of(member.role) {
        Realm::Staff => Realm::Staff,
        Realm::Consumer => member.account.realm,
    }
}

/// The settings of an organisation with its name, and the version that a change must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionedSettings {
    /// The name of the organisation.
    pub name: String,
    /// The settings.
    pub settings: OrgSettings,
    /// Counts changes.
    pub version: i64,
}

impl Accounts {
    /// The settings of an organisation.
    pub async fn settings(&self, org: OrgId) -> Result<VersionedSettings, AccountsError> {
        let organisation = self.store().organisations().by_id(org).await?;
        let settings = serde_json::from_value(organisation.settings_json)?;
        Ok(VersionedSettings { name: organisation.name, settings, version: organisation.version })
    }

    /// Changes the settings, if nobody else did since that version.
    pub async fn change_settings(
        &self,
        actor: &Actor,
        org: OrgId,
        change: &VersionedSettings,
    ) -> Result<VersionedSettings, AccountsError> {
        let json = serde_json::to_value(&change.settings)?;
        let tx = self.store().begin().await?;
        let organisation = tx.organisations().update(org, change.version, &change.name, &json).await?;
        self.audit(&tx, org, actor, "settings.changed", ("organisation", org), json).await?;
        tx.commit().await?;
        self.inner().standings.forget_accounts();
        Ok(VersionedSettings { version: organisation.version, ..change.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_were_never_set_have_defaults() {
        let settings: OrgSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(settings, OrgSettings::default());
        assert_eq!(settings.verification(true), EmailVerification::Required);
        assert_eq!(settings.verification(false), EmailVerification::Off);
        assert_eq!(settings.passwords(Realm::Staff).min_length, 12);
    }

    #[test]
    fn settings_read_back() {
        let settings = OrgSettings { signup_mode: SignUpMode::Invite, ..OrgSettings::default() };
        let json = serde_json::to_value(&settings).unwrap();
        assert_eq!(json["signup_mode"], "invite");
        assert_eq!(serde_json::from_value::<OrgSettings>(json).unwrap(), settings);
    }
}
