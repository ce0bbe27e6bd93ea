//! Bad input: each gets the right clear answer, the server goes on, and the metrics count it.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::StatusCode;
use sluice_e2e::datagram::{binding_request_with_wrong_credentials, garbage, is_binding_success};
use sluice_e2e::http::{WHEP_OFFER, WHIP_OFFER, post, post_offer, problem, session};
use sluice_e2e::server::{self, KEY, OTHER_KEY, STREAM, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SHORTLY: Duration = Duration::from_secs(5);

fn whip(server: &Server) -> String {
    server.url(&format!("/whip/{STREAM}"))
}

fn whep(server: &Server) -> String {
    server.url(&format!("/whep/{STREAM}"))
}

/// The server still answers a good offer with a session.
async fn goes_on(server: &Server) -> anyhow::Result<()> {
    let answered = session(post_offer(&whip(server), Some(KEY), WHIP_OFFER).await?).await?;
    let status = reqwest::Client::new().delete(&answered.location).bearer_auth(KEY).send().await?.status();
    ensure!(status == StatusCode::OK, "DELETE answered {status}");
    Ok(())
}

/// Posts and expects a problem with that status and code, which the metrics then count.
async fn expect_problem(
    server: &Server,
    response: reqwest::Response,
    status: u16,
    code: &str,
) -> anyhow::Result<()> {
    let problem = problem(response).await?;
    ensure!((problem.status, problem.code.as_str()) == (status, code), "{problem:?}, not {status} {code}");
    let label = format!("status=\"{status}\"");
    let metrics =
        server.metrics_until(SHORTLY, |metrics| metrics.sum("http_requests_total", &[&label]) >= 1.0).await?;
    ensure!(metrics.sum("http_requests_total", &[&label]) >= 1.0, "not counted:\n{}", metrics.text());
    Ok(())
}

#[tokio::test]
async fn bad_offers_get_a_problem_with_a_stable_code() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let (whip, whep) = (whip(&server), whep(&server));
    let malformed = post_offer(&whip, Some(KEY), "v=0\r\nthis is no SDP").await?;
    expect_problem(&server, malformed, 400, "malformed_sdp").await?;
    let empty = post_offer(&whip, Some(KEY), "").await?;
    expect_problem(&server, empty, 400, "malformed_sdp").await?;
    let huge = post_offer(&whip, Some(KEY), &"a".repeat(1 << 20)).await?;
    expect_problem(&server, huge, 413, "body_too_large").await?;
    let json = post(&whip, Some(KEY), "application/json", "{}".to_owned()).await?;
    expect_problem(&server, json, 415, "unsupported_content_type").await?;
    let offer = WHIP_OFFER.replace("H264/90000", "H261/90000");
    let foreign = ["VP8", "VP9", "AV1", "H264", "H265"]
        .iter()
        .fold(offer, |offer, codec| offer.replace(&format!("{codec}/90000"), "NONE/90000"));
    let no_codec = post_offer(&whip, Some(KEY), &foreign).await?;
    expect_problem(&server, no_codec, 422, "no_common_codec").await?;
    let backwards = post_offer(&whip, Some(KEY), WHEP_OFFER).await?;
    expect_problem(&server, backwards, 422, "unsupported_tracks").await?;
    let not_live = post_offer(&whep, None, WHEP_OFFER).await?;
    ensure!(not_live.headers().contains_key("retry-after"), "a 409 says when to come back (E6)");
    expect_problem(&server, not_live, 409, "not_live").await?;
    goes_on(&server).await
}

#[tokio::test]
async fn wrong_names_and_keys_are_refused_without_saying_more_than_needed() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let unknown = post_offer(&server.url("/whep/no-such-stream"), None, WHEP_OFFER).await?;
    expect_problem(&server, unknown, 404, "unknown_stream").await?;
    let missing = post_offer(&whip(&server), None, WHIP_OFFER).await?;
    let challenge = missing.headers().get("www-authenticate").cloned();
    ensure!(challenge.is_some_and(|value| value.as_bytes().starts_with(b"Bearer")), "a 401 names Bearer");
    expect_problem(&server, missing, 401, "unauthorized").await?;
    for key in ["wrong", OTHER_KEY] {
        let response = post_offer(&whip(&server), Some(key), WHIP_OFFER).await?;
        let status = response.status().as_u16();
        ensure!(status == 401 || status == 403, "a wrong key got {status}");
        let code = problem(response).await?.code;
        ensure!(code == "forbidden" || code == "unauthorized", "a wrong key got {code}");
    }
    ensure!(!server.log().contains(OTHER_KEY) && !server.log().contains(KEY), "a key is in the log");
    goes_on(&server).await
}

