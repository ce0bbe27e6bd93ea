//! The browser suites, one test a file of `browser/suites`.
//!
//! `cargo test -p sluice-e2e --test browsers -- --nocapture` shows what was measured.

use sluice_e2e::suite;

/// Built by cargo together with this test.
const PROXY: &str = env!("CARGO_BIN_EXE_sluice-udp-proxy");

#[test]
fn instruments_measure_themselves() -> anyhow::Result<()> {
    suite::run("instruments", PROXY)
}

#[test]
fn browsers_watch_what_browsers_publish() -> anyhow::Result<()> {
    suite::run("matrix", PROXY)
}

#[test]
fn browsers_watch_what_encoders_publish() -> anyhow::Result<()> {
    suite::run("encoders", PROXY)
}

#[test]
fn other_peoples_libraries_publish_and_play() -> anyhow::Result<()> {
    suite::run("libraries", PROXY)
}

#[test]
fn viewers_join_quickly() -> anyhow::Result<()> {
    suite::run("join", PROXY)
}

// Requirements: R383
#[test]
fn browsers_watch_over_tcp_and_across_a_nat_that_forgets() -> anyhow::Result<()> {
    suite::run("paths", PROXY)
}

#[test]
fn broadcasts_survive_what_goes_wrong() -> anyhow::Result<()> {
    suite::run("resilience", PROXY)
}

#[test]
fn viewers_cope_with_bad_networks() -> anyhow::Result<()> {
    suite::run("shaped-link", PROXY)
}

#[test]
fn viewers_watch_through_the_relay() -> anyhow::Result<()> {
    suite::run("relay", PROXY)
}

#[test]
fn people_go_live_in_the_studio_and_watch_in_the_player() -> anyhow::Result<()> {
    suite::run("product", PROXY)
}

#[test]
fn somebody_new_is_live_within_two_minutes() -> anyhow::Result<()> {
    suite::run("first-run", PROXY)
}

#[test]
fn everything_works_over_tls_while_the_certificate_changes() -> anyhow::Result<()> {
    suite::run("https", PROXY)
}

#[test]
fn people_use_their_accounts() -> anyhow::Result<()> {
    suite::run("accounts", PROXY)
}

#[test]
fn pages_are_accessible() -> anyhow::Result<()> {
    suite::run("accessibility", PROXY)
}

#[test]
fn people_check_their_connection_at_a_page() -> anyhow::Result<()> {
    suite::run("doctor-page", PROXY)
}

#[test]
fn people_and_bots_chat() -> anyhow::Result<()> {
    suite::run("chat", PROXY)
}

#[test]
fn broadcasts_are_played_by_hls_and_kept() -> anyhow::Result<()> {
    suite::run("recording", PROXY)
}

#[test]
fn browsers_get_their_echo() -> anyhow::Result<()> {
    suite::run("doctor", PROXY)
}
