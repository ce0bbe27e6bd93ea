//! One ffmpeg: started without a shell, niced, bounded in time, and gone with whoever waits for it.

use std::ffi::OsString;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, setpriority_process};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::TranscodeConfig;
use crate::error::TranscodeError;
use crate::{Inner, Transcode};

/// Bytes kept of what ffmpeg says. More tells more of a failure, fewer keeps errors readable.
const TAIL: usize = 2048;

/// Lines of it in an error.
const LINES: usize = 6;

/// A program that does not say what it is within this time is none that could be used.
const PROBE: Duration = Duration::from_secs(10);

/// Encoders of H.264, the best first.
const H264: [&str; 2] = ["libx264", "libopenh264"];

/// Pixels of a picture that ffmpeg decodes at most: 8K. A picture that claims to be larger would use up the
/// memory of the machine.
const MOST_PIXELS: &str = "33177600";

/// What ffmpeg can do.
#[derive(Debug)]
pub struct Probe {
    /// Its version.
    pub version: String,
    /// Its encoder of H.264.
    pub h264: Option<&'static str>,
}

/// Asks ffmpeg what it is; nothing where it does not answer.
pub async fn probe(config: &TranscodeConfig) -> Option<Probe> {
    let version = ask(config, "-version").await?;
    let version = version.lines().next()?.strip_prefix("ffmpeg version ")?;
    let version = version.split(" Copyright").next().unwrap_or(version).to_owned();
    let encoders = ask(config, "-encoders").await.unwrap_or_default();
    let has = |name: &&str| encoders.lines().any(|line| line.split_whitespace().nth(1) == Some(*name));
    Some(Probe { version, h264: H264.into_iter().find(has) })
}

async fn ask(config: &TranscodeConfig, question: &str) -> Option<String> {
    let mut command = command(config);
    command.args(["-hide_banner", question]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running::start(&mut command, config.nice).ok()?;
    let mut said = Vec::new();
    let mut out = running.child.stdout.take()?;
    let answered = timeout(PROBE, async {
        out.read_to_end(&mut said).await?;
        running.wait().await
    });
    match answered.await {
        Ok(Ok(status)) if status.success() => String::from_utf8(said).ok(),
        _ => None,
    }
}

fn command(config: &TranscodeConfig) -> Command {
    let mut command = Command::new(&config.ffmpeg);
    // It needs no secret that the environment of the server may have.
    command.env_clear();
    for name in ["PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.stdin(Stdio::null()).kill_on_drop(true).process_group(0);
    command
}

/// Which queue a job waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// One picture.
    Light,
    /// Everything that may take long.
    Heavy,
}

impl Inner {
    const fn lane(&self, lane: Lane) -> &Semaphore {
        match lane {
            Lane::Light => &self.light,
            Lane::Heavy => &self.heavy,
        }
    }
}

/// Arguments of an ffmpeg.
#[derive(Debug)]
pub(crate) struct Job {
    kind: &'static str,
    lane: Lane,
    limit: Duration,
    args: Vec<OsString>,
}

impl Job {
    /// A job that may take as long as the settings allow every job, and `more`.
    pub(crate) fn new(transcode: &Transcode, kind: &'static str, lane: Lane, more: Duration) -> Self {
        let limit = transcode.0.config.limit.saturating_add(more);
        let mut job = Self { kind, lane, limit, args: Vec::new() };
        job.add(["-nostdin", "-hide_banner", "-loglevel", "error", "-y"]);
        job
    }

    /// More arguments.
    pub(crate) fn add<A: Into<OsString>>(&mut self, args: impl IntoIterator<Item = A>) {
        self.args.extend(args.into_iter().map(Into::into));
    }

    /// Reads this file. What it names may be files and nothing else.
    pub(crate) fn input(&mut self, path: impl Into<OsString>) {
        self.add(["-protocol_whitelist", "file", "-max_pixels", MOST_PIXELS]);
        self.add([OsString::from("-i"), path.into()]);
    }
}

impl Transcode {
    /// Waits for its turn, runs ffmpeg and says why where it fails. Dropping this ends ffmpeg.
    pub(crate) async fn run(&self, mut job: Job) -> Result<(), TranscodeError> {
        if !self.available() {
            return Err(TranscodeError::Unavailable);
        }
        let Ok(_turn) = self.0.lane(job.lane).acquire().await else {
            return Err(TranscodeError::Unavailable);
        };
        let began = Instant::now();
        let kind = job.kind;
        let result = self.supervise(&mut job).await;
        let label = result.as_ref().map_or_else(TranscodeError::label, |()| "done");
        metrics::counter!("sluice_transcode_jobs_total", "kind" => kind, "result" => label).increment(1);
        metrics::histogram!("sluice_transcode_seconds", "kind" => kind).record(began.elapsed());
        if let Err(error) = &result {
            tracing::warn!(kind, %error, "a job of ffmpeg failed");
        }
        result
    }

    async fn supervise(&self, job: &mut Job) -> Result<(), TranscodeError> {
        let config = &self.0.config;
        let mut command = command(config);
        command.args(job.args.drain(..)).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut running = Running::start(&mut command, config.nice).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => TranscodeError::Unavailable,
            _ => TranscodeError::files("starting ffmpeg")(error),
        })?;
        let stderr = running.child.stderr.take();
        let ended = timeout(job.limit, async {
            let said = match stderr {
                Some(stderr) => tail(stderr).await,
                None => String::new(),
            };
            running.wait().await.map(|status| (status, said))
        });
        match ended.await {
            Ok(Ok((status, said))) => judge(status, said),
            Ok(Err(error)) => Err(TranscodeError::files("waiting for ffmpeg")(error)),
            Err(_elapsed) => Err(TranscodeError::TimedOut { after: job.limit }),
        }
    }
}