#[tokio::test]
async fn a_second_publisher_takes_over_with_the_same_key_and_is_refused_with_another() -> anyhow::Result<()> {
    let server = Server::start_with_streams("", &[(STREAM, &[KEY, OTHER_KEY])]).await?;
    let first = session(post_offer(&whip(&server), Some(KEY), WHIP_OFFER).await?).await?;
    let stranger = post_offer(&whip(&server), Some(OTHER_KEY), WHIP_OFFER).await?;
    expect_problem(&server, stranger, 409, "already_live").await?;
    let second = session(post_offer(&whip(&server), Some(KEY), WHIP_OFFER).await?).await?;
    ensure!(first.location != second.location, "each session has its own URL");
    Ok(())
}

#[tokio::test]
async fn garbage_datagrams_are_dropped_and_counted() -> anyhow::Result<()> {
    const DATAGRAMS: usize = 2000;
    let server = Server::start("").await?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    for (index, datagram) in garbage(7, DATAGRAMS).iter().enumerate() {
        socket.send_to(datagram, server.udp()?)?;
        if index % 100 == 99 {
            // The socket buffer is finite; the point is what is read, not what the kernel drops.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let dropped = |metrics: &sluice_e2e::metrics::Metrics| metrics.sum("sluice_sfu_dropped_total", &[]);
    let enough = DATAGRAMS as f64 * 0.9;
    let metrics = server.metrics_until(SHORTLY, |metrics| dropped(metrics) >= enough).await?;
    ensure!(dropped(&metrics) >= enough, "{} of {DATAGRAMS} were counted", dropped(&metrics));
    goes_on(&server).await
}

#[tokio::test]
async fn stun_with_wrong_credentials_is_never_answered_with_success() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let answered = session(post_offer(&whip(&server), Some(KEY), WHIP_OFFER).await?).await?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(300)))?;
    let peer_ufrag = WHIP_OFFER.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap_or("x");
    let known = format!("{}:{}", answered.ufrag(), peer_ufrag.trim_end());
    let mut buffer = [0; 1500];
    for username in [known.as_str(), "nobody:nobody"] {
        for _ in 0..10 {
            socket.send_to(&binding_request_with_wrong_credentials(username), server.udp()?)?;
        }
        while let Ok((length, _)) = socket.recv_from(&mut buffer) {
            ensure!(!is_binding_success(&buffer[..length]), "a binding with a wrong password succeeded");
        }
    }
    for reason in ["bad_integrity", "unknown_user"] {
        let label = format!("reason=\"{reason}\"");
        let count =
            |metrics: &sluice_e2e::metrics::Metrics| metrics.sum("sluice_sfu_dropped_total", &[&label]);
        let metrics = server.metrics_until(SHORTLY, |metrics| count(metrics) >= 10.0).await?;
        ensure!(count(&metrics) >= 10.0, "{reason}: {}", count(&metrics));
    }
    goes_on(&server).await
}

#[tokio::test]
async fn a_session_that_never_connects_is_forgotten() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let answered = session(post_offer(&whip(&server), Some(KEY), WHIP_OFFER).await?).await?;
    let status = reqwest::get(&answered.location).await?.status();
    ensure!(status == StatusCode::NO_CONTENT, "GET on a session answered {status}");
    let posted = Instant::now();
    loop {
        let status = reqwest::get(&answered.location).await?.status();
        if status == StatusCode::NOT_FOUND {
            break;
        }
        ensure!(posted.elapsed() < Duration::from_secs(10), "still there, {status}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    goes_on(&server).await
}

#[tokio::test]
async fn half_open_connections_are_closed_and_hold_nobody_up() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let address = server.url("").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut silent = Vec::new();
    for head in ["", "POST /whip/e2e HTTP/1.1\r\nHost: x\r\n", "GET / HT"] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(&address).await?;
            stream.write_all(head.as_bytes()).await?;
            silent.push(stream);
        }
    }
    let asked = Instant::now();
    goes_on(&server).await?;
    ensure!(asked.elapsed() < Duration::from_secs(2), "others wait: {:?}", asked.elapsed());
    for mut stream in silent {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
        // A reset is as good an end as a clean one.
        let _ended = closed.context("a silent connection is still open after five header timeouts")?;
    }
    goes_on(&server).await
}

#[tokio::test]
async fn a_configuration_with_an_unknown_key_is_refused_by_its_name() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sluice.toml");
    std::fs::write(&path, "[media]\nudp_prot = 8189\n")?;
    let path = path.to_str().context("a path that is not UTF-8")?;
    for arguments in [["serve", "--config", path].as_slice(), &["config", "check", "--config", path]] {
        let (status, text) = server::run(arguments)?;
        ensure!(!status.success(), "{arguments:?} accepted an unknown key");
        ensure!(text.contains("udp_prot"), "{arguments:?} does not name the key:\n{text}");
        ensure!(text.contains("udp_port"), "{arguments:?} does not suggest the right key:\n{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_configuration_on_reload_keeps_the_good_one() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    server.rewrite_configuration("no_such_key = 1")?;
    server.signal(rustix::process::Signal::HUP)?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    goes_on(&server).await
}
