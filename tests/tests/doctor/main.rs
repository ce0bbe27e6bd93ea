//! `sluice doctor` against the real server, as it is and with something broken in between.

mod front;

use std::net::TcpListener as StdListener;

use anyhow::{Context, ensure};
use front::{Broken, Front};
use serde_json::Value;
use sluice_e2e::server::{self, Place, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Media on one address alone, so that no other reaches it.
const ONE_ADDRESS: &str = "listen = [\"127.0.0.1\"]";

/// What `sluice doctor` said.
struct Said {
    status: i32,
    text: String,
}

impl Said {
    fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.text).with_context(|| self.text.clone())
    }

    fn codes(&self) -> anyhow::Result<Vec<String>> {
        let findings = self.json()?["diagnosis"]["findings"].as_array().cloned().unwrap_or_default();
        Ok(findings.iter().map(|found| found["code"].as_str().unwrap_or_default().to_owned()).collect())
    }

    fn way(&self) -> anyhow::Result<String> {
        Ok(self.json()?["diagnosis"]["way"].as_str().unwrap_or_default().to_owned())
    }
}

async fn doctor(arguments: &[&str]) -> anyhow::Result<Said> {
    let arguments: Vec<String> =
        std::iter::once("doctor").chain(arguments.iter().copied()).map(str::to_owned).collect();
    let ran = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        server::run(&arguments)
    });
    let (status, text) = ran.await.context("the doctor panicked")??;
    Ok(Said { status: status.code().unwrap_or(-1), text })
}

/// The only findings are these, and the doctor ends as it should.
fn expect(said: &Said, way: &str, codes: &[&str]) -> anyhow::Result<()> {
    ensure!(said.codes()? == codes && said.way()? == way, "not {way} {codes:?}:\n{}", said.text);
    let status = i32::from(!codes.is_empty());
    ensure!(said.status == status, "it ended with {}", said.status);
    Ok(())
}

// Requirements: R131, R378
#[tokio::test]
async fn a_good_server_is_found_to_be_good_and_everything_is_measured() -> anyhow::Result<()> {
    // What is measured takes as long as most servers of tests wait for somebody to connect.
    let server = Server::start_at(&Place::patient(), tempfile::tempdir()?, "", "", &[]).await?;
    let said = doctor(&[&server.url("/watch/anything"), "--json"]).await?;
    expect(&said, "udp", &[])?;
    let facts = &said.json()?["facts"];
    ensure!(facts["http"]["round_trip_ms"].as_f64().is_some_and(|ms| ms < 1000.0), "{facts}");
    ensure!(facts["websocket"]["outcome"] == "works", "{facts}");
    ensure!(facts["clock_offset_ms"].as_f64().is_some_and(|ms| ms.abs() < 1000.0), "{facts}");
    ensure!(facts["quality"]["sent"] == 100 && facts["quality"]["received"].as_u64() > Some(95), "{facts}");
    ensure!(facts["sizes"]["largest_answered"] == 1200, "{facts}");
    ensure!(facts["nat"] == "absent", "{facts}");
    for rate in ["down_bps", "up_bps"] {
        ensure!(facts["rates"][rate].as_f64().is_some_and(|bps| bps > 1e6), "{rate}: {facts}");
    }
    let words = doctor(&[&server.url("/"), "--quick"]).await?;
    ensure!(words.status == 0 && words.text.contains("Nothing is wrong."), "{}", words.text);
    Ok(())
}

