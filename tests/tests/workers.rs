//! Several media threads: viewers on all of them, datagrams that land on the wrong one.

use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;
use sluice_e2e::datagram::binding_request_with_wrong_credentials;
use sluice_e2e::server::{KEY, Place, STREAM, Server};
use sluice_e2e::tool::{load_tool, publish};

const SHORTLY: Duration = Duration::from_secs(5);

#[tokio::test]
async fn datagrams_on_the_wrong_worker_are_counted_and_handed_to_their_owner() -> anyhow::Result<()> {
    use sluice_e2e::http::{WHEP_OFFER, WHIP_OFFER, post_offer, session};
    // Nobody here ever connects; they are to be there until everything was counted.
    let server =
        Server::start_at(&Place::patient(), tempfile::tempdir()?, "workers = 2", "", &[(STREAM, &[KEY])])
            .await?;
    let to = server.udp()?;
    post_offer(&server.url(&format!("/whip/{STREAM}")), Some(KEY), WHIP_OFFER).await?.error_for_status()?;
    // Viewers take turns between the workers; the first letter of a user name names the worker.
    let mut owners = [None, None];
    for _ in 0..8 {
        let viewer = post_offer(&server.url(&format!("/whep/{STREAM}")), None, WHEP_OFFER).await?;
        let name = session(viewer).await?.ufrag().to_owned();
        let worker = usize::from(name.starts_with('B'));
        owners[worker].get_or_insert(name);
    }
    let owners: Vec<String> = owners.into_iter().flatten().collect();
    ensure!(owners.len() == 2, "all viewers are on one worker: {owners:?}");
    // Each socket is another 4-tuple, which the kernel puts onto either worker; each names both owners, and
    // two more that nobody made.
    for _ in 0..40 {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let invented = ["Anobody123456".to_owned(), "Bnobody123456".to_owned()];
        for owner in owners.iter().chain(&invented) {
            socket.send_to(&binding_request_with_wrong_credentials(&format!("{owner}:peer")), to)?;
        }
    }
    let dropped = |metrics: &sluice_e2e::metrics::Metrics, labels: &[&str]| {
        metrics.sum("sluice_sfu_dropped_total", labels)
    };
    let bad = "reason=\"bad_integrity\"";
    let unknown = "reason=\"unknown_user\"";
    let all = |metrics: &_| dropped(metrics, &[bad]) >= 80.0 && dropped(metrics, &[unknown]) >= 80.0;
    let metrics = server.metrics_until(SHORTLY, all).await?;
    // Every datagram reached the shard that its user name names, once.
    ensure!(dropped(&metrics, &[bad]) == 80.0, "{}", metrics.text());
    ensure!(dropped(&metrics, &[unknown]) == 80.0, "{}", metrics.text());
    for worker in ["worker=\"0\"", "worker=\"1\""] {
        let owned = dropped(&metrics, &[bad, worker]);
        ensure!(owned == 40.0, "{worker} got {owned}");
    }
    // Of the two for somebody, one lands on the wrong worker, wherever the kernel puts them; those for nobody
    // are handed to nobody.
    let handed = metrics.sum("sluice_sfu_strays_total", &["outcome=\"handed\""]);
    ensure!(handed == 40.0, "{handed} were handed over");
    Ok(())
}

#[tokio::test]
async fn viewers_on_two_workers_see_every_frame() -> anyhow::Result<()> {
    let server = Server::start("workers = 2").await?;
    let publisher = publish(&server, &["--duration", "20s"])?;
    let mut watch = Command::new(load_tool()?);
    watch.args(["watch", "--quiet", "-n", "20", "--stagger", "20ms", "--duration", "6s", "--json", "-"]);
    watch.args(["--token", KEY, "--whep"]).arg(server.url(&format!("/whep/{STREAM}")));
    let watching = tokio::task::spawn_blocking(move || watch.output());
    let balanced = |metrics: &sluice_e2e::metrics::Metrics| {
        let on = |worker| metrics.sum("sluice_sfu_viewers", &[worker]);
        (on("worker=\"0\""), on("worker=\"1\"")) == (10.0, 10.0)
    };
    let metrics = server.metrics_until(SHORTLY * 2, balanced).await?;
    ensure!(balanced(&metrics), "{}", metrics.text());
    let output = watching.await??;
    drop(publisher);
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metrics = server.metrics().await?;
    ensure!(metrics.sum("sluice_sfu_relay_in_total", &[]) > 500.0, "{}", metrics.text());
    ensure!(metrics.sum("sluice_sfu_relay_refused_total", &[]) == 0.0, "{}", metrics.text());
    let result: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let text = result.to_string();
    let total = |name: &str| sum(&result, name);
    ensure!(total("frames") > 20.0 * 120.0, "{text}");
    ensure!(total("sequence_violations") == 0.0 && total("picture_id_breaks") == 0.0, "{text}");
    Ok(())
}

#[tokio::test]
async fn a_full_server_answers_503_with_when_to_come_back() -> anyhow::Result<()> {
    use sluice_e2e::http::{WHEP_OFFER, WHIP_OFFER, post_offer, problem};
    let server = Server::start("workers = 2\nmax_viewers = 2").await?;
    let publisher = post_offer(&server.url(&format!("/whip/{STREAM}")), Some(KEY), WHIP_OFFER).await?;
    ensure!(publisher.status().is_success(), "{publisher:?}");
    let whep = server.url(&format!("/whep/{STREAM}"));
    for _ in 0..2 {
        let viewer = post_offer(&whep, None, WHEP_OFFER).await?;
        ensure!(viewer.status().is_success(), "{viewer:?}");
    }
    let refused = post_offer(&whep, None, WHEP_OFFER).await?;
    ensure!(refused.headers().contains_key("retry-after"), "{refused:?}");
    let problem = problem(refused).await?;
    ensure!((problem.status, problem.code.as_str()) == (503, "overloaded"), "{problem:?}");
    Ok(())
}

/// The sum of a number wherever it stands in a report.
fn sum(value: &serde_json::Value, name: &str) -> f64 {
    match value {
        serde_json::Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| if key == name { value.as_f64().unwrap_or(0.0) } else { sum(value, name) })
            .sum(),
        serde_json::Value::Array(values) => values.iter().map(|value| sum(value, name)).sum(),
        _ => 0.0,
    }
}
