//! What is wrong with a configuration, said so that a person can mend it: unknown keys with the
//! nearest known one, and values that fit their type but not the world.

use std::fmt;
use std::time::Duration;

use super::section::Section;
use super::{
    Accounts, Config, Database, Http, Log, Media, Recorder, RecordingStore, Server, Smtp, Tls, Transcode,
    Turn,
};

/// One thing that is wrong, with where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File and line, or the name of the environment variable.
    pub place: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

const ICE_SERVER_KEYS: [&str; 3] = ["url", "username", "credential"];

const LOG_LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Every known key by its path, as in `media.udp_port` and `ice_servers.url`.
pub(super) fn known_keys() -> Vec<String> {
    fn of<S: Section>(prefix: &'static str) -> impl Iterator<Item = String> {
        S::KEYS.iter().map(move |key| format!("{prefix}{}", key.name))
    }
    let mut keys: Vec<String> = of::<Server>("")
        .chain(of::<Http>("http."))
        .chain(of::<Tls>("tls."))
        .chain(of::<Media>("media."))
        .chain(of::<Database>("database."))
        .chain(of::<Smtp>("smtp."))
        .chain(of::<Accounts>("accounts."))
        .chain(of::<Recorder>("recorder."))
        .chain(of::<Transcode>("transcode."))
        .chain(of::<Turn>("turn."))
        .chain(of::<Log>("log."))
        .collect();
    let sections = [
        "http",
        "tls",
        "media",
        "database",
        "smtp",
        "accounts",
        "recorder",
        "transcode",
        "turn",
        "log",
        "ice_servers",
    ];
    keys.extend(sections.map(str::to_owned));
    keys.extend(ICE_SERVER_KEYS.map(|key| format!("ice_servers.{key}")));
    keys
}

/// The sentence about a key that is not known, with the nearest one that is.
pub(super) fn unknown_key(path: &str) -> String {
    if path == "streams" {
        return "streams and their keys are not configured here any more: make them in the browser or with \
                `sluice stream create` (`--key-file` takes a key along)"
            .to_owned();
    }
    let known = known_keys();
    let distance = |key: &String| {
        // A key put into the wrong section is closer than its whole path says.
        let leaf = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        strsim::damerau_levenshtein(path, key).min(1 + strsim::damerau_levenshtein(&leaf(path), &leaf(key)))
    };
    let nearest =
        known.iter().min_by_key(|key| distance(key)).filter(|key| distance(key) <= 1 + path.len() / 2);
    match nearest {
        Some(nearest) => format!("unknown key `{path}`; did you mean `{nearest}`?"),
        None => format!("unknown key `{path}`; `sluice config sample` prints every key"),
    }
}

/// Values that have the right type and still cannot work.
pub(super) fn contradictions(config: &Config) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(url) = &config.server.public_url {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let host = rest.map(|rest| rest.trim_end_matches('/'));
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
            found.push((
                "public_url",
                format!("{url:?} must be http:// or https://, a host and nothing after it"),
            ));
        }
    }
    if config.media.playout_delay_min > config.media.playout_delay_max {
        found.push(("media.playout_delay_min", "is larger than media.playout_delay_max".to_owned()));
    }
    if config.media.egress_coalesce.0 > Duration::from_millis(2) {
        found.push(("media.egress_coalesce", "can be at most 2ms: it delays every packet".to_owned()));
    }
    let load = config.media.max_load;
    if load != 0.0 && !(0.05..=1.0).contains(&load) {
        found.push((
            "media.max_load",
            format!("{load} must be between 0.05 and 1, a part of a core's time; 0 turns it off"),
        ));
    }
    // The RTP header extension counts in steps of 10 ms in 12 bits.
    if config.media.playout_delay_max.0.as_millis() > 40_950 {
        found.push(("media.playout_delay_max", "can be at most 40950ms".to_owned()));
    }
    if config.media.workers > 256 {
        found.push(("media.workers", "more than 256 threads help nobody; 0 takes one a core".to_owned()));
    }
    if config.http.max_connections == 0 {
        found.push(("http.max_connections", "0 would answer nobody".to_owned()));
    }
    for part in config.log.level.split(',') {
        let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
        if !LOG_LEVELS.contains(&level) {
            found.push(("log.level", format!("{level:?} is none of {}", LOG_LEVELS.join(", "))));
        }
    }
    if config.http.requests_per_second > 0 && config.http.request_burst == 0 {
        found.push(("http.request_burst", "0 would refuse every request".to_owned()));
    }
    if config.smtp.host.is_some() && config.smtp.from.is_none() {
        found.push(("smtp.host", "needs `smtp.from`, the sender of the mails".to_owned()));
    }
    if let Some(url) = &config.database.url {
        let url = url.0.expose();
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            found.push((
                "database.url",
                "must be sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME".to_owned(),
            ));
        }
    }
    of_tls(&config.tls, &mut found);
    of_recorder(config, &mut found);
    of_turn(config, &mut found);
    let accounts = &config.accounts;
    for (key, period) in [
        ("accounts.session_idle", accounts.session_idle),
        ("accounts.session_length", accounts.session_length),
        ("accounts.moderator_session_idle", accounts.moderator_session_idle),
        ("accounts.moderator_session_length", accounts.moderator_session_length),
        ("accounts.admin_session_idle", accounts.admin_session_idle),
        ("accounts.admin_session_length", accounts.admin_session_length),
        ("accounts.access_token", accounts.access_token),
        ("accounts.playback_token", accounts.playback_token),
    ] {
        if period.0 < Duration::from_secs(60) {
            found.push((key, "less than a minute would sign people out while they read".to_owned()));
        }
    }
    if accounts.access_token.0 > Duration::from_secs(24 * 3600) {
        found.push(("accounts.access_token", "can be at most 1d: it is not asked about again".to_owned()));
    }
    found
}

