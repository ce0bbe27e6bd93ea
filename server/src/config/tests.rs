//! What the configuration promises: clear errors, a true sample, overrides, reloads.

use std::path::Path;

use super::*;

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_committed_sample_is_what_the_structs_generate() {
    let committed = include_str!("../../../deploy/sluice.toml");
    assert!(committed == sample(), "deploy/sluice.toml is out of date: run `cargo xtask config`");
}

// Requirements: R404
#[test]
fn the_configuration_of_the_packages_is_for_others_and_has_a_certificate() {
    let packaged = parse(include_str!("../../../deploy/systemd/sluice.toml")).unwrap();
    assert_eq!(packaged.server.profile, ProfileName::Prod);
    assert!(packaged.tls.is_on());
}

// Requirements: R403, R404
#[test]
fn the_environment_of_the_compose_files_is_valid_as_it_is_and_with_what_it_comments_out() {
    let file = include_str!("../../../deploy/compose/.env.example");
    let variables = |line: &str| -> Option<(String, String)> {
        let (name, value) = line.trim_start_matches("# ").split_once('=')?;
        name.starts_with("SLUICE__").then(|| (name.to_owned(), value.to_owned()))
    };
    let said: Vec<_> = file.lines().filter(|line| !line.starts_with('#')).filter_map(variables).collect();
    let config = load(None, &said).unwrap().config;
    assert!(config.tls.is_on() && config.server.profile == ProfileName::Prod);
    // Each of the others by itself: they are alternatives.
    let others: Vec<_> = file.lines().filter(|line| line.starts_with('#')).filter_map(variables).collect();
    assert!(others.len() >= 5, "{others:?}");
    for other in others {
        let mut said: Vec<_> =
            said.iter().filter(|(name, _)| !name.ends_with("SELF_SIGNED")).cloned().collect();
        said.push(other.clone());
        if other.0 == "SLUICE__TLS__CERTIFICATE" || other.0 == "SLUICE__TLS__KEY" {
            said.retain(|(name, _)| *name != other.0);
            said.push(("SLUICE__TLS__CERTIFICATE".to_owned(), "c.pem".to_owned()));
            said.push(("SLUICE__TLS__KEY".to_owned(), "k.pem".to_owned()));
        }
        assert!(load(None, &said).is_ok(), "{other:?}: {:?}", load(None, &said).err());
    }
}

