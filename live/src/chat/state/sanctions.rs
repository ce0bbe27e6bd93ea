//! Timeouts, bans and mutes, and who keeps order.

use std::time::Duration;

use serde_json::json;
use sluice_domain::ProblemCode;
use sluice_domain::chat::{BanKind, ChatEvent, ModerationAction, ModerationKind};
use sluice_store::{ChatBan, ChatModerator};

use super::super::effect::{Effect, Moment};
use super::super::person::{Person, Rank, Target};
use super::super::record::Entry;
use super::super::refusal::{ChatRefusal, spoken};
use super::Chat;
use super::acting::{Act, By};

impl Chat {
    /// Does something to somebody who is known.
    pub(super) fn act_on_target(&mut self, by: By, target: Target, act: Act, now: Moment) {
        let outcome = match act {
            Act::Timeout { seconds, reason } => {
                self.sanction(&by.person, &target, BanKind::Timeout, Some(seconds), reason, now)
            }
            Act::Ban { reason } => self.sanction(&by.person, &target, BanKind::Ban, None, reason, now),
            Act::Mute { reason } => self.sanction(&by.person, &target, BanKind::Mute, None, reason, now),
            Act::Unban => self.lift(&by.person, &target, now),
            Act::Mod => self.make_moderator(&by.person, &target, now),
            Act::Unmod => self.unmake_moderator(&by.person, &target, now),
        };
        match outcome {
            Ok(text) => self.done(by.answer, Some(text)),
            Err(refusal) => self.failed(by.answer, &refusal),
        }
    }

    fn sanction(
        &mut self,
        by: &Person,
        target: &Target,
        kind: BanKind,
        seconds: Option<u32>,
        reason: Option<String>,
        now: Moment,
    ) -> Result<String, ChatRefusal> {
        let rank = self.rank_of_account(Some(target.account), target.role);
        if target.account == self.owner || rank >= self.rank(by).max(Rank::Moderator) {
            let detail = format!("{} stands no lower than you here.", target.name);
            return Err(ChatRefusal::new(ProblemCode::PermissionDenied, detail));
        }
        let until_at = seconds.map(|seconds| now.ms().saturating_add(i64::from(seconds) * 1000));
        let ban = ChatBan {
            org_id: self.org,
            stream_id: self.stream,
            account_id: target.account,
            kind,
            until_at,
            reason: reason.clone(),
            created_by: by.account,
            created_at: now.ms(),
        };
        self.bans.insert(target.account, ban.clone());
        self.effects.push_back(Effect::Record(Entry::Banned(ban)));
        let (word, action) = match kind {
            BanKind::Timeout => ("timeout", ModerationAction::MemberTimedOut),
            BanKind::Ban => ("ban", ModerationAction::MemberBanned),
            BanKind::Mute => ("mute", ModerationAction::MemberMuted),
        };
        let note = reason.clone().unwrap_or_default();
        let detail = seconds.map_or_else(|| json!({}), |seconds| json!({ "seconds": seconds }));
        let how = ModerationKind::ChatModeration;
        self.note_with(how, action, Some(by), Some(target), None, &note, detail, now);
        let event = |reason: Option<String>, by: Option<String>| ChatEvent::Moderation {
            action: word.to_owned(),
            account: target.account,
            seconds,
            reason,
            by,
        };
        if kind != BanKind::Mute {
            // What they said goes with them, here, at every member's and in the database.
            self.ring.remove_of(target.account);
            self.drop_held(target.account);
            self.unpin_if(|pinned| pinned.author.id == Some(target.account), by, now);
            let entry = Entry::ClearedOf { account: target.account, by: by.account };
            self.effects.push_back(Effect::Record(entry));
            self.say(event(None, None));
        }
        self.tell_moderators(event(reason.clone(), Some(by.name.clone())));
        match kind {
            BanKind::Timeout => {
                for id in self.connections(target.account) {
                    self.tell(id, event(reason.clone(), None));
                }
                self.tell_you(target.account, now);
            }
            BanKind::Ban => {
                if let Some(refusal) = self.banned(target.account) {
                    for id in self.connections(target.account) {
                        self.put_out(id, &refusal, now);
                    }
                }
            }
            // They are not told.
            BanKind::Mute => {}
        }
        Ok(match (kind, seconds) {
            (BanKind::Timeout, seconds) => {
                let time = Duration::from_secs(u64::from(seconds.unwrap_or_default()));
                format!("{} is silent for {}.", target.name, spoken(time))
            }
            (BanKind::Ban, _) => format!("{} is banned.", target.name),
            (BanKind::Mute, _) => format!("{} is heard by moderators alone.", target.name),
        })
    }

