//! Permissions: the one table of what each role may do. Pages, API and `live` all ask it.

use crate::role::Role;
use crate::scope::Scope;
use crate::word::words;

words! {
    /// One thing that somebody may be allowed to do. "Own" is checked where the record is known; a
    /// permission on all streams includes the own ones.
    pub enum Permission {
        /// See public streams, channels and categories.
        BrowsePublic = "browse_public",
        /// Watch what the access level of a stream allows.
        WatchStreams = "watch_streams",
        /// Read the own profile, library, history, sessions and activity.
        ReadOwnProfile = "read_own_profile",
        /// Change the own profile; export it; delete the account.
        WriteOwnProfile = "write_own_profile",
        /// Change the own library, history, follows and blocks.
        WriteOwnLibrary = "write_own_library",
        /// Change password, email, second factor, sessions and API keys.
        ManageOwnSecurity = "manage_own_security",
        /// Turn from viewer to creator, where settings allow it.
        BecomeCreator = "become_creator",
        /// Read the own streams, private ones included.
        ReadOwnStreams = "read_own_streams",
        /// Create, change and delete own streams; end their broadcasts.
        WriteOwnStreams = "write_own_streams",
        /// List and show keys of own streams.
        ReadOwnKeys = "read_own_keys",
        /// Create, rotate and revoke keys of own streams.
        WriteOwnKeys = "write_own_keys",
        /// Publish to own streams.
        PublishOwnStreams = "publish_own_streams",
        /// Read and watch every stream, private ones included.
        ReadAllStreams = "read_all_streams",
        /// Read chats of what one may watch.
        ReadChats = "read_chats",
        /// Write in chats, react, report.
        WriteChats = "write_chats",
        /// Keep order in chats of which one is a moderator or the owner.
        ModerateChats = "moderate_chats",
        /// Keep order in every chat.
        ModerateAllChats = "moderate_all_chats",
        /// Hide or unlist a stream of somebody else.
        HideStreams = "hide_streams",
        /// End a broadcast of somebody else.
        EndBroadcasts = "end_broadcasts",
        /// Read accounts without their email addresses.
        ReadAccounts = "read_accounts",
        /// Read reports.
        ReadReports = "read_reports",
        /// Decide what becomes of reports.
        SettleReports = "settle_reports",
        /// Read the email addresses of accounts.
        ReadAccountEmails = "read_account_emails",
        /// Invite, change, disable and delete accounts; end their sessions; make reset links.
        WriteAccounts = "write_accounts",
        /// Change every stream and its keys.
        WriteAllStreams = "write_all_streams",
        /// Choose which streams are featured.
        FeatureStreams = "feature_streams",
        /// Change categories.
        WriteCategories = "write_categories",
        /// Read the audit log.
        ReadAudit = "read_audit",
        /// Read the settings of the Organisation.
        ReadSettings = "read_settings",
        /// Change the settings of the Organisation.
        WriteSettings = "write_settings",
        /// Read mails that wait, one-time links included.
        ReadMails = "read_mails",
        /// Read what the node says about its own health.
        ReadDiagnostics = "read_diagnostics",
    }
}

impl Permission {
    /// The least role that has it; `None` is everybody, signed in or not.
    pub const fn least_role(self) -> Option<Role> {
        match self {
            Self::BrowsePublic | Self::WatchStreams | Self::ReadChats => None,
            Self::ReadOwnProfile
            | Self::WriteOwnProfile
            | Self::WriteOwnLibrary
            | Self::ManageOwnSecurity
            | Self::BecomeCreator
            | Self::WriteChats
            | Self::ModerateChats => Some(Role::Viewer),
            Self::ReadOwnStreams
            | Self::WriteOwnStreams
            | Self::ReadOwnKeys
            | Self::WriteOwnKeys
            | Self::PublishOwnStreams => Some(Role::Creator),
            Self::ReadAllStreams
            | Self::HideStreams
            | Self::EndBroadcasts
            | Self::ReadAccounts
            | Self::ModerateAllChats
            | Self::ReadReports
            | Self::SettleReports => Some(Role::Moderator),
            Self::ReadAccountEmails
            | Self::WriteAccounts
            | Self::WriteAllStreams
            | Self::FeatureStreams
            | Self::WriteCategories
            | Self::ReadAudit
            | Self::ReadSettings
            | Self::WriteSettings
            | Self::ReadMails
            | Self::ReadDiagnostics => Some(Role::Admin),
        }
    }

    /// Whether somebody with this role, or nobody in particular, has it.
    pub fn is_given_to(self, role: Option<Role>) -> bool {
        self.least_role().is_none_or(|least| role.is_some_and(|role| role >= least))
    }

    /// Whether an API key with these scopes and an owner of this role has it.
    pub fn is_given_to_key(self, role: Role, scopes: &[Scope]) -> bool {
        self.is_given_to(Some(role)) && Scope::needed_for(self).is_some_and(|scope| scopes.contains(&scope))
    }

    /// All that a role has.
    pub fn of_role(role: Role) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|permission| permission.is_given_to(Some(role))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirements: R34, R36
    #[test]
    fn each_role_has_more_than_the_one_below() {
        for pair in Role::ALL.windows(2) {
            let (less, more) = (Permission::of_role(pair[0]), Permission::of_role(pair[1]));
            assert!(less.iter().all(|permission| more.contains(permission)), "{pair:?}");
            assert!(more.len() > less.len(), "{pair:?}");
        }
        assert_eq!(Permission::of_role(Role::Admin), Permission::ALL);
    }

    // Requirements: R41
    #[test]
    fn who_is_not_signed_in_only_browses_and_watches_and_reads_chats() {
        let given: Vec<_> =
            Permission::ALL.iter().filter(|permission| permission.is_given_to(None)).collect();
        assert_eq!(given, [&Permission::BrowsePublic, &Permission::WatchStreams, &Permission::ReadChats]);
    }

    #[test]
    fn moderators_see_accounts_without_their_addresses() {
        assert!(Permission::ReadAccounts.is_given_to(Some(Role::Moderator)));
        assert!(!Permission::ReadAccountEmails.is_given_to(Some(Role::Moderator)));
        assert!(!Permission::ReadAccounts.is_given_to(Some(Role::Creator)));
    }

    #[test]
    fn an_api_key_may_no_more_than_its_owner_and_no_more_than_its_scopes() {
        let admin_scope = [Scope::WriteAdmin];
        assert!(!Permission::WriteSettings.is_given_to_key(Role::Creator, &admin_scope));
        assert!(Permission::WriteSettings.is_given_to_key(Role::Admin, &admin_scope));
        assert!(!Permission::ReadAudit.is_given_to_key(Role::Admin, &admin_scope));
        assert!(!Permission::ManageOwnSecurity.is_given_to_key(Role::Admin, Scope::ALL));
        assert!(!Permission::BrowsePublic.is_given_to_key(Role::Viewer, &[]));
    }
}
