//! Who may write now: what a chat asks of a message before anybody reads it.

use std::time::Duration;

use sluice_domain::chat::{BanKind, ChatMode};
use sluice_domain::{AccountId, ProblemCode, Tier};

use super::super::effect::{Effect, Moment};
use super::super::person::{MemberId, Person, Rank};
use super::super::refusal::{ChatRefusal, spoken};
use super::Chat;

/// What a mode asks for that somebody lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lacks {
    /// Nothing that could have changed since they came.
    Refused(ChatRefusal),
    /// To follow, or to have paid: that may have changed since.
    Standing(ChatRefusal),
}

impl Chat {
    /// Whether somebody may write at all, whatever the modes.
    pub(super) fn may_write(&self, person: &Person, now: Moment) -> Result<(), ChatRefusal> {
        if self.keeps_order(person) {
            return Ok(());
        }
        if !self.settings.enabled {
            return Err(ChatRefusal::new(ProblemCode::ChatClosed, "This stream has no chat now."));
        }
        match person.account {
            Some(account) => {
                if let Some(refusal) = self.banned(account) {
                    return Err(refusal);
                }
                if let Some(wait) = self.silence_left(account, now) {
                    let detail = format!("A moderator has silenced you for another {}.", spoken(wait));
                    return Err(ChatRefusal::until(ProblemCode::ChatTimedOut, detail, wait));
                }
                if !person.may_write {
                    let detail = "This key may not write in chats.";
                    return Err(ChatRefusal::new(ProblemCode::PermissionDenied, detail));
                }
            }
            None if !self.settings.anonymous_may_write => {
                return Err(ChatRefusal::new(ProblemCode::SignInRequired, "Sign in to write in this chat."));
            }
            None => {}
        }
        Ok(())
    }

    /// Whether the modes let somebody write. Those who keep order are not asked.
    pub(super) fn modes_allow(&self, person: &Person, now: Moment) -> Result<(), Lacks> {
        let settings = &self.settings;
        let refused = |code, detail: &str| Err(Lacks::Refused(ChatRefusal::new(code, detail)));
        if person.account.is_none() {
            if settings.has(ChatMode::Shield) {
                let detail = "The chat is shielded now; sign in to write.";
                return refused(ProblemCode::SignInRequired, detail);
            }
            if settings.has(ChatMode::MembersOnly) {
                return refused(ProblemCode::SignInRequired, "Only people who are signed in write here.");
            }
        }
        if settings.has(ChatMode::SubscribersOnly) && person.tier < Tier::Premium {
            let detail = "Only subscribers write here now.";
            return Err(Lacks::Standing(ChatRefusal::new(ProblemCode::TierRequired, detail)));
        }
        if let Some(minutes) = settings.followers_minutes {
            let needed = Duration::from_secs(u64::from(minutes) * 60);
            let lacking = match person.follows_since {
                None if minutes == 0 => Some("Only followers write here; follow the streamer.".to_owned()),
                None => Some(format!(
                    "Only those write here who have followed for {}; follow the streamer.",
                    spoken(needed)
                )),
                Some(since) => {
                    let followed = u64::try_from(now.ms().saturating_sub(since)).unwrap_or(0);
                    let left = needed.saturating_sub(Duration::from_millis(followed));
                    (!left.is_zero()).then(|| format!("Follow for another {} to write here.", spoken(left)))
                }
            };
            if let Some(detail) = lacking {
                return Err(Lacks::Standing(ChatRefusal::new(ProblemCode::FollowRequired, detail)));
            }
        }
        Ok(())
    }

    /// The refusal of an account that was put out.
    pub(super) fn banned(&self, account: AccountId) -> Option<ChatRefusal> {
        let ban = self.bans.get(&account).filter(|ban| ban.kind == BanKind::Ban)?;
        let detail = match &ban.reason {
            Some(reason) => format!("You were banned from this chat: {reason}"),
            None => "You were banned from this chat.".to_owned(),
        };
        Some(ChatRefusal::new(ProblemCode::ChatBanned, detail))
    }

    /// How long an account has to be silent yet.
    pub(super) fn silence_left(&self, account: AccountId, now: Moment) -> Option<Duration> {
        let until = self.silent_until(account)?;
        let left = u64::try_from(until.saturating_sub(now.ms())).ok().filter(|left| *left > 0)?;
        Some(Duration::from_millis(left))
    }

    /// Until when an account has to be silent, UTC in milliseconds.
    pub(super) fn silent_until(&self, account: AccountId) -> Option<i64> {
        self.bans.get(&account).filter(|ban| ban.kind == BanKind::Timeout)?.until_at
    }

    /// Whether what an account says is seen by itself and the moderators alone.
    pub(super) fn is_muted(&self, account: Option<AccountId>) -> bool {
        account.and_then(|account| self.bans.get(&account)).is_some_and(|ban| ban.kind == BanKind::Mute)
    }

    /// Tells the media plane whether a member is silenced, so that it can answer by itself.
    pub(super) fn silence(&mut self, id: MemberId, now: Moment) {
        let Some(member) = self.members.get(&id) else { return };
        let exempt = self.rank(&member.person) > Rank::Account;
        let left = member.person.account.and_then(|account| self.silence_left(account, now));
        let until = left.filter(|_| !exempt).map(|left| now.at + left);
        self.effects.push_back(Effect::Silence(id, until));
    }
}
