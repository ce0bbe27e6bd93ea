//! What `live` makes of somebody who has shown who they are.

use sluice_accounts::{Identity, Via};
use sluice_domain::{AccountId, Basis, OrgId, Permission, Role, Tier};
use sluice_store::Member;

use crate::news::Topic;

/// What a Grant given to them rests on.
pub(crate) const fn basis(identity: &Identity) -> Basis {
    match identity.via {
        Via::Session(sign_in) => Basis::SignIn { account: identity.account, sign_in },
        Via::ApiKey { id, .. } => Basis::ApiKey { account: identity.account, key: id },
    }
}

/// On what they hear that they are not welcome any more.
pub fn watched(identity: &Identity) -> [Topic; 2] {
    let shown = match identity.via {
        Via::Session(sign_in) => Topic::SignIn(sign_in),
        Via::ApiKey { id, .. } => Topic::ApiKey(id),
    };
    [Topic::Account(identity.account), shown]
}

/// Somebody who wants to watch: what the access level of a stream asks of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Viewer {
    pub(crate) org: OrgId,
    pub(crate) account: AccountId,
    pub(crate) role: Role,
    pub(crate) tier: Tier,
    /// Whether what they showed lets them watch at all.
    pub(crate) may_watch: bool,
}

impl From<&Identity> for Viewer {
    fn from(identity: &Identity) -> Self {
        Self {
            org: identity.org,
            account: identity.account,
            role: identity.role,
            tier: identity.tier,
            may_watch: identity.may(Permission::WatchStreams),
        }
    }
}

impl Viewer {
    /// An account whose right to watch was looked at when its playback token was made.
    pub(crate) fn of(member: &Member, now_ms: i64) -> Self {
        Self {
            org: member.account.org_id,
            account: member.account.id,
            role: member.role,
            tier: tier(member, now_ms),
            may_watch: true,
        }
    }
}

/// The tier of an account now: what was paid for ends.
pub(crate) fn tier(member: &Member, now_ms: i64) -> Tier {
    let account = &member.account;
    if account.tier_expires_at.is_none_or(|end| now_ms < end) { account.tier } else { Tier::Free }
}