/// What the end of ffmpeg means. It does not always fail where it could not write.
fn judge(status: ExitStatus, said: String) -> Result<(), TranscodeError> {
    if said.contains("No space left on device") || said.contains("Disk quota exceeded") {
        return Err(TranscodeError::DiskFull);
    }
    let unwritten = said.contains("Error writing trailer") || said.contains("File too large");
    if status.success() && !unwritten {
        return Ok(());
    }
    let said = if said.is_empty() { "it said nothing".to_owned() } else { said };
    Err(TranscodeError::Failed { status: status.to_string(), said })
}

/// A child that is killed with all that it started, unless it has ended by itself.
#[derive(Debug)]
struct Running {
    child: Child,
    group: Option<Pid>,
}

impl Running {
    fn start(command: &mut Command, nice: i32) -> io::Result<Self> {
        let child = command.spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Err(error) = setpriority_process(group, nice)
            && group.is_some()
        {
            // Of a child that has ended already, or on a system that does not let us.
            tracing::debug!(%error, "ffmpeg could not be niced");
        }
        Ok(Self { child, group })
    }

    async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.group = None;
        Ok(status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // It may have ended a moment ago.
            let _gone = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The last lines of a stream, which is read to its end.
async fn tail(mut stream: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..count]);
        let surplus = kept.len().saturating_sub(TAIL);
        kept.drain(..surplus);
    }
    let text = String::from_utf8_lossy(&kept);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_last_lines_of_much_are_kept() {
        let text: String = (0..100_000).map(|line| format!("line {line}\n")).collect();
        let kept = tail(text.as_bytes()).await;
        assert!(kept.ends_with("line 99998; line 99999"), "{kept}");
        assert_eq!(kept.split("; ").count(), LINES);
        let endless = vec![b'x'; 1 << 20];
        assert_eq!(tail(endless.as_slice()).await.len(), TAIL);
        assert_eq!(tail([0xff, b'\n'].as_slice()).await, "\u{fffd}");
    }
}
