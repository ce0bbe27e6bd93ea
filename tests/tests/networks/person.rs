//! Somebody at the player, in a Chromium that runs where the viewer is.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Deserialize;
use sluice_e2e::suite;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// Longer than the script itself waits, so that it can say what it waited for.
const PATIENCE: Duration = Duration::from_secs(200);

/// The browser and who looks at it; gone when dropped.
pub(crate) struct Person {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    errors: ChildStderr,
}

impl Person {
    /// Starts the browser. `node` is the command of that name where it is to run.
    pub(crate) fn start(node: std::process::Command, base: &str, certificate: &Path) -> anyhow::Result<Self> {
        let folder = suite::folder()?;
        let mut node = Command::from(node);
        node.args(["--import", "tsx", "measure/watch.ts", base]).arg(certificate).current_dir(folder);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = node.spawn().context("cannot run node")?;
        let input = child.stdin.take().context("the script has no input")?;
        let output = BufReader::new(child.stdout.take().context("the script has no output")?).lines();
        let errors = child.stderr.take().context("the script cannot complain")?;
        Ok(Self { child, input, output, errors })
    }

    /// Opens the player, if that is not open yet, and waits for so many further pictures.
    pub(crate) async fn sees(&mut self, pictures: u32) -> anyhow::Result<Seen> {
        self.input.write_all(format!("{pictures}\n").as_bytes()).await.context("the script has ended")?;
        let line = tokio::time::timeout(PATIENCE, self.output.next_line()).await.context("no answer")??;
        let Some(line) = line else {
            let mut text = String::new();
            self.errors.read_to_string(&mut text).await?;
            anyhow::bail!("no picture: {text}");
        };
        serde_json::from_str(&line).with_context(|| line.clone())
    }

    /// Closes the browser.
    pub(crate) async fn leaves(self) -> anyhow::Result<()> {
        let Self { mut child, input, .. } = self;
        drop(input);
        let status = tokio::time::timeout(PATIENCE, child.wait()).await.context("the browser stays")??;
        ensure!(status.success(), "the browser ended with {status}");
        Ok(())
    }
}

/// What somebody saw.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "printed as a whole")]
pub(crate) struct Seen {
    pictures: u32,
    seconds: f64,
    freezes: u32,
    /// The longest that a picture stood, in milliseconds; 0 where none stood for 200.
    pub(crate) longest_ms: f64,
    /// Lines of the picture.
    pub(crate) height: u32,
    route: Option<String>,
    pair: Option<String>,
    relayed: bool,
    sessions: u32,
}

impl Seen {
    /// It came by WebRTC in the first session, over this protocol, and through no relay.
    pub(crate) fn came_over(&self, protocol: &str) -> anyhow::Result<()> {
        let fits = self.pair.as_ref().is_some_and(|pair| pair.ends_with(&format!(", {protocol}")));
        ensure!(fits && !self.relayed && self.is_first(), "not over {protocol} in one session: {self:?}");
        Ok(())
    }

    /// It came by WebRTC in the first session, and through the relay.
    pub(crate) fn came_through_the_relay(&self) -> anyhow::Result<()> {
        ensure!(self.relayed && self.is_first(), "not through the relay in one session: {self:?}");
        Ok(())
    }

    fn is_first(&self) -> bool {
        self.route.as_deref() == Some("direct") && self.sessions == 1
    }
}
