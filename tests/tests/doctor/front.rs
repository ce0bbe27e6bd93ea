//! Something between the doctor and a server that breaks one thing: an address, a certificate, WebSockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sluice_e2e::server::Server;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Every media address that is announced.
    Address,
    /// Upgrades are answered with 426.
    WebSocket,
    /// The certificate has run out.
    Expired,
    /// Its time has not come.
    Tomorrow,
    /// It is signed with its own key.
    SelfSigned,
    /// Nobody knows who signed it.
    UnknownIssuer,
}

/// A proxy on a port of its own, for as long as the test runs.
#[derive(Debug)]
pub(crate) struct Front {
    address: SocketAddr,
}

impl Front {
    pub(crate) async fn start(server: &Server, broken: Broken) -> anyhow::Result<Self> {
        let upstream = server.ready.http.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the proxy")?;
        let address = listener.local_addr()?;
        let tls = match broken {
            Broken::Address | Broken::WebSocket => None,
            _ => Some(acceptor(broken)?),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (upstream, tls) = (upstream.clone(), tls.clone());
                // A connection that breaks off is the doctor's to report.
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => pass(tls.accept(stream).await?, &upstream, broken).await,
                        None => pass(stream, &upstream, broken).await,
                    }
                });
            }
        });
        Ok(Self { address })
    }

    /// By name, which the certificates have.
    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}", self.address.port())
    }
}

async fn pass<S: AsyncRead + AsyncWrite + Unpin>(
    mut near: S,
    upstream: &str,
    broken: Broken,
) -> std::io::Result<()> {
    let mut far = TcpStream::connect(upstream).await?;
    let (mut up, mut down) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        tokio::select! {
            read = near.read(&mut up) => {
                let length = read?;
                if length == 0 {
                    return Ok(());
                }
                if broken == Broken::WebSocket && up.starts_with(b"GET /ws ") {
                    let refusal = "HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                    return near.write_all(refusal.as_bytes()).await;
                }
                far.write_all(&up[..length]).await?;
            }
            read = far.read(&mut down) => {
                let length = read?;
                if length == 0 {
                    return near.shutdown().await;
                }
                near.write_all(&spoil(&down[..length], broken)).await?;
            }
        }
    }
}

/// Another address of loopback, where nobody listens, of the same length.
fn spoil(bytes: &[u8], broken: Broken) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let spoilt = |line: &str| match broken {
        Broken::Address if line.starts_with("a=candidate:") => line.replace("127.0.0.1 ", "127.0.0.9 "),
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(spoilt).collect::<String>().into_bytes()
}

fn acceptor(broken: Broken) -> anyhow::Result<TlsAcceptor> {
    let day = Duration::from_secs(24 * 3600);
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    match broken {
        Broken::Expired => params.not_after = (std::time::SystemTime::now() - day).into(),
        Broken::Tomorrow => params.not_before = (std::time::SystemTime::now() + day).into(),
        _ => {}
    }
    let key = KeyPair::generate()?;
    let certificate = if broken == Broken::SelfSigned {
        params.self_signed(&key)?
    } else {
        let mut issuer = CertificateParams::new(Vec::new())?;
        issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        issuer.distinguished_name.push(rcgen::DnType::CommonName, "An issuer that nobody knows");
        params.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
        params.signed_by(&key, &Issuer::new(issuer, KeyPair::generate()?))?
    };
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(
        tokio_rustls::rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()?
    .with_no_client_auth()
    .with_single_cert(vec![certificate.der().clone()], secret)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
