//! The texts of mails, in English and German, as text and as HTML.

use super::Message;

/// A language of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// English.
    English,
    /// German.
    German,
}

impl Locale {
    /// The language of a tag such as `de-AT`; English where there is none of ours.
    pub fn of(tag: Option<&str>) -> Self {
        let language = tag.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default();
        if language.eq_ignore_ascii_case("de") { Self::German } else { Self::English }
    }
}

/// A mail that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// The parts of a mail before they are laid out.
struct Parts {
    subject: String,
    greeting: &'static str,
    paragraphs: Vec<String>,
    /// What the button says, and where it leads.
    button: Option<(&'static str, String)>,
    closing: &'static str,
}

/// Writes a mail of an organisation.
pub(super) fn write(message: &Message, locale: Locale, organisation: &str) -> Written {
    let organisation = one_line(organisation);
    let parts = match locale {
        Locale::English => english(message, &organisation),
        Locale::German => german(message, &organisation),
    };
    Written {
        text: as_text(&parts, &organisation),
        html: as_html(&parts, &organisation, locale),
        subject: parts.subject,
    }
}

fn english(message: &Message, organisation: &str) -> Parts {
    let (subject, paragraphs, button) = match message {
        Message::VerifyEmail { link, hours } => (
            format!("Confirm your address for {organisation}"),
            vec![
                format!("Please confirm that this address is yours, and your account at {organisation} is ready."),
                format!("The link works for {hours} hours. If you did not sign up, do nothing: without the confirmation the account cannot be used."),
            ],
            Some(("Confirm address", link)),
        ),
        Message::ChangeEmail { link, hours } => (
            format!("Your new address for {organisation}"),
            vec![
                format!("Please confirm that your account at {organisation} should use this address from now on."),
                format!("The link works for {hours} hours. If you did not ask for this, do nothing."),
            ],
            Some(("Use this address", link)),
        ),
        Message::EmailChanged => (
            format!("Your address at {organisation} was changed"),
            vec![
                "Your account now uses another email address; this one is no longer connected to it.".to_owned(),
                "If this was not you, tell an administrator now.".to_owned(),
            ],
            None,
        ),
        Message::AlreadyRegistered => (
            format!("You already have an account at {organisation}"),
            vec![
                "Somebody tried to use this address for an account. There is one already, so nothing was changed.".to_owned(),
                "If it was you: sign in, or choose “Forgot password?” there. If it was not, you need not do anything.".to_owned(),
            ],
            None,
        ),
        Message::ResetPassword { link, minutes } => (
            format!("A new password for {organisation}"),
            vec![
                "Somebody, hopefully you, asked for a new password for your account.".to_owned(),
                format!("The link works once and for {minutes} minutes. If you did not ask for it, do nothing: your password stays as it is."),
            ],
            Some(("Choose a new password", link)),
        ),
        Message::PasswordChanged => (
            format!("Your password at {organisation} was changed"),
            vec![
                "The password of your account was changed, and other devices were signed out.".to_owned(),
                "If this was not you, choose “Forgot password?” on the sign-in page now.".to_owned(),
            ],
            None,
        ),
        Message::Invite { link, organisation, days } => (
            format!("You are invited to {organisation}"),
            vec![
                format!("You are invited to have an account at {}.", one_line(organisation)),
                format!("The link works once and for {days} days."),
            ],
            Some(("Accept the invitation", link)),
        ),
    };
    let button = button.map(|(label, link)| (label, link.expose().clone()));
    Parts {
        subject: one_line(&subject),
        greeting: "Hello,",
        paragraphs,
        button,
        closing: "This mail was sent by",
    }
}

fn german(message: &Message, organisation: &str) -> Parts {
    let (subject, paragraphs, button) = match message {
        Message::VerifyEmail { link, hours } => (
            format!("Bestätige deine Adresse für {organisation}"),
            vec![
                format!("Bitte bestätige, dass diese Adresse dir gehört; dann ist dein Konto bei {organisation} bereit."),
                format!("Der Link gilt {hours} Stunden. Falls du dich nicht angemeldet hast, brauchst du nichts zu tun: Ohne Bestätigung kann das Konto nicht benutzt werden."),
            ],
            Some(("Adresse bestätigen", link)),
        ),
        Message::ChangeEmail { link, hours } => (
            format!("Deine neue Adresse für {organisation}"),
            vec![
                format!("Bitte bestätige, dass dein Konto bei {organisation} künftig diese Adresse benutzen soll."),
                format!("Der Link gilt {hours} Stunden. Falls du das nicht wolltest, brauchst du nichts zu tun."),
            ],
            Some(("Diese Adresse benutzen", link)),
        ),
        Message::EmailChanged => (
            format!("Deine Adresse bei {organisation} wurde geändert"),
            vec![
                "Dein Konto benutzt jetzt eine andere E-Mail-Adresse; diese hier gehört nicht mehr dazu.".to_owned(),
                "Falls du das nicht warst, wende dich sofort an einen Administrator.".to_owned(),
            ],
            None,
        ),
        Message::AlreadyRegistered => (
            format!("Du hast schon ein Konto bei {organisation}"),
            vec![
                "Jemand wollte diese Adresse für ein Konto benutzen. Es gibt schon eines, deshalb wurde nichts geändert.".to_owned(),
                "Falls du es warst: Melde dich an oder wähle dort „Passwort vergessen?“. Falls nicht, brauchst du nichts zu tun.".to_owned(),
            ],
            None,
        ),
        Message::ResetPassword { link, minutes } => (
            format!("Ein neues Passwort für {organisation}"),
            vec![
                "Jemand, hoffentlich du, möchte ein neues Passwort für dein Konto.".to_owned(),
                format!("Der Link gilt einmal und {minutes} Minuten lang. Falls du das nicht wolltest, brauchst du nichts zu tun: Dein Passwort bleibt, wie es ist."),
            ],
            Some(("Neues Passwort wählen", link)),
        ),
        Message::PasswordChanged => (
            format!("Dein Passwort bei {organisation} wurde geändert"),
            vec![
                "Das Passwort deines Kontos wurde geändert, und andere Geräte wurden abgemeldet.".to_owned(),
                "Falls du das nicht warst, wähle jetzt „Passwort vergessen?“ auf der Anmeldeseite.".to_owned(),
            ],
            None,
        ),
        Message::Invite { link, organisation, days } => (
            format!("Einladung zu {organisation}"),
            vec![
                format!("Du bist eingeladen, ein Konto bei {} zu haben.", one_line(organisation)),
                format!("Der Link gilt einmal und {days} Tage lang."),
            ],
            Some(("Einladung annehmen", link)),
        ),
    };
    let button = button.map(|(label, link)| (label, link.expose().clone()));
    Parts {
        subject: one_line(&subject),
        greeting: "Hallo,",
        paragraphs,
        button,
        closing: "Diese Mail kommt von",
    }
}

fn as_text(parts: &Parts, organisation: &str) -> String {
    let mut blocks = vec![parts.greeting.to_owned()];
    blocks.extend(parts.paragraphs.iter().take(1).cloned());
    if let Some((label, link)) = &parts.button {
        blocks.push(format!("{label}:\n{link}"));
    }
    blocks.extend(parts.paragraphs.iter().skip(1).cloned());
    blocks.push(format!("-- \n{} {organisation}", parts.closing));
    blocks.join("\n\n")
}

fn as_html(parts: &Parts, organisation: &str, locale: Locale) -> String {
    let language = match locale {
        Locale::English => "en",
        Locale::German => "de",
    };
    let paragraph = |text: &str| format!("<p style=\"margin:0 0 16px\">{}</p>\n", escaped(text));
    let mut body = paragraph(parts.greeting);
    body.extend(parts.paragraphs.iter().take(1).map(|text| paragraph(text)));
    if let Some((label, link)) = &parts.button {
        let style = "display:inline-block;padding:12px 20px;border-radius:8px;background:#2f5fd0;\
                     color:#ffffff;text-decoration:none;font-weight:600";
        body.push_str(&format!(
            "<p style=\"margin:24px 0\"><a href=\"{link}\" style=\"{style}\">{label}</a></p>\n\
             <p style=\"margin:0 0 16px;font-size:13px;color:#5b6270;word-break:break-all\">{link}</p>\n",
            link = escaped(link),
            label = escaped(label),
        ));
    }
    body.extend(parts.paragraphs.iter().skip(1).map(|text| paragraph(text)));
    format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
         <body style=\"margin:0;padding:24px;background:#f4f5f7\">\n\
         <div style=\"max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border-radius:12px;\
         font:16px/1.5 system-ui,sans-serif;color:#1b1f27\">\n{body}\
         <p style=\"margin:32px 0 0;font-size:13px;color:#5b6270\">{closing} {organisation}</p>\n\
         </div></body></html>\n",
        subject = escaped(&parts.subject),
        closing = escaped(parts.closing),
        organisation = escaped(organisation),
    )
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}

