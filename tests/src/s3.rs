//! A real server of S3, and the network in front of it, which can be cut and made slow.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::tool::Running;

/// The bucket that is there.
pub const BUCKET: &str = "recordings";

/// Longest wait for its start: Python on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How the network in front of the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// As fast as it can.
    Open,
    /// Each piece that passes is this late.
    Slow(Duration),
    /// Connections end, and new ones are not answered.
    Cut,
}

/// A running server of S3; it ends when dropped.
#[derive(Debug)]
pub struct S3 {
    endpoint: String,
    network: watch::Sender<Network>,
    task: tokio::task::JoinHandle<()>,
    _server: Running,
}

impl S3 {
    /// Starts one with an empty bucket.
    pub async fn start() -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let tools = std::env::var_os("SLUICE_TOOLS_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools")),
            PathBuf::from,
        );
        let mut command = Command::new(tools.join("venv/bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stderr(std::process::Stdio::null());
        let server = Running::start(&mut command).context("`scripts/setup test` installs moto_server")?;
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            ensure!(started.elapsed() < START_TIMEOUT, "the server of S3 does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let made = reqwest::Client::new()
            .put(format!("http://127.0.0.1:{port}/{BUCKET}"))
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
            )
            .send()
            .await?;
        ensure!(made.status().is_success(), "no bucket: {}", made.status());
        let front = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", front.local_addr()?);
        let (network, state) = watch::channel(Network::Open);
        let task = tokio::spawn(accept(front, port, state));
        Ok(Self { endpoint, network, task, _server: server })
    }

    /// The section of the configuration that has recordings stored here.
    pub fn configuration(&self) -> String {
        format!(
            "[recorder]\nstore = \"s3\"\ns3_endpoint = \"{}\"\ns3_bucket = \"{BUCKET}\"\n\
             s3_access_key = \"key\"\ns3_secret_key = \"secret\"\n",
            self.endpoint
        )
    }

    /// Changes the network for what comes and for what is under way.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(front: TcpListener, port: u16, network: watch::Receiver<Network>) {
    while let Ok((client, _)) = front.accept().await {
        tokio::spawn(relay(client, port, network.clone()));
    }
}

/// Passes on what one connection says, both ways, until either side ends or the network is cut.
async fn relay(client: TcpStream, port: u16, mut network: watch::Receiver<Network>) {
    if *network.borrow() == Network::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (client, server) = (client.into_split(), server.into_split());
    let (up, down) = (network.clone(), network.clone());
    tokio::select! {
        () = pass(client.0, server.1, up) => {}
        () = pass(server.0, client.1, down) => {}
        _ = network.wait_for(|state| *state == Network::Cut) => {}
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    network: watch::Receiver<Network>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let network = *network.borrow();
        if let Network::Slow(late) = network {
            tokio::time::sleep(late).await;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
