//! Closing a connection without taking from the client what it has not read yet.
//!
//! A socket that is closed with unread bytes in it, or that gets some afterwards, answers with a reset, and
//! a reset may take the end of the last answer from the client (RFC 9112 §9.6). So the writing side is closed
//! first, and what the client still sends is read and forgotten until it closes too, or for a short while.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Longest wait for the client to close. Longer keeps the places of clients that never do; shorter is less
/// than a round trip and a retransmission on a bad network.
const WHILE: Duration = Duration::from_secs(2);

/// What is read and forgotten at once.
const CHUNK: usize = 4096;

/// Most turns that one poll takes, so that a client that floods does not hold the thread.
const TURNS: usize = 16;

/// A stream that is closed in two steps.
pub(super) struct Lingering<S> {
    stream: S,
    /// Set once our side is closed.
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Lingering<S> {
    /// Closes this stream in two steps.
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, until: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(ctx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(mut self: Pin<&mut Self>, ctx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(ctx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(ctx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(ctx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.until.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(ctx))?;
        }
        let until = this.until.get_or_insert_with(|| Box::pin(tokio::time::sleep(WHILE)));
        if until.as_mut().poll(ctx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        for _ in 0..TURNS {
            let mut chunk = [0; CHUNK];
            let mut chunk = ReadBuf::new(&mut chunk);
            // However it ends, the client has had its time.
            if ready!(Pin::new(&mut this.stream).poll_read(ctx, &mut chunk)).is_err()
                || chunk.filled().is_empty()
            {
                return Poll::Ready(Ok(()));
            }
        }
        ctx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn a_client_that_is_still_sending_reads_the_whole_answer() {
        let (mut client, server) = pair().await;
        let mut server = Lingering::new(server);
        let closing = tokio::spawn(async move {
            server.write_all(b"413 too large").await.unwrap();
            server.shutdown().await.unwrap();
        });
        let mut answer = Vec::new();
        for _ in 0..100 {
            client.write_all(&[0; 10_000]).await.unwrap();
        }
        client.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"413 too large");
        drop(client);
        closing.await.unwrap();
    }

    #[tokio::test]
    async fn a_client_that_never_closes_is_left() {
        let (_client, server) = pair().await;
        let from = tokio::time::Instant::now();
        let left = tokio::time::timeout(WHILE * 10, Lingering::new(server).shutdown()).await;
        assert!(left.is_ok() && from.elapsed() >= WHILE, "{left:?} {:?}", from.elapsed());
    }
}