/// A header is one line: what follows a line end would be another header.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !sluice_domain::text::is_forbidden(*c)).collect()
}

#[cfg(test)]
mod tests {
    use sluice_domain::Redacted;

    use super::*;

    fn all() -> Vec<Message> {
        let link = || Redacted::new("https://tv.example.org/x#token=abc&d".to_owned());
        vec![
            Message::VerifyEmail { link: link(), hours: 24 },
            Message::ChangeEmail { link: link(), hours: 2 },
            Message::EmailChanged,
            Message::AlreadyRegistered,
            Message::ResetPassword { link: link(), minutes: 30 },
            Message::PasswordChanged,
            Message::Invite { link: link(), organisation: "Garden".to_owned(), days: 7 },
        ]
    }

    #[test]
    fn what_people_wrote_is_text_and_never_markup() {
        for message in all() {
            for locale in [Locale::English, Locale::German] {
                let evil = "<script>alert(1)</script>\r\nBcc: x@y.z";
                let written = write(&message, locale, evil);
                assert!(!written.html.contains("<script>"), "{}", written.html);
                assert!(!written.subject.contains(['\r', '\n']), "{:?}", written.subject);
            }
        }
    }

    #[test]
    fn every_mail_is_there_in_both_languages_with_its_link() {
        for message in all() {
            let english = write(&message, Locale::English, "Garden");
            let german = write(&message, Locale::German, "Garden");
            assert_ne!(english.subject, german.subject);
            for written in [&english, &german] {
                let has_link = written.text.contains("https://tv.example.org/x#token=abc&d");
                assert_eq!(
                    has_link,
                    written.html.contains("href=\"https://tv.example.org/x#token=abc&amp;d\"")
                );
                assert!(written.subject.contains("Garden") && written.text.contains("Garden"));
            }
            assert!(german.html.contains("lang=\"de\""));
        }
    }

    #[test]
    fn a_language_is_chosen_by_its_tag() {
        assert_eq!(Locale::of(Some("de-AT")), Locale::German);
        assert_eq!(Locale::of(Some("DE")), Locale::German);
        assert_eq!(Locale::of(Some("den")), Locale::English);
        assert_eq!(Locale::of(None), Locale::English);
    }
}
