//! The real binary as a process: start, refusals, signals, limits, logs.

#[path = "process/node.rs"]
mod node;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::rc::Rc;
use std::time::{Duration, Instant};

use node::{Node, sluice};
use serde_json::Value;
use sluice_store::{Mail, Page, Store};

/// Longest time that something local may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

// Requirements: R283
#[test]
fn two_servers_run_side_by_side_on_free_ports() {
    let (one, two) = (Node::with_garden(""), Node::with_garden(""));
    for node in [&one, &two] {
        assert_eq!(node.get("/health/live").status, 200);
        assert_eq!(node.internal("/health/ready").status, 200);
        assert!(node.ready["stream"].is_null() && node.ready["key"].is_null());
        assert_eq!(node.ready["whip"], format!("{}/whip", node.http()));
        assert_eq!(node.ready["pid"], node.pid());
    }
    assert_ne!(one.ready["udp"], two.ready["udp"]);
}

#[test]
fn the_demo_tells_how_to_publish_and_keeps_its_sign_in_and_key_over_a_kill() {
    let mut node = Node::start("", &["--demo"]);
    let key = node.ready["key"].as_str().unwrap().to_owned();
    let text = node.output();
    for part in ["OBS", "ffmpeg", "GStreamer", "/watch/demo", "/studio", "/sign-in", key.as_str()] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let shown: Value = serde_json::from_str(&node.get("/api/v1/server").body).unwrap();
    assert_eq!(shown["demo"]["key"], key.as_str());
    let password = shown["demo"]["password"].as_str().unwrap().to_owned();
    assert!(text.contains(&password), "the sign-in is printed the first time");
    assert_eq!(shown["setup_needed"], false);
    node.kill();
    let again = Node::start_in(node.folder(), "", &["--demo"]);
    assert_eq!(again.ready["key"], key.as_str());
    let shown: Value = serde_json::from_str(&again.get("/api/v1/server").body).unwrap();
    assert_eq!(shown["demo"]["password"], password.as_str());
    let text = again.output();
    assert!(!text.contains(&password) && text.contains("demo.json"), "{text}");
}

// Requirements: R283
#[test]
fn a_server_without_accounts_says_that_set_up_waits_in_the_browser() {
    let node = Node::start("", &[]);
    assert!(node.output().contains("/setup"), "{}", node.output());
    let health: Value = serde_json::from_str(&node.get("/health").body).unwrap();
    assert_eq!((&health["status"], &health["database"]), (&"ready".into(), &"up".into()));
}