    fn lift(&mut self, by: &Person, target: &Target, now: Moment) -> Result<String, ChatRefusal> {
        let lifted = self.bans.remove(&target.account).filter(|ban| ban.is_active(now.ms()));
        let Some(lifted) = lifted else {
            let detail = format!("{} is neither banned nor silenced.", target.name);
            return Err(ChatRefusal::new(ProblemCode::UnknownMember, detail));
        };
        self.effects.push_back(Effect::Record(Entry::Lifted { account: target.account }));
        let (how, action) = (ModerationKind::ChatModeration, ModerationAction::MemberUnbanned);
        self.note(how, action, Some(by), Some(target), None, "", now);
        let event = |by| ChatEvent::Moderation {
            action: "unban".to_owned(),
            account: target.account,
            seconds: None,
            reason: None,
            by,
        };
        if lifted.kind != BanKind::Mute {
            self.say(event(None));
            self.tell_you(target.account, now);
        }
        self.tell_moderators(event(Some(by.name.clone())));
        Ok(format!("{} may write again.", target.name))
    }

    fn make_moderator(&mut self, by: &Person, target: &Target, now: Moment) -> Result<String, ChatRefusal> {
        if self.rank_of_account(Some(target.account), target.role) >= Rank::Moderator {
            return Ok(format!("{} keeps order here already.", target.name));
        }
        self.moderators.insert(target.account);
        let moderator = ChatModerator {
            org_id: self.org,
            stream_id: self.stream,
            account_id: target.account,
            created_by: by.account,
            created_at: now.ms(),
        };
        self.effects.push_back(Effect::Record(Entry::Moderator(moderator)));
        // Whoever keeps order is not kept from writing.
        if self.bans.remove(&target.account).is_some() {
            self.effects.push_back(Effect::Record(Entry::Lifted { account: target.account }));
        }
        let (how, action) = (ModerationKind::ChatModeration, ModerationAction::ModeratorAdded);
        self.note(how, action, Some(by), Some(target), None, "", now);
        self.tell_you(target.account, now);
        Ok(format!("{} keeps order here from now on.", target.name))
    }

    fn unmake_moderator(&mut self, by: &Person, target: &Target, now: Moment) -> Result<String, ChatRefusal> {
        if !self.moderators.remove(&target.account) {
            let detail = format!("{} is no moderator of this chat.", target.name);
            return Err(ChatRefusal::new(ProblemCode::UnknownMember, detail));
        }
        self.effects.push_back(Effect::Record(Entry::NoModerator { account: target.account }));
        let (how, action) = (ModerationKind::ChatModeration, ModerationAction::ModeratorRemoved);
        self.note(how, action, Some(by), Some(target), None, "", now);
        self.tell_you(target.account, now);
        Ok(format!("{} keeps order here no more.", target.name))
    }

    /// The moderators as the database has them now.
    pub(crate) fn set_moderators(
        &mut self,
        moderators: std::collections::HashSet<sluice_domain::AccountId>,
        now: Moment,
    ) {
        let before = std::mem::replace(&mut self.moderators, moderators);
        let mut changed: Vec<_> = before.symmetric_difference(&self.moderators).copied().collect();
        changed.sort_unstable();
        for account in changed {
            self.tell_you(account, now);
        }
    }
}
