//! Who a member is, as far as a chat needs to know.

use std::fmt;

use sluice_accounts::Actor;
use sluice_domain::chat::{Badge, ChatAuthor};
use sluice_domain::{AccountId, Role, Tier};

/// One connection of a member, on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MemberId(pub(crate) u64);

/// Whom rates and waiting times hold for: an account on all its connections, a guest on its one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Speaker {
    Account(AccountId),
    Guest(MemberId),
}

/// What somebody is in a chat; each may silence those below, and nobody the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Guest,
    Account,
    Moderator,
    Broadcaster,
    Staff,
    Admin,
}

/// Who somebody is, whatever the chat. What they are in a chat is the chat's to know.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub(crate) account: Option<AccountId>,
    pub(crate) name: String,
    pub(crate) handle: Option<String>,
    pub(crate) avatar_url: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) tier: Tier,
    pub(crate) is_bot: bool,
    /// Whether what they showed lets them write, keep order, and do both in every chat.
    pub(crate) may_write: bool,
    pub(crate) may_moderate: bool,
    pub(crate) may_moderate_all: bool,
    /// When the account was made, UTC in milliseconds.
    pub(crate) created_at: i64,
    /// Since when they follow the stream's owner.
    pub(crate) follows_since: Option<i64>,
    /// Messages of theirs that this chat has shown before.
    pub(crate) messages_here: u32,
    /// They, as the audit log names them.
    pub(crate) actor: Actor,
}

impl Person {
    /// Somebody who is not signed in. The name is made from the connection, never by who has it.
    pub(crate) fn guest(member: MemberId) -> Self {
        Self {
            account: None,
            name: guest_name(member),
            handle: None,
            avatar_url: None,
            role: None,
            tier: Tier::Free,
            is_bot: false,
            may_write: false,
            may_moderate: false,
            may_moderate_all: false,
            created_at: 0,
            follows_since: None,
            messages_here: 0,
            actor: Actor::SYSTEM,
        }
    }

    /// As others see them.
    pub(crate) fn author(&self, rank: Rank) -> ChatAuthor {
        let mut badges: Vec<Badge> = match rank {
            Rank::Guest | Rank::Account => Vec::new(),
            Rank::Moderator => vec![Badge::Moderator],
            Rank::Broadcaster => vec![Badge::Broadcaster],
            Rank::Staff | Rank::Admin => vec![Badge::Staff],
        };
        match self.tier {
            Tier::Free => {}
            Tier::Premium => badges.push(Badge::Premium),
            Tier::Vip => badges.push(Badge::Vip),
        }
        badges.extend(self.is_bot.then_some(Badge::Bot));
        ChatAuthor {
            id: self.account,
            name: self.name.clone(),
            handle: self.handle.clone(),
            avatar_url: self.avatar_url.clone(),
            badges,
        }
    }
}

/// The rank that the badges of an author say. What the badges of a message say is what it was then.
pub(crate) fn rank_of(author: &ChatAuthor) -> Rank {
    let has = |badge| author.badges.contains(&badge);
    match author.id {
        None => Rank::Guest,
        Some(_) if has(Badge::Staff) => Rank::Staff,
        Some(_) if has(Badge::Broadcaster) => Rank::Broadcaster,
        Some(_) if has(Badge::Moderator) => Rank::Moderator,
        Some(_) => Rank::Account,
    }
}

/// `guest-` and four letters or digits. Two guests may have the same; nothing rests on it.
fn guest_name(member: MemberId) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    // Spread, so that two who come one after the other do not look alike.
    let spread = member.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44;
    let letters = (0..4).map(|place| char::from(LETTERS[(spread >> (5 * place)) as usize & 31]));
    format!("guest-{}", letters.collect::<String>())
}

/// Somebody to whom something is done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) role: Option<Role>,
}

/// Somebody as a request names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    Account(AccountId),
    /// By handle, without `@`, in lower case.
    Handle(String),
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(_) => f.write_str("this account"),
            Self::Handle(handle) => write!(f, "@{handle}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_guests_are_made_from_their_connections() {
        let names: Vec<String> = (1..=100).map(|number| guest_name(MemberId(number))).collect();
        assert!(names.iter().all(|name| name.len() == 10 && name.starts_with("guest-")));
        let mut different = names.clone();
        different.sort();
        different.dedup();
        assert!(different.len() > 95, "{different:?}");
    }
}
