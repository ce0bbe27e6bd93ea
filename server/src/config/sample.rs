//! The commented sample file, made from the structs.

use super::section::{KeyDoc, Section};
use super::{Apply, Config};

/// Column at which comments are wrapped.
const WIDTH: usize = 100;

/// `sluice.toml` with every key at its default and explained above it.
pub fn sample() -> String {
    let mut text = String::from(
        "# Sluice's configuration. Every key is here with its default and an explanation above it;\n\
         # a key that is left out has that default. Each can also be set in the environment, with two\n\
         # underscores between the parts: SLUICE__MEDIA__UDP_PORT=8189.\n\
         #\n\
         # `sluice config check` reads the file and says what is wrong with it. After a change, send\n\
         # the server SIGHUP: it applies the keys marked (reload) without touching a session and\n\
         # reports those that wait for a restart.\n\n",
    );
    let defaults = Config::default();
    explained(&mut text, None, &defaults.server);
    explained(&mut text, Some("http"), &defaults.http);
    explained(&mut text, Some("tls"), &defaults.tls);
    explained(&mut text, Some("media"), &defaults.media);
    explained(&mut text, Some("database"), &defaults.database);
    explained(&mut text, Some("smtp"), &defaults.smtp);
    explained(&mut text, Some("accounts"), &defaults.accounts);
    explained(&mut text, Some("recorder"), &defaults.recorder);
    explained(&mut text, Some("transcode"), &defaults.transcode);
    explained(&mut text, Some("turn"), &defaults.turn);
    explained(&mut text, Some("log"), &defaults.log);
    text.push_str(
        "# STUN and TURN servers that clients are told of. Repeat the block for each server. (reload)\n\
         # [[ice_servers]]\n\
         # stun:HOST[:PORT], turn:HOST[:PORT] or turns:HOST[:PORT].\n\
         # url = \"turn:turn.example.org:3478\"\n\
         # User name and password there; both or neither.\n\
         # username = \"sluice\"\n\
         # credential = \"0123456789abcdef\"\n",
    );
    text
}

/// The values of `config` without comments, secrets replaced.
pub(super) fn render(config: &Config) -> String {
    let mut text = values(&config.server);
    for (name, section) in [
        ("http", values(&config.http)),
        ("tls", values(&config.tls)),
        ("media", values(&config.media)),
        ("database", values(&config.database)),
        ("smtp", values(&config.smtp)),
        ("accounts", values(&config.accounts)),
        ("recorder", values(&config.recorder)),
        ("transcode", values(&config.transcode)),
        ("turn", values(&config.turn)),
        ("log", values(&config.log)),
    ] {
        text.push_str(&format!("\n[{name}]\n{section}"));
    }
    for server in &config.ice_servers {
        text.push_str(&format!("\n[[ice_servers]]\n{}", to_toml(server)));
    }
    text
}

fn values<S: Section>(section: &S) -> String {
    let table = toml::Table::try_from(section).expect("a section serialises to a table");
    S::KEYS.iter().filter_map(|key| line(&table, key)).collect()
}

fn to_toml<T: serde::Serialize>(value: &T) -> String {
    toml::to_string(value).expect("a block serialises to TOML")
}

fn explained<S: Section>(text: &mut String, name: Option<&str>, section: &S) {
    let table = toml::Table::try_from(section).expect("a section serialises to a table");
    if let Some(name) = name {
        text.push_str(&comment(S::DOC, None));
        text.push_str(&format!("[{name}]\n"));
    }
    for key in S::KEYS {
        text.push_str(&comment(key.doc, Some(key.apply)));
        match key.example {
            Some(example) => text.push_str(&format!("# {} = {example}\n", key.name)),
            None => text.push_str(&line(&table, key).expect("a key without an example has a default")),
        }
        text.push('\n');
    }
}

fn line(table: &toml::Table, key: &KeyDoc) -> Option<String> {
    table.get(key.name).map(|value| format!("{} = {value}\n", key.name))
}

fn comment(doc: &[&str], apply: Option<Apply>) -> String {
    let mut words: Vec<&str> = doc.iter().flat_map(|line| line.split_whitespace()).collect();
    if apply == Some(Apply::Reload) {
        words.push("(reload)");
    }
    let mut text = String::new();
    let mut line = String::from("#");
    for word in words {
        if line.len() + 1 + word.len() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text + &line + "\n"
}