#[test]
fn a_server_that_starts_forgets_what_ended_long_ago() {
    let folder = Rc::new(tempfile::tempdir().unwrap());
    node::garden(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::open_file(&folder.path().join("data/sluice.db"))).unwrap();
    let org = runtime.block_on(store.organisations().first()).unwrap().expect("an organisation was made").id;
    let mail = Mail {
        id: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
        org_id: org,
        recipient: "long.ago@example.org".to_owned(),
        kind: "invite".to_owned(),
        subject: "x".to_owned(),
        text: "x".to_owned(),
        html: "x".to_owned(),
        created_at: 1,
        next_attempt_at: 1,
        attempts: 0,
        sent_at: Some(1),
        last_error: None,
    };
    runtime.block_on(store.mail_outbox().create(&mail)).unwrap();
    let _node = Node::start_in(folder, "", &[]);
    let started = Instant::now();
    while !runtime.block_on(store.mail_outbox().list(org, &Page::first(10))).unwrap().items.is_empty() {
        assert!(started.elapsed() < SOON, "the mail is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn sigterm_ends_the_server_at_once_and_with_success() {
    for signal in ["TERM", "INT"] {
        let mut node = Node::with_garden("");
        let started = Instant::now();
        node.signal(signal);
        let status = node.wait(SOON);
        assert!(status.success(), "{signal}: {status}\n{}", node.log());
        assert!(started.elapsed() < Duration::from_secs(5), "{signal}: {:?}", started.elapsed());
        assert!(TcpStream::connect(node.address()).is_err());
    }
}

#[test]
fn a_drain_ends_in_bounded_time_even_when_a_request_hangs() {
    let mut node = Node::with_garden("drain_timeout = \"1s\"\n[http]\nheader_timeout = \"60s\"\n");
    let mut hanging = node.connect();
    hanging.write_all(b"POST /whip/garden HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf").unwrap();
    let mut idle = node.connect();
    idle.write_all(b"GET / HT").unwrap();
    assert_eq!(node.get("/health/ready").status, 200);
    let started = Instant::now();
    node.signal("TERM");
    assert!(node.wait(SOON).success(), "{}", node.log());
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[test]
fn sighup_applies_what_it_can_reports_the_rest_and_survives_a_broken_file() {
    let node = Node::with_garden("");
    node.configure(
        "public_url = \"https://live.example.org\"\n[media]\nworkers = 7\n[accounts]\nsessions = 3\n",
    );
    node.signal("HUP");
    node.wait_for_log("the configuration was reloaded");
    assert_eq!(node.get("/api/v1/streams/garden").status, 200);
    assert!(node.get("/api/v1/server").body.contains("https://live.example.org/whip"));
    let waits = node.lines().into_iter().any(|line| line["key"] == "accounts.sessions");
    assert!(waits, "{}", node.log());
    let report = node.lines().into_iter().find(|line| line["key"] == "media.workers").expect("a report");
    assert!(report["message"].as_str().unwrap().contains("restart"), "{report}");

    node.configure("[media]\nupd_port = 1\n");
    node.signal("HUP");
    node.wait_for_log("did you mean `media.udp_port`");
    assert_eq!(node.get("/api/v1/streams/garden").status, 200);
}

#[test]
fn sighup_changes_the_log_level() {
    let node = Node::start("[log]\nlevel = \"error\"\n", &[]);
    node.get("/");
    assert!(!node.log().contains("\"endpoint\""), "{}", node.log());
    node.configure("[log]\nlevel = \"info\"\n");
    node.signal("HUP");
    node.wait_for_log("the configuration was reloaded");
    node.get("/");
    node.wait_for_log("\"endpoint\":\"web\"");
}

#[test]
fn an_unknown_key_stops_the_start_with_key_file_and_nearest_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.toml");
    std::fs::write(&file, "[media]\nudp_prt = 5\n").unwrap();
    let output = sluice(folder.path(), &["serve", "--config", file.to_str().unwrap()]);
    assert_eq!(output.code, 1);
    let expected = "my.toml:2: unknown key `media.udp_prt`; did you mean `media.udp_port`?";
    assert!(output.text.contains(expected), "{}", output.text);
    let missing = sluice(folder.path(), &["serve", "--config", "gone.toml"]);
    assert!(missing.code == 1 && missing.text.contains("gone.toml cannot be read"), "{}", missing.text);
}

#[test]
fn a_taken_port_stops_the_start_with_its_owner_and_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = tcp.local_addr().unwrap().to_string();
    let output = sluice(folder.path(), &["serve", "--listen", &address, "--udp-port", "0"]);
    assert_eq!(output.code, 1);
    let owner = format!("(process {})", std::process::id());
    assert!(output.text.contains("is taken by") && output.text.contains(&owner), "{}", output.text);

    let udp = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = udp.local_addr().unwrap().port().to_string();
    let output = sluice(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--udp-port", &port]);
    assert_eq!(output.code, 1);
    assert!(output.text.contains("`media.udp_port`") && output.text.contains(&owner), "{}", output.text);
}

#[test]
fn a_second_server_on_the_same_media_port_is_refused() {
    let first = Node::with_garden("");
    let folder = tempfile::tempdir().unwrap();
    let port = first.ready["udp"].to_string();
    let output = sluice(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--udp-port", &port]);
    assert_eq!(output.code, 1);
    assert!(
        output.text.contains(&format!("is taken by sluice (process {})", first.pid())),
        "{}",
        output.text
    );
}

#[test]
fn half_a_request_head_is_cut_off_and_others_are_served_meanwhile() {
    let node = Node::with_garden("[http]\nheader_timeout = \"500ms\"\n");
    let mut slow = node.connect();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").unwrap();
    assert_eq!(node.get("/").status, 200);
    slow.set_read_timeout(Some(SOON)).unwrap();
    let started = Instant::now();
    let mut rest = Vec::new();
    // An answer of 408 and a plain close are both right.
    let _closed = slow.read_to_end(&mut rest);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn one_address_cannot_take_every_connection() {
    let node = Node::start("[http]\nmax_connections_per_address = 3\n", &[]);
    let held: Vec<TcpStream> = (0..3).map(|_| node.connect()).collect();
    // Accepting happens after connecting: the fourth is closed once the three are counted.
    let mut fourth = node.connect();
    fourth.set_read_timeout(Some(SOON)).unwrap();
    let mut rest = Vec::new();
    let _reset = fourth.read_to_end(&mut rest);
    assert!(rest.is_empty());
    drop(held);
    node.wait_for_metric("http_connections_refused_total{reason=\"per_address\"} 1");
    let deadline = Instant::now() + SOON;
    while node.try_get("/").is_none_or(|answer| answer.status != 200) {
        assert!(Instant::now() < deadline, "the address never got its share back");
        std::thread::sleep(Duration::from_millis(20));
    }
}

// Requirements: R285
#[test]
fn logs_are_json_lines_with_request_ids_and_without_secrets() {
    let node = Node::with_garden("[log]\nlevel = \"trace\"\n");
    let answer = node.send(
        "GET /api/v1/streams HTTP/1.1\r\nhost: x\r\nx-request-id: trace-me-7\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.head.contains("x-request-id: trace-me-7"), "{}", answer.head);
    let secret = "garden-key-0123456";
    for request in [
        format!(
            "POST /whip/garden HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\ncontent-type: application/sdp\r\ncontent-length: 3\r\nconnection: close\r\n\r\nv=0"
        ),
        format!(
            "POST /whip/garden?key={secret} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ),
        "DELETE /session/0123456789abcdef0123456789abcdef HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
            .to_owned(),
    ] {
        assert!(node.send(&request).status >= 400);
    }
    node.wait_for_log("/session/{session}");
    let lines = node.lines();
    // The database has lines of its own within the request.
    let ours =
        |line: &&serde_json::Value| line["correlation_id"] == "trace-me-7" && line["message"] == "request";
    let line = lines.iter().find(ours).expect("the request's line");
    for key in ["timestamp", "level", "service", "correlation_id", "user_id", "message", "duration_ms"] {
        assert!(line.get(key).is_some(), "{key} is not in {line}");
    }
    assert!(line["duration_ms"].is_f64());
    let log = node.log();
    assert!(!log.contains(secret), "the key is in the log");
    assert!(!log.contains("0123456789abcdef0123456789abcdef"), "the session id is in the log");
}

#[test]
fn metrics_have_the_promised_names_and_stay_internal() {
    let node = Node::with_garden("");
    node.get("/api/v1/streams");
    node.wait_for_metric("http_requests_total{method=\"GET\",endpoint=\"/api/v1/streams\",status=\"200\"} 1");
    let text = node.internal("/metrics").body;
    for name in [
        "http_request_duration_seconds_bucket{endpoint=\"/api/v1/streams\",le=\"0.05\"}",
        "active_streams_total{quality=",
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "sluice_build_info{version=",
    ] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
    assert_eq!(node.get("/metrics").status, 404);
}

#[test]
fn an_endless_body_is_cut_off() {
    let node = Node::with_garden("[http]\nrequest_timeout = \"1s\"\n");
    let mut slow = node.connect();
    slow.write_all(b"POST /whip/garden HTTP/1.1\r\nhost: x\r\nauthorization: Bearer garden-key-0123456\r\ncontent-type: application/sdp\r\ncontent-length: 100\r\n\r\nv=0").unwrap();
    slow.set_read_timeout(Some(SOON)).unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[test]
fn config_check_says_yes_or_what_is_wrong_and_print_hides_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sluice.toml");
    let secret =
        "[smtp]\nhost = \"mail.example.org\"\nfrom = \"a@example.org\"\npassword = \"hunter2-hunter2\"\n";
    std::fs::write(&file, secret).unwrap();
    let check = sluice(folder.path(), &["config", "check"]);
    assert!(check.code == 0 && check.text.contains("valid"), "{}", check.text);
    let redacted = sluice(folder.path(), &["config", "print", "--redacted"]);
    assert!(
        redacted.text.contains("host = \"mail.example.org\"") && !redacted.text.contains("hunter2"),
        "{}",
        redacted.text
    );
    let open = sluice(folder.path(), &["config", "print"]);
    assert!(open.text.contains("hunter2-hunter2"), "{}", open.text);
    std::fs::write(&file, "listen = 7\n").unwrap();
    let check = sluice(folder.path(), &["config", "check"]);
    assert!(check.code == 1 && check.text.contains("sluice.toml:1: `listen`"), "{}", check.text);
}
