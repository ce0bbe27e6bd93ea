//! Connections over TCP, with and without TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sluice_doctor::Failure;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::probe::{PATIENCE, failure};

/// Any stream of bytes.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// Connects to one address.
pub(super) async fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = within(TcpStream::connect(address)).await?;
    // Measured are round trips; what waits to be sent together would be counted as the network's.
    stream.set_nodelay(true).map_err(|error| failure(&error))?;
    Ok(stream)
}

/// Speaks TLS on a connection.
pub(super) async fn secure(
    stream: TcpStream,
    host: &str,
    config: Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, Failure> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::UnknownName)?;
    match timeout(PATIENCE, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if failure(&error) == Failure::Closed => Err(Failure::Closed),
        Ok(Err(_)) => Err(Failure::Tls),
        Err(_elapsed) => Err(Failure::NoAnswer),
    }
}

/// The addresses of a name.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match timeout(PATIENCE, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => {
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() { Err(Failure::UnknownName) } else { Ok(found) }
        }
        Ok(Err(_)) | Err(_) => Err(Failure::UnknownName),
    }
}

/// Waits, but not for ever.
pub(super) async fn within<T>(work: impl Future<Output = io::Result<T>>) -> Result<T, Failure> {
    match timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(|error| failure(&error)),
        Err(_elapsed) => Err(Failure::NoAnswer),
    }
}
