//! Slash commands, with the names and the order of arguments that people know from elsewhere. Pure.

use std::time::Duration;

use sluice_domain::ProblemCode;
use sluice_domain::chat::ChatMode;

use super::person::Whom;
use super::refusal::ChatRefusal;

/// What a text that begins with `/` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Timeout { whom: Whom, seconds: u32, reason: Option<String> },
    Ban { whom: Whom, reason: Option<String> },
    Mute { whom: Whom, reason: Option<String> },
    Unban { whom: Whom },
    Clear,
    Slow { seconds: u32 },
    Followers { minutes: Option<u32> },
    Mode { mode: ChatMode, on: bool },
    Mod { whom: Whom },
    Unmod { whom: Whom },
    Mods,
    Announce { text: String },
    Me { text: String },
    Pin { text: String },
    Unpin,
    Help,
}

/// How long a timeout lasts that does not say.
const TIMEOUT: u32 = 600;

/// Longest timeout: beyond two weeks it is a ban.
pub(crate) const MAX_TIMEOUT: u32 = 14 * 86_400;

/// Seconds of slow mode where none are said.
const SLOW: u32 = 30;

/// Longest slow mode.
pub(crate) const MAX_SLOW: u32 = 1800;

/// Longest time that somebody must have followed, in minutes: three months.
pub(crate) const MAX_FOLLOWERS: u32 = 129_600;

/// Most characters of a reason.
pub(crate) const MAX_REASON: usize = 200;

/// What `/help` says.
pub(crate) const HELP: &str = "/me TEXT, /help, /mods. Moderators: /timeout USER [SECONDS|10m|2h] [REASON], \
    /untimeout USER, /ban USER [REASON], /unban USER, /mute USER [REASON], /clear, /slow [SECONDS], /slowoff, \
    /followers [10m|2h|3d], /followersoff, /subscribers, /subscribersoff, /emoteonly, /emoteonlyoff, \
    /uniquechat, /uniquechatoff, /members, /membersoff, /shield, /shieldoff, /announce TEXT, /pin TEXT, \
    /unpin. Broadcaster: /mod USER, /unmod USER.";

/// Reads a command. `None` where the text is none.
pub(crate) fn read(text: &str) -> Option<Result<Command, ChatRefusal>> {
    let rest = text.strip_prefix('/')?;
    let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Some(command(&name.to_ascii_lowercase(), rest.trim()))
}

fn command(name: &str, rest: &str) -> Result<Command, ChatRefusal> {
    let mode = |mode, on| Ok(Command::Mode { mode, on });
    match name {
        "timeout" => {
            let (whom, rest) = user(name, rest)?;
            let (first, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let (seconds, reason) = match seconds(first) {
                Some(seconds) => (seconds, after),
                // Without a time all that follows is the reason.
                None => (TIMEOUT, rest),
            };
            if !(1..=MAX_TIMEOUT).contains(&seconds) {
                return Err(misused("A timeout lasts from 1 second to 14 days."));
            }
            Ok(Command::Timeout { whom, seconds, reason: reason_of(reason) })
        }
        "ban" => user(name, rest).map(|(whom, rest)| Command::Ban { whom, reason: reason_of(rest) }),
        "mute" => user(name, rest).map(|(whom, rest)| Command::Mute { whom, reason: reason_of(rest) }),
        "unban" | "untimeout" | "unmute" => user(name, rest).map(|(whom, _)| Command::Unban { whom }),
        "clear" => Ok(Command::Clear),
        "slow" => match (rest, seconds(rest)) {
            ("", _) => Ok(Command::Slow { seconds: SLOW }),
            (_, Some(seconds @ 1..=MAX_SLOW)) => Ok(Command::Slow { seconds }),
            _ => Err(misused("/slow takes 1 to 1800 seconds.")),
        },
        "slowoff" => Ok(Command::Slow { seconds: 0 }),
        "followers" => match (rest, minutes(rest)) {
            ("", _) => Ok(Command::Followers { minutes: Some(0) }),
            (_, Some(minutes @ 0..=MAX_FOLLOWERS)) => Ok(Command::Followers { minutes: Some(minutes) }),
            _ => Err(misused("/followers takes a time of up to three months, such as 30m, 2h or 7d.")),
        },
        "followersoff" => Ok(Command::Followers { minutes: None }),
        "subscribers" => mode(ChatMode::SubscribersOnly, true),
        "subscribersoff" => mode(ChatMode::SubscribersOnly, false),
        "emoteonly" => mode(ChatMode::EmoteOnly, true),
        "emoteonlyoff" => mode(ChatMode::EmoteOnly, false),
        "uniquechat" => mode(ChatMode::Unique, true),
        "uniquechatoff" => mode(ChatMode::Unique, false),
        "members" => mode(ChatMode::MembersOnly, true),
        "membersoff" => mode(ChatMode::MembersOnly, false),
        "shield" => mode(ChatMode::Shield, true),
        "shieldoff" => mode(ChatMode::Shield, false),
        "mod" => user(name, rest).map(|(whom, _)| Command::Mod { whom }),
        "unmod" => user(name, rest).map(|(whom, _)| Command::Unmod { whom }),
        "mods" => Ok(Command::Mods),
        "announce" => text(name, rest).map(|text| Command::Announce { text }),
        "me" => text(name, rest).map(|text| Command::Me { text }),
        "pin" => Ok(Command::Pin { text: rest.to_owned() }),
        "unpin" => Ok(Command::Unpin),
        "help" => Ok(Command::Help),
        _ => {
            Err(ChatRefusal::new(ProblemCode::UnknownCommand, "There is no such command; /help lists them."))
        }
    }
}

fn misused(detail: impl Into<String>) -> ChatRefusal {
    ChatRefusal::new(ProblemCode::InvalidInput, detail)
}

fn text(name: &str, rest: &str) -> Result<String, ChatRefusal> {
    if rest.is_empty() { Err(misused(format!("/{name} needs a text."))) } else { Ok(rest.to_owned()) }
}

fn user<'a>(name: &str, rest: &'a str) -> Result<(Whom, &'a str), ChatRefusal> {
    let (user, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let handle = user.strip_prefix('@').unwrap_or(user).to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if handle.is_empty() || handle.len() > 30 || !handle.bytes().all(plain) {
        return Err(misused(format!("/{name} needs a user, by handle.")));
    }
    Ok((Whom::Handle(handle), rest.trim_start()))
}

fn reason_of(rest: &str) -> Option<String> {
    let reason = rest.trim();
    (!reason.is_empty()).then(|| reason.chars().take(MAX_REASON).collect())
}

/// A time such as `90`, `90s`, `5m`, `2h`, `1d` or `1h30m`.
fn time(text: &str) -> Option<Duration> {
    let mut total: u64 = 0;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        // Nine digits are thirty years.
        let number: u64 = rest.get(..digits).filter(|_| (1..=9).contains(&digits))?.parse().ok()?;
        let unit = rest[digits..].chars().next();
        let seconds = match unit {
            None if digits == text.len() => 1,
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            Some('w') => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(seconds)?)?;
        rest = rest.get(digits + 1..).unwrap_or_default();
    }
    Some(Duration::from_secs(total))
}

