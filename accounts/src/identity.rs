//! Who somebody is: what comes out of a token.

use std::net::IpAddr;

use sluice_domain::{AccountId, ApiKeyId, OrgId, Permission, Role, Scope, SignInId, Tier};

/// Somebody who has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Their organisation.
    pub org: OrgId,
    /// Their account.
    pub account: AccountId,
    /// Their role now, whatever the token says.
    pub role: Role,
    /// Their tier now.
    pub tier: Tier,
    /// How they have shown it.
    pub via: Via,
}

/// How somebody has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// By signing in.
    Session(SignInId),
    /// By an API key, which may do less than its owner.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// What it is for.
        scopes: Vec<Scope>,
    },
}

impl Identity {
    /// Whether they may do something.
    pub fn may(&self, permission: Permission) -> bool {
        match &self.via {
            Via::Session(_) => permission.is_given_to(Some(self.role)),
            Via::ApiKey { scopes, .. } => permission.is_given_to_key(self.role, scopes),
        }
    }

    /// All that they may do.
    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|permission| self.may(*permission)).collect()
    }

    /// Their sign-in, if they signed in.
    pub const fn session(&self) -> Option<SignInId> {
        match self.via {
            Via::Session(id) => Some(id),
            Via::ApiKey { .. } => None,
        }
    }

    /// They, as the audit log names them.
    pub const fn actor(&self, address: IpAddr) -> Actor {
        let kind = match self.via {
            Via::Session(_) => ActorKind::Account(self.account),
            Via::ApiKey { id, .. } => ActorKind::ApiKey(id),
        };
        Actor { kind, address: Some(address) }
    }
}

/// Who did something, for the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub kind: ActorKind,
    /// From where.
    pub address: Option<IpAddr>,
}

/// Kinds of those who do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// Somebody who signed in, or tried to.
    Account(AccountId),
    /// A program with an API key.
    ApiKey(ApiKeyId),
    /// The server itself, or somebody who is nobody yet.
    System,
    /// An operator at the command line.
    Cli,
}

impl Actor {
    /// An operator at the command line.
    pub const CLI: Self = Self { kind: ActorKind::Cli, address: None };
    /// The server itself.
    pub const SYSTEM: Self = Self { kind: ActorKind::System, address: None };

    /// An account from an address.
    pub const fn account(account: AccountId, address: IpAddr) -> Self {
        Self { kind: ActorKind::Account(account), address: Some(address) }
    }
}

/// What a request says of the machine that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// What its browser calls itself; cut to a length that a list can show.
    pub user_agent: String,
}

/// Longest user agent that is kept.
const MAX_USER_AGENT: usize = 300;

impl Client {
    /// A client; what it calls itself is cleaned and cut.
    pub fn new(address: IpAddr, user_agent: &str) -> Self {
        let visible = user_agent.chars().filter(|c| !sluice_domain::text::is_forbidden(*c));
        Self { address, user_agent: visible.take(MAX_USER_AGENT).collect() }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn identity(role: Role, via: Via) -> Identity {
        let (org, account) = (OrgId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        Identity { org, account, role, tier: Tier::Free, via }
    }

    #[test]
    fn a_session_has_what_its_role_has_and_a_key_only_its_scopes() {
        let session = identity(Role::Creator, Via::Session(SignInId(Uuid::from_u128(3))));
        assert_eq!(session.permissions(), Permission::of_role(Role::Creator));
        let via =
            Via::ApiKey { id: ApiKeyId(Uuid::from_u128(4)), scopes: vec![Scope::Publish, Scope::WriteAdmin] };
        let key = identity(Role::Creator, via);
        assert_eq!(key.permissions(), [Permission::PublishOwnStreams]);
        assert_eq!(key.session(), None);
    }

    #[test]
    fn what_a_browser_calls_itself_is_cut_and_cleaned() {
        let client = Client::new(IpAddr::from([192, 0, 2, 1]), &format!("a\u{202e}b\n{}", "x".repeat(1000)));
        assert!(client.user_agent.starts_with("abxx"));
        assert_eq!(client.user_agent.chars().count(), 300);
    }
}
