//! From a TCP connection to what is spoken on it: HTTP/2, HTTP/1.1 or TURN, told apart by what the client
//! announces (ALPN) and, where it announces nothing, by the first byte after the handshake.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// RFC 9113 §3.2.
pub(crate) const HTTP2: &[u8] = b"h2";

/// RFC 7301 §6.
pub(crate) const HTTP1: &[u8] = b"http/1.1";

/// RFC 7443 §4: TURN. Browsers announce nothing instead.
pub(crate) const TURN: &[u8] = b"stun.turn";

/// RFC 8737 §6.2.
pub(crate) const ACME: &[u8] = b"acme-tls/1";

/// A TLS connection, with the bytes in front that were read to know what it is.
pub(crate) type SecureStream = Rewound<TlsStream<TcpStream>>;

/// What is spoken on a connection.
pub(crate) enum Spoken {
    /// HTTP/2.
    Http2(SecureStream),
    /// HTTP/1.1.
    Http1(SecureStream),
    /// TURN.
    Turn(SecureStream),
    /// An ACME server has seen the certificate, which is all that it wanted.
    Nothing,
}

/// Shakes hands and finds out what is spoken. `relay`: whether TURN is an answer.
pub(crate) async fn open(stream: TcpStream, config: Arc<ServerConfig>, relay: bool) -> io::Result<Spoken> {
    let mut stream = TlsAcceptor::from(config).accept(stream).await?;
    let announced = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    match announced.as_deref() {
        Some(ACME) => {
            // RFC 8737 §3: the connection has served its purpose.
            stream.shutdown().await?;
            Ok(Spoken::Nothing)
        }
        Some(HTTP2) => Ok(Spoken::Http2(Rewound::new(stream, None))),
        Some(TURN) => Ok(Spoken::Turn(Rewound::new(stream, None))),
        None if relay => {
            let first = stream.read_u8().await?;
            let stream = Rewound::new(stream, Some(first));
            Ok(if begins_stun(first) { Spoken::Turn(stream) } else { Spoken::Http1(stream) })
        }
        Some(_) | None => Ok(Spoken::Http1(Rewound::new(stream, None))),
    }
}

/// RFC 8489 §5: two zero bits and the upper bits of the method, of which those in use are 0 or 1. A request
/// of HTTP begins with a letter. Channel data, which could look like one, cannot come first on a
/// connection: a channel needs an allocation, and that belongs to the connection.
const fn begins_stun(first: u8) -> bool {
    first <= 1
}

/// A stream with a byte in front that was read already.
#[derive(Debug)]
pub(crate) struct Rewound<S> {
    first: Option<u8>,
    stream: S,
}

impl<S> Rewound<S> {
    const fn new(stream: S, first: Option<u8>) -> Self {
        Self { first, stream }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buf.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(ctx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(mut self: Pin<&mut Self>, ctx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(ctx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(ctx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(ctx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(ctx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_read_to_know_a_stream_is_read_again() {
        let mut stream = Rewound::new(&b"ET / HTTP/1.1"[..], Some(b'G'));
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "GET / HTTP/1.1");
    }

    #[test]
    fn no_request_of_http_looks_like_stun() {
        assert!(begins_stun(0x00) && begins_stun(0x01));
        // Methods are tokens; a client may put an empty line before one (RFC 9112 §2.2).
        assert!((b'!'..=b'~').chain(*b"\r\n").all(|first| !begins_stun(first)));
    }
}
