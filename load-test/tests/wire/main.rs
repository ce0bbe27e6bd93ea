//! The binary against a small WHIP and WHEP server that is nobody's: a relay on the peer connection
//! of the `rtc` crate, which shares no SDP, RTP or RTCP code with the tool.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its server has failed")]

mod relay;

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use relay::Relay;
use serde_json::Value;

fn sluice_load(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sluice-load"))
        .args(arguments)
        .arg("--quiet")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn report(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_is_published_is_watched_frame_by_frame() {
    for codec in ["vp8", "h264"] {
        let relay = Relay::start();
        let folder = tempfile::tempdir().unwrap();
        let (published, watched) = (folder.path().join("p.json"), folder.path().join("w.json"));
        // The viewers come first and are told to wait.
        let watch = sluice_load(&[
            "watch",
            "--whep",
            &relay.url("whep"),
            "-n",
            "3",
            "--duration",
            "5s",
            "--json",
            watched.to_str().unwrap(),
        ]);
        relay.wait_for_three_viewers();
        let publish = sluice_load(&[
            "publish",
            "--whip",
            &relay.url("whip"),
            "--codec",
            codec,
            "--token",
            "secret",
            "--duration",
            "6s",
            "--json",
            published.to_str().unwrap(),
        ]);
        let watch = watch.wait_with_output().unwrap();
        assert!(watch.status.success(), "{codec}: {}", said(&watch));
        let publish = publish.wait_with_output().unwrap();
        assert!(publish.status.success(), "{codec}: {}", said(&publish));

        let watched = report(&watched);
        assert_eq!(watched["ok"], true);
        assert_eq!(watched["summary"]["watching"], 3, "{codec}");
        for viewer in watched["viewers"].as_array().unwrap() {
            assert!(viewer["attempts"].as_u64().unwrap() > 1, "nobody was live at first");
            assert!(viewer["first_key_frame_ms"].as_f64().unwrap() > 0.0);
            let video = &viewer["video"];
            assert!(video["frames"].as_u64().unwrap() > 30, "{codec}: {video}");
            for trouble in ["broken_frames", "sequence_violations", "timestamp_jumps", "picture_id_breaks"] {
                assert_eq!(video[trouble], 0, "{codec} {trouble}: {video}");
            }
        }
        let published = report(&published);
        assert!(published["summary"]["frames"].as_u64().unwrap() > 60);
        assert!(published["summary"]["receiver_reports"].as_u64().unwrap() > 0);
        assert_eq!(relay.deleted(), 4, "every session is deleted");
    }
}

#[test]
fn requests_for_key_frames_are_answered_with_the_next_frame() {
    let relay = Relay::start();
    relay.ask_for_key_frames();
    let folder = tempfile::tempdir().unwrap();
    let published = folder.path().join("p.json");
    let arguments =
        ["--duration", "4s", "--no-audio", "--token", "secret", "--json", published.to_str().unwrap()];
    let url = relay.url("whip");
    let publish = sluice_load(&[&["publish", "--whip", &url], &arguments[..]].concat());
    let publish = publish.wait_with_output().unwrap();
    assert!(publish.status.success(), "{}", said(&publish));
    let layer = &report(&published)["layers"][0];
    assert!(layer["plis"].as_u64().unwrap() >= 3, "{layer}");
    // The first one comes by itself, and the last request may come too late for its frame.
    let keys = layer["key_frames"].as_u64().unwrap();
    assert!(keys >= layer["plis"].as_u64().unwrap(), "{layer}");
}

#[test]
fn simulcast_reaches_the_server_as_layers() {
    let relay = Relay::start();
    let url = relay.url("whip");
    let publish =
        sluice_load(&["publish", "--whip", &url, "--layers", "3", "--token", "secret", "--duration", "3s"]);
    let publish = publish.wait_with_output().unwrap();
    assert!(publish.status.success(), "{}", said(&publish));
    assert_eq!(relay.layers(), ["f", "h", "q"]);
}

#[test]
fn a_wrong_token_and_a_dead_server_are_told_in_a_sentence() {
    let relay = Relay::start();
    let url = relay.url("whip");
    let publish = sluice_load(&["publish", "--whip", &url, "--token", "wrong", "--duration", "2s"]);
    let publish = publish.wait_with_output().unwrap();
    assert_eq!(publish.status.code(), Some(1));
    assert!(said(&publish).contains("token"), "{}", said(&publish));

    let watch = sluice_load(&["watch", "--whep", &relay.url("whep"), "--duration", "1200ms"]);
    let watch = watch.wait_with_output().unwrap();
    assert_eq!(watch.status.code(), Some(1));
    assert!(said(&watch).contains("not live"), "{}", said(&watch));

    let watch = sluice_load(&["watch", "--whep", "http://127.0.0.1:1/x", "--duration", "1s"]);
    let watch = watch.wait_with_output().unwrap();
    assert_eq!(watch.status.code(), Some(1));
    assert!(said(&watch).contains("Connection refused"), "{}", said(&watch));

    let nonsense = sluice_load(&["watch"]).wait_with_output().unwrap();
    assert_eq!(nonsense.status.code(), Some(2));
}

#[test]
fn a_bench_of_a_running_server_has_every_number_that_it_promises() {
    let relay = Relay::start();
    let folder = tempfile::tempdir().unwrap();
    let (json, html) = (folder.path().join("b.json"), folder.path().join("b.html"));
    let pid = std::process::id().to_string();
    let bench = sluice_load(&[
        "bench",
        "many-streams",
        "--streams",
        "1",
        "--viewers",
        "3",
        "--whip",
        &relay.url("whip"),
        "--whep",
        &relay.url("whep"),
        "--pid",
        &pid,
        "--token",
        "secret",
        "--bitrate",
        "600k",
        "--key-interval",
        "500ms",
        "--ceiling",
        "100ms",
        "--seconds",
        "1",
        // A relay in a busy test run keeps no service level; what counts is that all is measured.
        "--max-delay",
        "30s",
        "--max-loss",
        "50",
        "--max-join",
        "30s",
        "--json",
        json.to_str().unwrap(),
        "--html",
        html.to_str().unwrap(),
    ]);
    let bench = bench.wait_with_output().unwrap();
    assert!(bench.status.success(), "{}", said(&bench));
    let report = report(&json);
    assert_eq!(report["viewers"], 3, "{report}");
    for key in [
        "viewers_per_core",
        "server_ns_per_packet",
        "server_user_ns_per_packet",
        "ceiling_sendto_ns",
        "ceiling_gso_sealed_ns",
        "packets_per_second",
        "bits_per_second",
        "forward_p50_ms",
        "forward_p99_ms",
        "join_p50_ms",
        "join_p95_ms",
        "load_cpu",
    ] {
        assert!(report[key].as_f64().unwrap() > 0.0, "{key}: {report}");
    }
    for key in ["loss", "keyframe_requests", "bytes_per_viewer"] {
        assert!(report[key].is_number(), "{key}: {report}");
    }
    let point = &report["points"][0];
    assert!(point["checked"].as_u64().unwrap() > 0 && point["forged"] == 0, "{point}");
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(page.contains("<svg") && !page.contains("http"), "the page needs nothing else");
}