fn of_tls(tls: &Tls, found: &mut Vec<(&'static str, String)>) {
    match (&tls.certificate, &tls.key) {
        (Some(_), None) => {
            found.push(("tls.certificate", "needs `tls.key`, the file with its key".to_owned()))
        }
        (None, Some(_)) => {
            found.push(("tls.key", "needs `tls.certificate`, the file it belongs to".to_owned()))
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    let sources = [tls.certificate.is_some(), tls.self_signed, !tls.acme_domains.is_empty()];
    if sources.into_iter().filter(|said| *said).count() > 1 {
        let text = "say one of `certificate`, `self_signed` and `acme_domains`: a name has one certificate";
        found.push(("tls", text.to_owned()));
    }
    for domain in &tls.acme_domains {
        let labels = domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        if domain.starts_with("*.") {
            let text = format!(
                "{domain:?} needs DNS-01, which Sluice does not do: name each host, or get the wildcard with \
                 another tool and give its files as `tls.certificate` and `tls.key`"
            );
            found.push(("tls.acme_domains", text));
        } else if !labels || !domain.contains('.') || domain.parse::<std::net::IpAddr>().is_ok() {
            found
                .push(("tls.acme_domains", format!("{domain:?} is no host name as in \"live.example.org\"")));
        }
    }
    if !tls.acme_directory.starts_with("https://") {
        found.push(("tls.acme_directory", "must begin with https://".to_owned()));
    }
}

fn of_recorder(config: &Config, found: &mut Vec<(&'static str, String)>) {
    let recorder = &config.recorder;
    if !(Duration::from_secs(1)..=Duration::from_secs(20)).contains(&recorder.segment.0) {
        found.push(("recorder.segment", "must be between 1s and 20s".to_owned()));
    }
    if recorder.part.0 < Duration::from_millis(100) || recorder.part.0 > recorder.segment.0 / 2 {
        found.push(("recorder.part", "must be at least 100ms, and at most half of `segment`".to_owned()));
    }
    if recorder.window.0 < recorder.segment.0 * 6 {
        found.push(("recorder.window", "must have room for six segments".to_owned()));
    }
    if recorder.thumbnails.0 > Duration::ZERO && recorder.thumbnails.0 < Duration::from_secs(2) {
        found.push(("recorder.thumbnails", "must be 0, or 2s at least: each costs an ffmpeg".to_owned()));
    }
    if recorder.store == RecordingStore::S3 {
        for (key, missing) in [
            ("recorder.s3_bucket", recorder.s3_bucket.is_none()),
            ("recorder.s3_access_key", recorder.s3_access_key.is_none()),
            ("recorder.s3_secret_key", recorder.s3_secret_key.is_none()),
        ] {
            if missing {
                found.push((key, "is needed, since `recorder.store` is \"s3\"".to_owned()));
            }
        }
    }
    if config.transcode.jobs == 0 {
        found.push(("transcode.jobs", "0 would make nothing; leave ffmpeg out instead".to_owned()));
    }
}

fn of_turn(config: &Config, found: &mut Vec<(&'static str, String)>) {
    let turn = &config.turn;
    if turn.realm.is_empty() || turn.realm.len() > 52 {
        found.push(("turn.realm", "must have 1 to 52 bytes: every challenge carries it".to_owned()));
    }
    if turn.min_port == 0 || turn.min_port > turn.max_port {
        found.push(("turn.min_port", "must not be 0, and at most `turn.max_port`".to_owned()));
    }
    if turn.credential_lifetime.0 < Duration::from_secs(60) {
        found.push(("turn.credential_lifetime", "less than a minute would run out on the way".to_owned()));
    }
    if turn.secret.as_ref().is_some_and(|secret| secret.0.expose().len() < 16) {
        found.push(("turn.secret", "must have 16 characters at least: it is guessed offline".to_owned()));
    }
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && !b",;\"\\<>".contains(&b));
    if turn.hosts.iter().any(|host| host.is_empty() || !plain(host) || host.contains('/')) {
        found.push(("turn.hosts", "must be host names or addresses".to_owned()));
    }
    let url = |url: &String| plain(url) && (url.starts_with("turn:") || url.starts_with("turns:"));
    if !turn.servers.iter().all(url) {
        found.push(("turn.servers", "must be turn:HOST[:PORT] or turns:HOST[:PORT]".to_owned()));
    }
}
