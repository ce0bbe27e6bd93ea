//! HTTP/1.1 as a player of HLS needs it: one connection that is kept, one GET after the other. A client
//! for everything would cost more than the server that is measured.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Url;
use sluice_domain::Redacted;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take; blocking playlists wait for three segments at most.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Longest text that is kept: playlists of hours.
const LONGEST_TEXT: usize = 4 << 20;

/// Longest line of a head.
const LONGEST_LINE: u64 = 16 << 10;

/// What was answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Of the body.
    pub(crate) bytes: u64,
    /// The body, where it was asked for.
    pub(crate) text: String,
}

/// Whether a body is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Text,
    Nothing,
}

/// A connection to one server, opened when it is needed.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    host: String,
    authorization: String,
    stream: Option<BufReader<TcpStream>>,
    /// Connections that were opened.
    pub(crate) opened: u64,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr, url: &Url, token: Option<&Redacted<String>>) -> Self {
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        let authorization =
            token.map_or(String::new(), |token| format!("Authorization: Bearer {}\r\n", token.expose()));
        let host = format!("{}{port}", url.host_str().unwrap_or_default());
        Self { address, host, authorization, stream: None, opened: 0 }
    }

    /// Asks for a file of the same server.
    pub(crate) async fn get(&mut self, url: &Url, keep: Keep) -> Result<Answer> {
        timeout(TIMEOUT, self.get_somehow(url, keep)).await.unwrap_or_else(|_elapsed| {
            self.stream = None;
            bail!("no answer within {} s", TIMEOUT.as_secs())
        })
    }

    async fn get_somehow(&mut self, url: &Url, keep: Keep) -> Result<Answer> {
        if self.stream.is_some() {
            match self.attempt(url, keep).await {
                // The server may have closed a connection that was idle; once more on a new one.
                Err(error) if error.is::<Stale>() => self.stream = None,
                other => return other,
            }
        }
        let stream = TcpStream::connect(self.address).await.context("connecting")?;
        stream.set_nodelay(true).context("preparing a connection")?;
        self.opened += 1;
        self.stream = Some(BufReader::with_capacity(16 << 10, stream));
        self.attempt(url, keep).await
    }

    async fn attempt(&mut self, url: &Url, keep: Keep) -> Result<Answer> {
        // Taken out, so that a connection with half an answer is not used again.
        let mut stream = self.stream.take().context("there is no connection")?;
        let query = url.query().map_or(String::new(), |query| format!("?{query}"));
        let request = format!(
            "GET {}{query} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sluice-load\r\n{}\r\n",
            url.path(),
            self.host,
            self.authorization
        );
        stream.write_all(request.as_bytes()).await.map_err(|_| Stale)?;
        let (answer, open) = read(&mut stream, keep).await?;
        if open {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

/// The server closed the connection before it answered.
#[derive(Debug)]
struct Stale;

impl std::fmt::Display for Stale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the server closed the connection")
    }
}

impl std::error::Error for Stale {}

type Reader = BufReader<TcpStream>;

/// Reads an answer; true where the connection can be used again.
async fn read(stream: &mut Reader, keep: Keep) -> Result<(Answer, bool)> {
    let mut line = String::new();
    if read_line(stream, &mut line).await.map_or(0, |count| count) == 0 {
        bail!(Stale);
    }
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.with_context(|| format!("this is no HTTP/1.1: {line:?}"))?;
    let (mut length, mut chunked, mut open) = (None, false, true);
    loop {
        ensure!(read_line(stream, &mut line).await? > 0, "the head of an answer ended early");
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse::<u64>().context("reading Content-Length")?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            open = !value.eq_ignore_ascii_case("close");
        }
    }
    let mut answer = Answer { status, ..Answer::default() };
    if status == 204 || status == 304 {
        return Ok((answer, open));
    }
    if chunked {
        loop {
            ensure!(read_line(stream, &mut line).await? > 0, "an answer ended early");
            let size = line.trim_end().split(';').next().unwrap_or_default();
            let size = u64::from_str_radix(size, 16).context("reading the size of a chunk")?;
            if size > 0 {
                body(stream, size, keep, &mut answer).await?;
            }
            ensure!(read_line(stream, &mut line).await? > 0, "an answer ended early");
            if size == 0 {
                break;
            }
        }
    } else {
        body(stream, length.context("an answer without a length")?, keep, &mut answer).await?;
    }
    Ok((answer, open))
}

async fn read_line(stream: &mut Reader, line: &mut String) -> Result<usize> {
    line.clear();
    stream.take(LONGEST_LINE).read_line(line).await.context("reading the head of an answer")
}

async fn body(stream: &mut Reader, size: u64, keep: Keep, answer: &mut Answer) -> Result<()> {
    answer.bytes += size;
    if keep == Keep::Text {
        let size = usize::try_from(size)?;
        ensure!(answer.text.len() + size <= LONGEST_TEXT, "a text of {size} bytes");
        let mut bytes = vec![0; size];
        stream.read_exact(&mut bytes).await.context("reading an answer")?;
        answer.text.push_str(std::str::from_utf8(&bytes).context("reading a text")?);
        return Ok(());
    }
    let mut left = usize::try_from(size)?;
    while left > 0 {
        let there = stream.fill_buf().await.context("reading an answer")?.len().min(left);
        ensure!(there > 0, "an answer ended early");
        stream.consume(there);
        left -= there;
    }
    Ok(())
}
