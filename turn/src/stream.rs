//! Clients that come by a stream: TCP, or TLS over it, or anything else that reads and writes bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use sluice_turn_proto::channel;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::mailbox::{Mail, Mailbox};

/// A stream that takes nothing for this time is closed: its client is gone, or does not read.
const STALLED: Duration = Duration::from_secs(10);

/// Bytes that may wait for a slow reader; what comes beyond is dropped, as a full network would.
const WAITING: usize = 256 * 1024;

/// Messages to a stream that may wait.
const DEPTH: usize = 512;

/// Room for one read.
const READ: usize = 64 * 1024;

/// The worker's end of what goes to a stream.
#[derive(Debug, Clone)]
pub(crate) struct Outlet {
    queue: mpsc::Sender<Bytes>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: AtomicUsize,
    allocated: AtomicBool,
}

impl Outlet {
    /// Gives the stream whole messages; false where it has no room for them.
    pub(crate) fn send(&self, messages: &[u8]) -> bool {
        if self.state.waiting.load(Ordering::Acquire) + messages.len() > WAITING {
            return false;
        }
        self.state.waiting.fetch_add(messages.len(), Ordering::AcqRel);
        let sent = self.queue.try_send(Bytes::copy_from_slice(messages)).is_ok();
        if !sent {
            self.state.waiting.fetch_sub(messages.len(), Ordering::AcqRel);
        }
        sent
    }

    /// Whether the stream has an allocation, and so may be silent.
    pub(crate) fn set_allocated(&self, allocated: bool) {
        self.state.allocated.store(allocated, Ordering::Release);
    }
}

/// Runs a stream to its end. Without an allocation that comes after `greeting`.
pub(crate) async fn run<S>(
    stream: S,
    number: u32,
    (client, server): (SocketAddr, SocketAddr),
    worker: Mailbox,
    greeting: Duration,
) where
    S: AsyncRead + AsyncWrite + Send,
{
    let (queue, waiting) = mpsc::channel(DEPTH);
    let state = Arc::new(State::default());
    let outlet = Outlet { queue, state: Arc::clone(&state) };
    if !worker.send(Mail::Began { stream: number, client, server, outlet }).await {
        return;
    }
    let (read, write) = tokio::io::split(stream);
    tokio::select! {
        () = receive(read, number, &worker, &state, greeting) => {}
        () = send(write, waiting, &state) => {}
    }
    worker.send(Mail::Ended { stream: number }).await;
}

/// Gives the worker whole messages, as many at once as came.
async fn receive(
    mut read: impl AsyncRead + Unpin,
    stream: u32,
    worker: &Mailbox,
    state: &State,
    greeting: Duration,
) {
    let began = Instant::now();
    let mut buffer = BytesMut::with_capacity(READ);
    loop {
        buffer.reserve(READ);
        // A stream that says nothing is looked at as often.
        match timeout(greeting, read.read_buf(&mut buffer)).await {
            Ok(Ok(0)) | Ok(Err(_)) => return,
            Ok(Ok(_)) | Err(_) => {}
        }
        if !state.allocated.load(Ordering::Acquire) && began.elapsed() >= greeting {
            return;
        }
        let Ok(whole) = whole_messages(&buffer) else { return };
        if whole > 0 && !worker.send(Mail::Came { stream, messages: buffer.split_to(whole).freeze() }).await {
            return;
        }
    }
}

/// How many bytes of the buffer are whole messages.
fn whole_messages(buffer: &[u8]) -> Result<usize, channel::NotTurn> {
    let mut whole = 0;
    while let Some(length) = channel::frame(&buffer[whole..])?
        && whole + length <= buffer.len()
    {
        whole += length;
    }
    Ok(whole)
}

/// Writes what the worker gives, until it gives no more or nobody takes it.
async fn send(mut write: impl AsyncWrite + Unpin, mut waiting: mpsc::Receiver<Bytes>, state: &State) {
    while let Some(messages) = waiting.recv().await {
        let written = timeout(STALLED, async {
            write.write_all(&messages).await?;
            if waiting.is_empty() { write.flush().await } else { Ok(()) }
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
        state.waiting.fetch_sub(messages.len(), Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_messages_are_told_from_the_beginning_of_the_next() {
        let mut bytes = Vec::new();
        channel::write(0x4000, b"hello", true, &mut bytes);
        let one = bytes.len();
        channel::write(0x4001, b"world", true, &mut bytes);
        for cut in 0..=bytes.len() {
            let whole = [0, one, bytes.len()].into_iter().filter(|whole| *whole <= cut).max().unwrap();
            assert_eq!(whole_messages(&bytes[..cut]), Ok(whole), "{cut}");
        }
        assert_eq!(whole_messages(b"GET / HTTP/1.1\r\n\r\n"), Ok(0), "waits for a channel of 18 KiB");
        assert!(whole_messages(b"\x16\x03\x01\x02\x00").is_err());
    }

    #[tokio::test]
    async fn a_slow_reader_loses_messages_and_is_told_apart_from_a_full_worker() {
        let (queue, _kept) = mpsc::channel(DEPTH);
        let outlet = Outlet { queue, state: Arc::default() };
        let taken = (0..100).filter(|_| outlet.send(&[0; 10_000])).count();
        assert_eq!(taken, WAITING / 10_000);
    }
}
