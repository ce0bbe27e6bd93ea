//! A TLS client for tests: certificates made here, protocol versions and ALPN as a test wants them, and
//! hellos that no library of today would send.

#![expect(clippy::unwrap_used, reason = "a test's own tool may end the test")]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream as BlockingStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::node::Node;

/// The host that the certificates of these tests are for.
pub(crate) const HOST: &str = "tv.example";

/// A certificate and its key.
pub(crate) struct Made {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) der: CertificateDer<'static>,
}

/// Makes a certificate for [`HOST`].
pub(crate) fn made() -> Made {
    made_for(HOST)
}

/// Makes a certificate for a host.
pub(crate) fn made_for(host: &str) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().self_signed(&key).unwrap();
    Made { certificate: certificate.pem(), key: key.serialize_pem(), der: certificate.der().clone() }
}

impl Made {
    /// Writes `c.pem` and `k.pem`, each in one step, as renewing tools do.
    pub(crate) fn write(&self, folder: &Path) {
        replace(&folder.join("c.pem"), &self.certificate);
        replace(&folder.join("k.pem"), &self.key);
    }
}

/// Replaces a file in one step.
pub(crate) fn replace(file: &Path, text: &str) {
    let temporary = file.with_extension("new");
    std::fs::write(&temporary, text).unwrap();
    std::fs::rename(temporary, file).unwrap();
}

/// Address of the HTTPS listener.
pub(crate) fn address(node: &Node) -> SocketAddr {
    node.ready["https"].as_str().unwrap().strip_prefix("https://").unwrap().parse().unwrap()
}

/// What a client is like.
pub(crate) struct Client {
    trusted: RootCertStore,
    versions: Vec<&'static SupportedProtocolVersion>,
    protocols: Vec<Vec<u8>>,
}

impl Client {
    /// Trusts these certificates, speaks every version that rustls does, and announces nothing.
    pub(crate) fn trusting(certificates: &[&CertificateDer<'static>]) -> Self {
        let mut trusted = RootCertStore::empty();
        certificates.iter().for_each(|certificate| trusted.add((*certificate).clone()).unwrap());
        Self { trusted, versions: rustls::ALL_VERSIONS.to_vec(), protocols: Vec::new() }
    }

    pub(crate) fn speaking(mut self, versions: &[&'static SupportedProtocolVersion]) -> Self {
        self.versions = versions.to_vec();
        self
    }

    pub(crate) fn announcing(mut self, protocols: &[&str]) -> Self {
        self.protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    /// Shakes hands with [`HOST`].
    pub(crate) async fn connect(&self, to: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
        self.connect_as(to, HOST).await
    }

    /// Shakes hands with a host.
    pub(crate) async fn connect_as(&self, to: SocketAddr, host: &str) -> io::Result<TlsStream<TcpStream>> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&self.versions)
            .unwrap()
            .with_root_certificates(self.trusted.clone())
            .with_no_client_auth();
        config.alpn_protocols.clone_from(&self.protocols);
        let name = ServerName::try_from(host.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(to).await?).await
    }
}

/// Sends a hello of this version with these cipher suites, and says with which alert it is refused;
/// `None` where the server goes on.
pub(crate) fn alert_to(to: SocketAddr, version: u16, suites: &[u16]) -> Option<u8> {
    let mut stream = BlockingStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(&hello(version, suites)).unwrap();
    let mut record = [0; 7];
    stream.read_exact(&mut record).unwrap();
    // RFC 5246 §7.2: an alert record holds its level and its description.
    (record[0] == 21).then_some(record[6])
}

/// A ClientHello as RFC 5246 §7.4.1.2 has it, without the extension that announces newer versions.
fn hello(version: u16, suites: &[u16]) -> Vec<u8> {
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    // supported_groups: secp256r1, x25519; signature_algorithms: ecdsa and rsa with SHA-256.
    let extensions = [
        &[0, 10, 0, 6, 0, 4, 0, 23, 0, 29][..],
        &[0, 13, 0, 8, 0, 6, 4, 3, 4, 1, 8, 4],
        &[0, 11, 0, 2, 1, 0],
    ]
    .concat();
    let mut body = version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(length(&suites));
    body.extend(suites);
    body.extend([1, 0]);
    body.extend(length(&extensions));
    body.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend(length(&body));
    handshake.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend(length(&handshake));
    record.extend(handshake);
    record
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap().to_be_bytes()
}