#[test]
fn the_sample_says_the_defaults() {
    assert_eq!(parse(&sample()).unwrap(), Config::default());
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn what_the_sample_comments_out_is_valid_when_taken_in() {
    let text = sample()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            // A certificate has one source, and the sample shows them all.
            Some(rest) if rest.starts_with("acme_domains = ") => line,
            Some(rest) if rest.starts_with("[[") => rest,
            Some(rest)
                if rest
                    .split_once(" = ")
                    .is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')) =>
            {
                rest
            }
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n");
    let config = parse(&text).unwrap();
    assert_eq!(config.ice_servers[0].username.as_deref(), Some("sluice"));
    assert!(config.database.url.is_some() && config.smtp.host.is_some());
    assert!(config.server.public_url.is_some());
}

#[test]
fn an_unknown_key_is_refused_with_its_file_line_and_the_nearest_key() {
    assert_eq!(
        refused("listen = \"0.0.0.0:80\"\n\n[media]\nupd_port = 1\n"),
        "sluice.toml:4: unknown key `media.upd_port`; did you mean `media.udp_port`?"
    );
    assert_eq!(
        refused("udp_port = 1"),
        "sluice.toml:1: unknown key `udp_port`; did you mean `media.udp_port`?"
    );
    assert_eq!(
        refused("[[ice_servers]]\nurl = \"stun:a\"\nusernam = \"x\"\n"),
        "sluice.toml:3: unknown key `ice_servers.usernam`; did you mean `ice_servers.username`?"
    );
    assert!(refused("[zzzzzzzzzzzz]\na = 1").contains("`sluice config sample` prints every key"));
}

#[test]
fn a_file_that_still_has_streams_says_where_they_are_made_now() {
    let text = refused("[[streams]]\nname = \"garden\"\nkeys = [\"0123456789abcdef\"]\n");
    assert!(text.starts_with("sluice.toml:1: ") && text.contains("`sluice stream create`"), "{text}");
    assert!(!text.contains("0123456789abcdef") && text.lines().count() == 1, "{text}");
}

#[test]
fn every_unknown_key_is_named_not_only_the_first() {
    let text = refused("lisen = \"x\"\n[medai]\nudp_port = 1\n[log]\nlevle = \"info\"\n");
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn an_unknown_key_in_the_environment_is_refused_by_its_variable() {
    let error = load(None, &env(&[("SLUICE__MEDIA__UDP_PROT", "1"), ("SLUICE_OTHER", "1"), ("PATH", "x")]));
    assert_eq!(
        error.unwrap_err().to_string(),
        "environment variable SLUICE__MEDIA__UDP_PROT: unknown key `media.udp_prot`; did you mean `media.udp_port`?"
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_place() {
    let text = refused("[media]\nudp_port = \"many\"");
    assert!(text.starts_with("sluice.toml:2: `media.udp_port`: "), "{text}");
    let text = refused("listen = 5");
    assert!(text.starts_with("sluice.toml:1: `listen`: "), "{text}");
    let text = refused("drain_timeout = \"soon\"");
    assert!(text.contains("`drain_timeout`") && text.contains("\"10s\""), "{text}");
    let text = refused("[[ice_servers]]\nurl = 7");
    assert!(text.starts_with("sluice.toml:2: `ice_servers.url`: "), "{text}");
    let text = refused("[smtp]\ntls = \"perhaps\"");
    assert!(text.starts_with("sluice.toml:2: `smtp.tls`: "), "{text}");
    let text = refused("[media]\nice = \"heavy\"");
    assert!(text.contains("sluice.toml:2: `media.ice`"), "{text}");
    let text = refused("media = 3");
    assert!(text.contains("`media`"), "{text}");
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line() {
    let text = refused("listen = \"0.0.0.0:80\"\n[media\n");
    assert!(text.starts_with("sluice.toml:2: "), "{text}");
}

// Requirements: R404, R411
#[test]
fn the_environment_overrides_the_file() {
    let file = "[media]\nudp_port = 1\ngap = \"3s\"\n";
    let loaded = load(
        Some((Path::new("x.toml"), file)),
        &env(&[
            ("SLUICE__MEDIA__UDP_PORT", "0"),
            ("SLUICE__LISTEN", "127.0.0.1:0"),
            ("SLUICE__MEDIA__PUBLIC_ADDRESSES", "[\"203.0.113.7\"]"),
            ("SLUICE__LOG__LEVEL", "debug"),
            ("SLUICE__ICE_SERVERS", "[{url=\"stun:a\"}]"),
            ("SLUICE__DATABASE__URL", "postgres://sluice@localhost/sluice"),
        ]),
    )
    .unwrap();
    assert_eq!(loaded.config.media.udp_port, 0);
    assert_eq!(String::from(loaded.config.media.gap), "3s");
    assert_eq!(loaded.config.server.listen.to_string(), "127.0.0.1:0");
    assert_eq!(loaded.config.media.public_addresses.len(), 1);
    assert_eq!(loaded.config.log.level, "debug");
    assert_eq!(loaded.config.ice_servers.len(), 1);
    assert!(loaded.config.database.url.is_some());
}

#[test]
fn a_wrong_value_in_the_environment_names_the_variable() {
    let error = load(None, &env(&[("SLUICE__MEDIA__UDP_PORT", "70000")])).unwrap_err().to_string();
    assert!(error.starts_with("environment variable SLUICE__MEDIA__UDP_PORT: `media.udp_port`"), "{error}");
}

#[test]
fn contradictions_are_refused() {
    for (text, part) in [
        ("public_url = \"live.example.org\"", "public_url"),
        ("public_url = \"https://live.example.org/path\"", "public_url"),
        ("[media]\nplayout_delay_min = \"2s\"", "playout_delay_min"),
        ("[log]\nlevel = \"loud,,=\"", "log.level"),
        ("[database]\nurl = \"mysql://user:hunter2@host/db\"", "sqlite:PATH"),
        ("[smtp]\nhost = \"mail.example.org\"\npassword = \"hunter2\"", "smtp.from"),
        ("[accounts]\nadmin_session_idle = \"1s\"", "admin_session_idle"),
        ("[accounts]\naccess_token = \"30d\"", "access_token"),
        ("[tls]\ncertificate = \"a.pem\"", "tls.key"),
        ("[tls]\nkey = \"a.pem\"", "tls.certificate"),
        ("[tls]\nself_signed = true\nacme_domains = [\"tv.example\"]", "one of"),
        ("[tls]\nacme_domains = [\"*.tv.example\"]", "DNS-01"),
        ("[tls]\nacme_domains = [\"192.0.2.1\"]", "no host name"),
        ("[tls]\nacme_domains = [\"https://tv.example\"]", "no host name"),
        ("[tls]\nacme_directory = \"http://ca.example\"", "https://"),
    ] {
        let error = refused(text);
        assert!(error.contains(part), "{text}: {error}");
        assert!(!error.contains("hunter2"), "a secret is shown: {error}");
    }
}

#[test]
fn what_is_printed_reads_back_and_shows_no_key_when_redacted() {
    let text = "[media]\ngap = \"3s\"\n[[ice_servers]]\nurl = \"turn:a\"\nusername = \"u\"\ncredential = \"hunter2\"\n[smtp]\nhost = \"a\"\nfrom = \"a@b.c\"\npassword = \"hunter2\"\n[database]\nurl = \"postgres://u:hunter2@h/d\"\n";
    let loaded = load(Some((Path::new("x.toml"), text)), &[]).unwrap();
    let redacted = loaded.config.to_redacted_toml();
    assert!(!redacted.contains("hunter2"), "{redacted}");
    let readable = redacted.replace("url = \"[redacted]\"", "");
    assert_eq!(parse(&readable).unwrap().media, loaded.config.media);
    let whole = loaded.to_toml_with_secrets().unwrap();
    assert_eq!(parse(&whole).unwrap(), loaded.config, "{whole}");
}

#[test]
fn a_reload_takes_what_it_can_and_reports_the_rest() {
    let old = Config::default();
    let new = parse(
        "drain_timeout = \"3s\"\nlisten = \"127.0.0.1:1\"\n[media]\nudp_port = 9\n[accounts]\nsessions = 4\n[[ice_servers]]\nurl = \"stun:a\"\n",
    )
    .unwrap();
    let changes = old.changes(&new);
    let keys =
        |apply| changes.iter().filter(|c| c.apply == apply).map(|c| c.key.as_str()).collect::<Vec<_>>();
    assert_eq!(keys(Apply::Reload), ["drain_timeout", "ice_servers"]);
    assert_eq!(keys(Apply::Restart), ["listen", "media.udp_port", "accounts.sessions"]);
    let merged = old.reloaded(&new);
    assert_eq!(merged.server.drain_timeout, new.server.drain_timeout);
    assert_eq!(merged.media.udp_port, old.media.udp_port);
    assert_eq!(merged.server.listen, old.server.listen);
    assert_eq!(merged.ice_servers, new.ice_servers);
}

#[test]
fn every_value_keeps_its_kind_whatever_bytes_come() {
    for text in [
        "\0",
        "=",
        "[[ice_servers]]",
        "ice_servers = 1",
        "ice_servers = [1]",
        "[http.x.y.z]",
        "a.b.c = {}",
        "[[media]]",
    ] {
        let _ = parse(text);
    }
}

#[test]
fn the_rate_limits_of_the_api_follow_one_key_and_a_reload_applies_it() {
    let limited = parse("[http]\napi_requests_per_minute = 30").unwrap();
    let limits = crate::wiring::api_limits(&limited);
    assert_eq!((limits.address.get(), limits.account.get(), limits.sign_in.get()), (30, 15, 3));
    // So few that a tenth of them is less than one: somebody must still be able to sign in.
    let few = crate::wiring::api_limits(&parse("[http]\napi_requests_per_minute = 1").unwrap());
    assert_eq!((few.address.get(), few.account.get(), few.sign_in.get()), (1, 1, 1));
    let off = crate::wiring::api_limits(&parse("[http]\napi_requests_per_minute = 0").unwrap());
    assert_eq!((off.address.get(), off.account.get(), off.sign_in.get()), (u32::MAX, u32::MAX, u32::MAX));
    assert_eq!(crate::wiring::api_limits(&Config::default()), sluice_api::RateLimits::default());
    let reloaded = Config::default().reloaded(&limited);
    assert_eq!(reloaded.http.api_requests_per_minute, 30);
}

// Requirements: R410, R411
#[test]
fn a_profile_changes_defaults_and_what_is_said_wins() {
    let prod = parse("profile = \"prod\"").unwrap();
    assert_eq!(prod, Config::of(ProfileName::Prod));
    assert_eq!((prod.http.plain, prod.log.format), (PlainHttp::Loopback, LogFormat::Json));
    assert_ne!(parse("profile = \"staging\"").unwrap().http.hsts, prod.http.hsts);
    let said = "profile = \"prod\"\n[http]\nplain = \"serve\"\n[log]\nformat = \"text\"";
    let said = parse(said).unwrap();
    assert_eq!((said.http.plain, said.log.format), (PlainHttp::Serve, LogFormat::Text));
    let file = Some((Path::new("x.toml"), "profile = \"prod\""));
    let staged = load(file, &env(&[("SLUICE__PROFILE", "staging")])).unwrap();
    assert_eq!(staged.config, Config::of(ProfileName::Staging));
    assert!(staged.to_toml_with_secrets().unwrap().contains("profile = \"staging\""));
    assert!(staged.config.to_redacted_toml().contains("plain = \"loopback\""));
    assert!(refused("profile = \"production\"").starts_with("sluice.toml:1: `profile`: "));
}
