//! Certificates from an ACME server: Pebble, which Let's Encrypt's makers wrote for such tests. It checks
//! every signature, refuses one nonce in twenty, and looks at our listeners as a real one does.

#![expect(clippy::unwrap_used, reason = "what a test stands on may end it")]

#[expect(dead_code, reason = "these tests need the process and little HTTP")]
#[path = "process/node.rs"]
mod node;
#[path = "acme/pebble.rs"]
mod pebble;
#[expect(dead_code, reason = "these tests make no certificates for a server")]
#[path = "https/tls.rs"]
mod tls;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use node::Node;
use pebble::Pebble;
use tls::{Client, address};

/// The names for which certificates are fetched.
const NAMES: [&str; 2] = ["tv.sluice.test", "www.sluice.test"];

/// What the listener without TLS listens on.
fn plain_port(node: &Node) -> u16 {
    node.address().parse::<SocketAddr>().unwrap().port()
}

fn start(pebble: &Pebble, challenge: &str) -> Node {
    let config = format!(
        "[tls]\nlisten = \"127.0.0.1:0\"\nacme_domains = [\"{}\", \"{}\"]\nacme_challenge = \"{challenge}\"\n\
         acme_directory = \"{}\"\nacme_root = \"{}\"\nacme_email = \"ops@sluice.test\"\n",
        NAMES[0],
        NAMES[1],
        pebble.directory(),
        pebble.certificate_file().display(),
    );
    Node::start(&config, &[])
}

/// Waits until the log says that many times that there is a certificate.
fn wait_for_certificates(node: &Node, count: usize) {
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while node.log().matches("HTTPS has its certificate").count() < count {
        assert!(std::time::Instant::now() < deadline, "no certificate number {count}:\n{}", node.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

async fn fetches(challenge: &str) {
    let mut pebble = Pebble::prepare(14);
    let node = start(&pebble, challenge);
    // The ACME server is away: that is said, and asking again is up to whoever mends it.
    node.wait_for_log("no certificate was fetched (HTTPS has none yet");
    pebble.start(plain_port(&node), address(&node).port());
    node.signal("HUP");
    wait_for_certificates(&node, 1);
    let root = pebble.root().await;
    for name in NAMES {
        let stream = Client::trusting(&[&root]).connect_as(address(&node), name).await.unwrap();
        assert!(stream.get_ref().1.peer_certificates().unwrap().len() >= 2, "the chain is sent");
    }

    // It is valid for 14 seconds and renewed after two thirds of them, with the account that is kept.
    wait_for_certificates(&node, 2);
    assert!(Client::trusting(&[&root]).connect_as(address(&node), NAMES[0]).await.is_ok());
    let folder = node.folder().path().join("data/tls");
    let folder = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    for file in ["account.json", "certificate.pem"] {
        let mode = std::fs::metadata(folder.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} holds a key");
    }
    assert_eq!(pebble.output().matches("accounts in memory").count(), 1, "{}", pebble.output());
}

// Requirements: R392
#[tokio::test]
async fn a_certificate_is_fetched_and_renewed_by_http_01() {
    fetches("http-01").await;
}

// Requirements: R392
#[tokio::test]
async fn a_certificate_is_fetched_and_renewed_by_tls_alpn_01() {
    fetches("tls-alpn-01").await;
}

// Requirements: R392
#[tokio::test]
async fn a_restart_uses_the_certificate_that_is_kept_and_asks_nobody() {
    let mut pebble = Pebble::prepare(3600);
    let mut node = start(&pebble, "tls-alpn-01");
    pebble.start(plain_port(&node), address(&node).port());
    node.signal("HUP");
    wait_for_certificates(&node, 1);
    let root = pebble.root().await;
    let config = std::fs::read_to_string(node.folder().path().join("sluice.toml")).unwrap();
    node.kill();
    drop(pebble);
    let again = Node::start_in(node.folder(), &config, &[]);
    assert!(Client::trusting(&[&root]).connect_as(address(&again), NAMES[0]).await.is_ok());
    assert!(!again.log().contains("a certificate is fetched"), "{}", again.log());
}

// Requirements: R392
#[test]
fn a_name_that_leads_elsewhere_is_explained_and_tried_again_later() {
    let mut pebble = Pebble::prepare(3600);
    let node = start(&pebble, "http-01");
    node.wait_for_log("no certificate was fetched");
    // Port 9 of this machine: nobody is there.
    pebble.start(9, 9);
    node.signal("HUP");
    node.wait_for_log("was not found to be ours");
    let log = node.log();
    assert!(log.contains("does port 80 of these names lead to `listen`?"), "{log}");
    assert!(log.contains("tried again in 5 min"), "{log}");
    assert_eq!(node.get("/health/live").status, 200);
}
