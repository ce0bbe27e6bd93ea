//! Pebble as a child process, with a name server that leads every name to this machine.

#![expect(clippy::unwrap_used, reason = "a test's own tool may end the test")]

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

use super::tls::{Client, Made, made_for};

/// Longest start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// An ACME server.
pub(crate) struct Pebble {
    folder: TempDir,
    own: Made,
    listen: SocketAddr,
    management: SocketAddr,
    valid_seconds: u32,
    child: Option<Child>,
    /// They keep the two ports for it.
    _kept: [TcpSocket; 2],
}

impl Pebble {
    /// Chooses ports; its certificates will be valid for that long.
    pub(crate) fn prepare(valid_seconds: u32) -> Self {
        let (kept, listen) = port();
        let (kept_too, management) = port();
        let pebble = Self {
            folder: tempfile::tempdir().unwrap(),
            own: made_for("localhost"),
            listen,
            management,
            valid_seconds,
            child: None,
            _kept: [kept, kept_too],
        };
        std::fs::write(pebble.certificate_file(), &pebble.own.certificate).unwrap();
        std::fs::write(pebble.file("key.pem"), &pebble.own.key).unwrap();
        pebble
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The certificate with which Pebble itself serves HTTPS.
    pub(crate) fn certificate_file(&self) -> PathBuf {
        self.file("own.pem")
    }

    pub(crate) fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.listen.port())
    }

    /// Starts it; it looks for answers on these ports.
    pub(crate) fn start(&mut self, http_port: u16, tls_port: u16) {
        let config = json!({ "pebble": {
            "listenAddress": self.listen.to_string(),
            "managementListenAddress": self.management.to_string(),
            "certificate": self.certificate_file(),
            "privateKey": self.file("key.pem"),
            "httpPort": http_port,
            "tlsPort": tls_port,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": self.valid_seconds,
        }});
        let file = self.file("pebble.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let output = std::fs::File::create(self.file("output")).unwrap();
        let child = Command::new(binary())
            .arg("-config")
            .arg(&file)
            .args(["-dnsserver", &name_server().to_string()])
            // Without it every look waits for up to 15 seconds.
            .env("PEBBLE_VA_NOSLEEP", "1")
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(self.listen).is_err() {
            assert!(Instant::now() < deadline, "Pebble did not start:\n{}", self.output());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The certificate that vouches for those it makes.
    pub(crate) async fn root(&self) -> CertificateDer<'static> {
        let client = Client::trusting(&[&self.own.der]);
        let mut stream = client.connect_as(self.management, "localhost").await.unwrap();
        stream
            .write_all(b"GET /roots/0 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        // Some servers end without a word of TLS; what matters has come by then.
        let _end = stream.read_to_string(&mut answer).await;
        CertificateDer::from_pem_slice(answer.as_bytes()).unwrap()
    }

    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(self.file("output")).unwrap_or_default()
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ended = child.kill();
            let _status = child.wait();
        }
    }
}

fn binary() -> PathBuf {
    let named = std::env::var_os("SLUICE_PEBBLE").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        || std::env::split_paths(&path).map(|folder| folder.join("pebble")).find(|file| is_file(file));
    named.or_else(found).expect("there is no Pebble: run `make setup`, or name it in SLUICE_PEBBLE")
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file())
}

/// A port for a program that starts later. The socket is bound and never listens: nobody else is given the
/// port, and whoever connects before the program is there is refused. The program may bind it as well, as both
/// reuse the address.
fn port() -> (TcpSocket, SocketAddr) {
    let kept = TcpSocket::new_v4().unwrap();
    kept.set_reuseaddr(true).unwrap();
    kept.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = kept.local_addr().unwrap();
    (kept, address)
}

/// Answers every question for an IPv4 address with 127.0.0.1, and every other one with nothing (RFC 1035 §4).
/// Its thread ends with the test's process.
fn name_server() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            if let Some(answer) = answer(&question[..length]) {
                let _gone = socket.send_to(&answer, from);
            }
        }
    });
    address
}

fn answer(question: &[u8]) -> Option<Vec<u8>> {
    // Header, name up to its empty label, type and class.
    let name = 12 + question.get(12..)?.iter().position(|byte| *byte == 0)? + 1;
    let end = name + 4;
    let is_a = question.get(name..end)? == [0, 1, 0, 1];
    let mut answer = question.get(..2)?.to_vec();
    answer.extend([0x84, 0, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
    answer.extend(question.get(12..end)?);
    if is_a {
        // The name is the one of the question; ten seconds; four bytes.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 10, 0, 4, 127, 0, 0, 1]);
    }
    Some(answer)
}