#[tokio::test]
async fn a_server_that_announces_an_address_that_nobody_reaches_is_found_out() -> anyhow::Result<()> {
    let server = Server::start(ONE_ADDRESS).await?;
    let front = Front::start(&server, Broken::Address).await?;
    let said = doctor(&[&front.url("http"), "--json", "--quick"]).await?;
    expect(&said, "http", &["media_blocked"])?;
    let words = doctor(&[&front.url("http"), "--quick"]).await?;
    ensure!(words.text.lines().all(|line| line.chars().count() <= 80), "{}", words.text);
    for part in ["error: No live picture gets through (media_blocked)", "  why  ", "  fix  "] {
        ensure!(words.text.contains(part), "{part:?} is not in\n{}", words.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_proxy_without_websockets_is_found_out() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let front = Front::start(&server, Broken::WebSocket).await?;
    let said = doctor(&[&front.url("http"), "--json", "--quick"]).await?;
    expect(&said, "udp", &["websocket_blocked"])?;
    ensure!(said.json()?["facts"]["websocket"]["status"] == 426, "{}", said.text);
    Ok(())
}

// Requirements: R378
#[tokio::test]
async fn a_bad_certificate_is_found_out_and_hides_nothing_else() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    for (broken, code) in [
        (Broken::Expired, "certificate_expired"),
        (Broken::Tomorrow, "certificate_not_yet_valid"),
        (Broken::SelfSigned, "certificate_self_signed"),
        (Broken::UnknownIssuer, "certificate_unknown_issuer"),
    ] {
        let front = Front::start(&server, broken).await?;
        let said = doctor(&[&front.url("https"), "--json", "--quick"]).await?;
        expect(&said, "udp", &[code])?;
        let facts = &said.json()?["facts"];
        ensure!(facts["tls"]["version"] == "TLSv1.3", "{facts}");
        ensure!(facts["tls"]["certificate"]["names"][0] == "localhost", "{facts}");
        ensure!(facts["websocket"]["outcome"] == "works", "{facts}");
    }
    Ok(())
}

#[tokio::test]
async fn names_ports_and_programs_that_are_none_of_ours_are_told_apart() -> anyhow::Result<()> {
    let unknown = doctor(&["http://nowhere.invalid", "--json"]).await?;
    expect(&unknown, "nothing", &["name_unknown"])?;
    let port = StdListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let refused = doctor(&[&format!("http://127.0.0.1:{port}"), "--json"]).await?;
    expect(&refused, "nothing", &["server_unreachable"])?;
    let stranger = TcpListener::bind("127.0.0.1:0").await?;
    let address = stranger.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = stranger.accept().await {
            let mut request = [0; 1024];
            let _read = stream.read(&mut request).await;
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-length: 19\r\nconnection: close\r\n\r\n<p>Please sign in.\n";
            let _written = stream.write_all(answer.as_bytes()).await;
        }
    });
    let strange = doctor(&[&format!("http://{address}"), "--json"]).await?;
    expect(&strange, "nothing", &["not_sluice"])
}

#[tokio::test]
async fn what_the_doctor_cannot_do_ends_with_two() -> anyhow::Result<()> {
    for arguments in [&["ftp://live.example.org"][..], &["--config", "/nowhere/sluice.toml"]] {
        let said = doctor(arguments).await?;
        ensure!(
            said.status == 2 && said.text.starts_with("sluice doctor: "),
            "{}: {}",
            said.status,
            said.text
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_machine_of_a_server_is_looked_at() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let taken = StdListener::bind("127.0.0.1:0")?;
    let config = folder.path().join("sluice.toml");
    let text = format!(
        "listen = \"{}\"\ninternal_listen = \"127.0.0.1:0\"\ndata_dir = {:?}\n[media]\nudp_port = 0\n\
         public_addresses = [\"203.0.113.7\"]\n[transcode]\nffmpeg = \"/nowhere/ffmpeg\"\n",
        taken.local_addr()?,
        folder.path()
    );
    std::fs::write(&config, text)?;
    let config = config.to_string_lossy().into_owned();
    let said = doctor(&["--config", &config, "--json"]).await?;
    let codes = said.codes()?;
    for code in ["port_taken", "ffmpeg_missing"] {
        ensure!(codes.iter().any(|found| found == code), "{code} is not in {codes:?}");
    }
    ensure!(!codes.iter().any(|found| found == "no_public_address"), "{codes:?}");
    ensure!(said.status == 1 && said.way()? == "unknown", "{}", said.text);
    let words = doctor(&["--config", &config]).await?;
    ensure!(words.text.lines().all(|line| line.chars().count() <= 80), "{}", words.text);
    Ok(())
}
