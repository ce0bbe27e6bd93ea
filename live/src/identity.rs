//! Who asks: what `live` knows of a person or a program that showed its credential.

use sluice_domain::{AccountId, ApiKeyId, Basis, OrgId, Permission, Role, Scope, SignInId};

use crate::news::Topic;

/// Somebody who has shown who they are. Made by [`crate::Live::identify`], or by the API for a
/// request that it has authenticated itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Where the account belongs.
    pub org: OrgId,
    /// Who.
    pub account: AccountId,
    /// What the account may do.
    pub role: Role,
    /// With what they came.
    pub by: By,
}

/// With what somebody came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A sign-in: everything that the role allows.
    SignIn(SignInId),
    /// An API key: what both its scopes and the role allow.
    ApiKey(ApiKeyId, Vec<Scope>),
}

impl Identity {
    /// Who.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Whether they may, where it is theirs or where the permission is on everything.
    pub fn may(&self, permission: Permission) -> bool {
        match &self.by {
            By::SignIn(_) => permission.is_given_to(Some(self.role)),
            By::ApiKey(_, scopes) => permission.is_given_to_key(self.role, scopes),
        }
    }

    /// What a Grant given to them rests on.
    pub(crate) const fn basis(&self) -> Basis {
        match self.by {
            By::SignIn(sign_in) => Basis::SignIn { account: self.account, sign_in },
            By::ApiKey(key, _) => Basis::ApiKey { account: self.account, key },
        }
    }

    /// Topics on which they hear that they are not welcome any more.
    pub fn watched(&self) -> Vec<Topic> {
        let mut topics = vec![Topic::Account(self.account)];
        match self.by {
            By::SignIn(sign_in) => topics.push(Topic::SignIn(sign_in)),
            By::ApiKey(key, _) => topics.push(Topic::ApiKey(key)),
        }
        topics
    }
}
