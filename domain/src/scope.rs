//! Scopes: the part of its owner's permissions that an API key carries.

use crate::permission::Permission;
use crate::word::words;

words! {
    /// What an API key is for. A key may do what both its scopes and its owner's role allow.
    pub enum Scope {
        /// Read the profile, the library and the history of its owner.
        ReadProfile = "read:profile",
        /// Change them.
        WriteProfile = "write:profile",
        /// Read streams and broadcasts, private ones of its owner included.
        ReadStreams = "read:streams",
        /// Create, change and delete streams of its owner.
        WriteStreams = "write:streams",
        /// List stream keys and show their secrets.
        ReadKeys = "read:keys",
        /// Create, rotate and revoke stream keys.
        WriteKeys = "write:keys",
        /// Publish to streams of its owner.
        Publish = "publish",
        /// Watch what its owner may watch.
        Watch = "watch",
        /// Read chats.
        ReadChat = "read:chat",
        /// Write in chats.
        WriteChat = "write:chat",
        /// Keep order in chats where its owner may.
        ModerateChat = "moderate:chat",
        /// Read what administrators and moderators read.
        ReadAdmin = "read:admin",
        /// Do what administrators and moderators do.
        WriteAdmin = "write:admin",
    }
}

impl Scope {
    /// The scope that an API key needs to use a permission; `None` where no key may, whatever its scopes:
    /// a key must not be able to make keys, or to change how its owner signs in.
    pub const fn needed_for(permission: Permission) -> Option<Self> {
        use Permission as P;
        match permission {
            P::BrowsePublic => Some(Self::ReadStreams),
            P::WatchStreams => Some(Self::Watch),
            P::ReadChats => Some(Self::ReadChat),
            P::WriteChats => Some(Self::WriteChat),
            P::ModerateChats | P::ModerateAllChats => Some(Self::ModerateChat),
            P::ReadOwnProfile => Some(Self::ReadProfile),
            P::WriteOwnProfile | P::WriteOwnLibrary => Some(Self::WriteProfile),
            P::ManageOwnSecurity | P::BecomeCreator => None,
            P::ReadOwnStreams | P::ReadAllStreams => Some(Self::ReadStreams),
            P::WriteOwnStreams => Some(Self::WriteStreams),
            P::ReadOwnKeys => Some(Self::ReadKeys),
            P::WriteOwnKeys => Some(Self::WriteKeys),
            P::PublishOwnStreams => Some(Self::Publish),
            P::ReadAccounts
            | P::ReadAccountEmails
            | P::ReadReports
            | P::ReadAudit
            | P::ReadSettings
            | P::ReadMails
            | P::ReadDiagnostics => Some(Self::ReadAdmin),
            P::HideStreams
            | P::SettleReports
            | P::EndBroadcasts
            | P::WriteAccounts
            | P::WriteSettings
            | P::WriteCategories
            | P::WriteAllStreams
            | P::FeatureStreams => Some(Self::WriteAdmin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_and_opens_something() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
            let opens =
                Permission::ALL.iter().any(|permission| Scope::needed_for(*permission) == Some(*scope));
            assert!(opens, "{scope} opens nothing");
        }
    }

    #[test]
    fn no_scope_lets_a_key_change_how_its_owner_signs_in() {
        assert_eq!(Scope::needed_for(Permission::ManageOwnSecurity), None);
    }
}
