//! A `sluice serve` of its own for each test, and the little HTTP that the tests need: raw bytes,
//! so that broken requests can be sent too.

#![expect(clippy::unwrap_used, reason = "a test's own tool may end the test")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_sluice");

/// Longest wait for anything on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; killed when dropped.
pub(crate) struct Node {
    child: Child,
    folder: Rc<TempDir>,
    /// The ready file.
    pub(crate) ready: Value,
}

/// An answer to one request.
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: u16,
    /// Status line and headers.
    pub(crate) head: String,
    /// Body as text.
    pub(crate) body: String,
}

impl Node {
    /// Starts a server with this configuration.
    pub(crate) fn start(config: &str, arguments: &[&str]) -> Self {
        Self::start_in(Rc::new(tempfile::tempdir().unwrap()), config, arguments)
    }

    /// Starts a server that has the stream `garden` with the key `garden-key-0123456`.
    pub(crate) fn with_garden(config: &str) -> Self {
        let folder = Rc::new(tempfile::tempdir().unwrap());
        garden(folder.path());
        Self::start_in(folder, config, &[])
    }

    /// Starts a server in the folder of an earlier one.
    pub(crate) fn start_in(folder: Rc<TempDir>, config: &str, arguments: &[&str]) -> Self {
        let path = folder.path();
        fs::write(path.join("sluice.toml"), config).unwrap();
        let _absent = fs::remove_file(path.join("ready.json"));
        let child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--udp-port", "0", "--ready-json", "ready.json"])
            .args(arguments)
            .current_dir(path)
            .stdin(Stdio::null())
            .stdout(fs::File::create(path.join("output")).unwrap())
            .stderr(fs::File::create(path.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut node = Self { child, folder, ready: Value::Null };
        node.ready = node.until("the ready file", |node| {
            assert!(node.child.try_wait().unwrap().is_none(), "the server ended:\n{}", node.log());
            serde_json::from_str(&fs::read_to_string(node.folder.path().join("ready.json")).ok()?).ok()
        });
        node
    }

    fn until<T>(&mut self, what: &str, mut check: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = check(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "no {what} in time:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn folder(&self) -> Rc<TempDir> {
        Rc::clone(&self.folder)
    }

    /// Base URL.
    pub(crate) fn http(&self) -> &str {
        self.ready["http"].as_str().unwrap()
    }

    /// Address of the public listener.
    pub(crate) fn address(&self) -> &str {
        self.http().strip_prefix("http://").unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap()
    }

    /// `None` where the connection was refused or closed.
    pub(crate) fn try_get(&self, path: &str) -> Option<Answer> {
        exchange(
            self.address(),
            &format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address()),
        )
    }

    /// Asks the internal listener.
    pub(crate) fn internal(&self, path: &str) -> Answer {
        let address = self.ready["internal"].as_str().unwrap().strip_prefix("http://").unwrap();
        exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).unwrap()
    }

    /// Sends raw bytes and reads the answer.
    pub(crate) fn send(&self, request: &str) -> Answer {
        exchange(self.address(), request).unwrap()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status =
            Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Ends the process without a word.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the process to end by itself.
    pub(crate) fn wait(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the server still runs:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Replaces the configuration.
    pub(crate) fn configure(&self, config: &str) {
        fs::write(self.folder.path().join("sluice.toml"), config).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// What it wrote to standard output.
    pub(crate) fn output(&self) -> String {
        let path = self.folder.path().join("output");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = fs::read_to_string(&path).unwrap();
            if !text.is_empty() || Instant::now() > deadline {
                return text;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The log lines so far.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let log = self.log();
        let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .collect()
    }

    pub(crate) fn wait_for_log(&self, part: &str) {
        self.wait_for(part, || self.log());
    }

    pub(crate) fn wait_for_metric(&self, part: &str) {
        self.wait_for(part, || self.internal("/metrics").body);
    }

    fn wait_for(&self, part: &str, text: impl Fn() -> String) {
        let deadline = Instant::now() + PATIENCE;
        while !text().contains(part) {
            assert!(Instant::now() < deadline, "{part} never came:\n{}", text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn exchange(address: &str, request: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Makes an administrator and the stream `garden` in a folder, as an operator does.
pub(crate) fn garden(folder: &Path) {
    let account =
        ["account", "create", "--email", "admin@example.org", "--handle", "boss", "--role", "admin"];
    let made = sluice(folder, &account);
    assert_eq!(made.code, 0, "{}", made.text);
    fs::write(folder.join("key"), "garden-key-0123456\n").unwrap();
    let stream = ["stream", "create", "garden", "--owner", "boss", "--key-file", "key"];
    let made = sluice(folder, &stream);
    assert!(made.code == 0 && made.text.contains("garden-key-0123456"), "{}", made.text);
}

/// What a command that ends by itself came to.
pub(crate) struct Output {
    /// Exit status.
    pub(crate) code: i32,
    /// Standard output and standard error.
    pub(crate) text: String,
}

/// Runs `sluice` with these arguments to its end.
pub(crate) fn sluice(folder: &Path, arguments: &[&str]) -> Output {
    let output =
        Command::new(BINARY).args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Output { code: output.status.code().unwrap_or(-1), text: String::from_utf8_lossy(&text).into_owned() }
}