fn seconds(text: &str) -> Option<u32> {
    time(text).map(|time| u32::try_from(time.as_secs()).unwrap_or(u32::MAX))
}

/// As [`seconds`], but a plain number is minutes.
fn minutes(text: &str) -> Option<u32> {
    match text.parse() {
        Ok(minutes) => Some(minutes),
        Err(_) => seconds(text).map(|seconds| seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whom(handle: &str) -> Whom {
        Whom::Handle(handle.to_owned())
    }

    fn good(text: &str) -> Command {
        read(text).unwrap().unwrap()
    }

    fn code(text: &str) -> ProblemCode {
        read(text).unwrap().unwrap_err().code
    }

    #[test]
    fn a_timeout_has_a_user_a_time_and_a_reason() {
        let timeout = |seconds, reason: Option<&str>| Command::Timeout {
            whom: whom("ann"),
            seconds,
            reason: reason.map(str::to_owned),
        };
        assert_eq!(good("/timeout ann"), timeout(600, None));
        assert_eq!(good("/timeout @Ann 90 be kind "), timeout(90, Some("be kind")));
        assert_eq!(good("/TIMEOUT ann 5m"), timeout(300, None));
        assert_eq!(good("/timeout ann 1h30m x"), timeout(5400, Some("x")));
        assert_eq!(good("/timeout ann too loud"), timeout(600, Some("too loud")));
        for bad in ["/timeout", "/timeout ann 0", "/timeout ann 15d", "/timeout a.b", "/timeout ann 3w"] {
            assert_eq!(code(bad), ProblemCode::InvalidInput, "{bad}");
        }
    }

    #[test]
    fn modes_take_the_times_that_people_write() {
        assert_eq!(good("/slow"), Command::Slow { seconds: 30 });
        assert_eq!(good("/slow 2m"), Command::Slow { seconds: 120 });
        assert_eq!(good("/slowoff"), Command::Slow { seconds: 0 });
        assert_eq!(good("/followers"), Command::Followers { minutes: Some(0) });
        assert_eq!(good("/followers 30"), Command::Followers { minutes: Some(30) });
        assert_eq!(good("/followers 2h"), Command::Followers { minutes: Some(120) });
        assert_eq!(good("/shield"), Command::Mode { mode: ChatMode::Shield, on: true });
        for bad in ["/slow 0", "/slow 2000", "/slow x", "/followers 1000d", "/announce", "/me  ", "/ban"] {
            assert_eq!(code(bad), ProblemCode::InvalidInput, "{bad}");
        }
    }

    #[test]
    fn what_is_no_command_is_said_so_and_what_is_no_slash_is_a_text() {
        for bad in ["/", "/nope", "/ ban ann", "//", "/99999999999999999999"] {
            assert_eq!(code(bad), ProblemCode::UnknownCommand, "{bad}");
        }
        assert_eq!(read("hello /ban ann"), None);
    }

    #[test]
    fn help_names_every_command() {
        for name in [
            "timeout",
            "untimeout",
            "ban",
            "unban",
            "mute",
            "clear",
            "slow",
            "slowoff",
            "followers",
            "followersoff",
            "subscribers",
            "subscribersoff",
            "emoteonly",
            "emoteonlyoff",
            "uniquechat",
            "uniquechatoff",
            "members",
            "membersoff",
            "mod",
            "unmod",
            "mods",
            "announce",
            "me",
            "pin",
            "unpin",
            "shield",
            "shieldoff",
            "help",
        ] {
            assert!(HELP.contains(&format!("/{name}")), "{name}");
            assert_ne!(
                command(name, "x").map_err(|refusal| refusal.code).err(),
                Some(ProblemCode::UnknownCommand)
            );
        }
    }

    #[test]
    fn no_time_is_too_long_to_be_read() {
        for text in ["999999999w999999999w", "99999999999", "5", "5x", "m", "5m5", "é", "5é"] {
            let _read = time(text);
        }
        assert_eq!(time("5m5"), None);
        assert_eq!(time("99999999999"), None);
    }
}
