//! The settings of a chat, and the commands that change one of them.

use serde_json::json;
use sluice_domain::ProblemCode;
use sluice_domain::chat::{ChatEvent, ChatMode, ChatSettings, ModerationAction, ModerationKind};

use super::super::command::{Command, MAX_FOLLOWERS, MAX_SLOW};
use super::super::effect::{Effect, Moment};
use super::super::person::{MemberId, Person};
use super::super::record::Entry;
use super::super::refusal::{ChatRefusal, spoken};
use super::super::text::Emotes;
use super::{Chat, not_a_moderator};

/// Most characters of the rules of the house.
const MAX_RULES: usize = 500;

impl Chat {
    /// Changes the settings as a whole, if they are still those of `version`.
    pub(crate) fn change_settings(
        &mut self,
        by: &Person,
        mut settings: ChatSettings,
        version: Option<i64>,
        now: Moment,
    ) -> Result<i64, ChatRefusal> {
        if !self.manages(by) {
            return Err(not_a_moderator());
        }
        if version.is_some_and(|version| version != self.version) {
            let detail = "The settings have changed since they were read.";
            return Err(ChatRefusal::new(ProblemCode::VersionConflict, detail));
        }
        let bad = |detail| Err(ChatRefusal::new(ProblemCode::InvalidInput, detail));
        if settings.slow_seconds > MAX_SLOW {
            return bad("Slow mode waits 1800 seconds at most.");
        }
        if settings.followers_minutes.is_some_and(|minutes| minutes > MAX_FOLLOWERS) {
            return bad("Followers can be asked to have followed for three months at most.");
        }
        match sluice_domain::text::paragraph(&settings.rules, MAX_RULES) {
            Ok(rules) => settings.rules = rules,
            Err(_) => return bad("The rules have 500 visible characters at most."),
        }
        settings.modes.sort_unstable();
        settings.modes.dedup();
        self.set_settings(by, settings, now);
        Ok(self.version)
    }

    /// A moderator changes one mode by a command; what it is told.
    pub(super) fn change_mode(&mut self, by: &Person, command: &Command, now: Moment) -> String {
        let mut settings = self.settings.clone();
        let said = match *command {
            Command::Slow { seconds } => {
                settings.slow_seconds = seconds;
                match seconds {
                    0 => "Slow mode is off.".to_owned(),
                    _ => format!("Slow mode is on: one message every {seconds} s."),
                }
            }
            Command::Followers { minutes } => {
                settings.followers_minutes = minutes;
                match minutes {
                    None => "Everybody may write again, not followers alone.".to_owned(),
                    Some(0) => "Only followers write now.".to_owned(),
                    Some(minutes) => {
                        let time = std::time::Duration::from_secs(u64::from(minutes) * 60);
                        format!("Only those write now who have followed for {}.", spoken(time))
                    }
                }
            }
            Command::Mode { mode, on } => {
                settings.modes.retain(|found| *found != mode);
                settings.modes.extend(on.then_some(mode));
                settings.modes.sort_unstable();
                format!("{} is {}.", name(mode), if on { "on" } else { "off" })
            }
            _ => return String::new(),
        };
        self.set_settings(by, settings, now);
        said
    }

    fn set_settings(&mut self, by: &Person, settings: ChatSettings, now: Moment) {
        if settings == self.settings {
            return;
        }
        let changed = changes(&self.settings, &settings);
        let writes_before = (self.settings.enabled, self.settings.anonymous_may_write);
        let filter = (settings.filter, settings.links) != (self.settings.filter, self.settings.links);
        self.settings = settings.clone();
        let entry = Entry::Settings { version: self.version, settings: Box::new(settings.clone()) };
        self.effects.push_back(Effect::Record(entry));
        self.version += 1;
        if filter {
            self.effects.push_back(Effect::Refilter);
        }
        let (kind, action) = (ModerationKind::ChatSettings, ModerationAction::SettingsChanged);
        self.note_with(kind, action, Some(by), None, None, "", json!({ "changed": changed }), now);
        self.say(ChatEvent::Settings { settings });
        if writes_before != (self.settings.enabled, self.settings.anonymous_may_write) {
            let ids: Vec<MemberId> = self.members.keys().copied().collect();
            for id in ids {
                if let Some(you) = self.you(id) {
                    self.tell(id, ChatEvent::You { you });
                }
            }
        }
    }

    /// The emotes as the database has them now.
    pub(crate) fn set_emotes(&mut self, emotes: Emotes) {
        let version = emotes.version;
        if self.emotes != emotes {
            self.emotes = emotes;
            self.say(ChatEvent::Emotes { version });
        }
    }

    /// What the stream is called and to whom it belongs now.
    pub(crate) fn set_stream(&mut self, name: sluice_domain::StreamName, listed: bool) {
        self.name = name;
        self.listed = listed;
    }
}

const fn name(mode: ChatMode) -> &'static str {
    match mode {
        ChatMode::EmoteOnly => "Emotes only",
        ChatMode::Unique => "Unique chat",
        ChatMode::MembersOnly => "Members only",
        ChatMode::SubscribersOnly => "Subscribers only",
        ChatMode::Shield => "Shield mode",
    }
}

/// Names of the settings that differ.
fn changes(before: &ChatSettings, after: &ChatSettings) -> Vec<&'static str> {
    let differs = [
        ("enabled", before.enabled != after.enabled),
        ("anonymous_may_write", before.anonymous_may_write != after.anonymous_may_write),
        ("modes", before.modes != after.modes),
        ("slow_seconds", before.slow_seconds != after.slow_seconds),
        ("followers_minutes", before.followers_minutes != after.followers_minutes),
        ("filter", before.filter != after.filter),
        ("links", before.links != after.links),
        ("rules", before.rules != after.rules),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
