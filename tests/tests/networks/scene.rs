//! A server with a publisher beside it, and the network between it and a viewer.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use sluice_e2e::netns::{self, Network, SERVER};
use sluice_e2e::server::{KEY, Place, STREAM, Server};
use sluice_e2e::tool::{Running, load_tool};
use tempfile::TempDir;

use super::doctor::{self, Found};
use super::person::{Person, Seen};

/// The port of media.
pub(crate) const MEDIA: u16 = 8189;

/// Lines of the tallest layer that is published.
pub(crate) const TALLEST: u32 = 720;

/// What is published: three layers, of which the tallest does not fit through narrow links.
const PUBLISHED: [&str; 4] = ["--layers", "3", "--bitrate", "1500k"];

/// A server with a publisher beside it.
pub(crate) struct Scene {
    /// Where the viewer asks.
    base: String,
    /// Whose browser is ready already.
    person: Mutex<Option<Person>>,
    _publisher: Running,
    _server: Server,
    certificates: TempDir,
    pub(crate) network: Network,
}

impl Scene {
    /// The server where it usually is, known by the address that it has.
    pub(crate) async fn usual(network: Network) -> anyhow::Result<Self> {
        Self::set(network, SERVER).await
    }

    /// The viewer knows the server by this address.
    pub(crate) async fn set(network: Network, public: &str) -> anyhow::Result<Self> {
        let place = Place {
            within: network.server_words(),
            http: "127.0.0.1:8080".to_owned(),
            media: MEDIA,
            public: vec![public.to_owned()],
            patience: ["15s", "8s"],
        };
        let folder = tempfile::tempdir().context("a folder for certificates")?;
        certify(folder.path(), public)?;
        let (certificate, key) = (folder.path().join("server.pem"), folder.path().join("server.key"));
        let host = if public.contains(':') { format!("[{public}]") } else { public.to_owned() };
        let base = format!("https://{host}");
        // A browser takes as long to start as a server.
        let person = Person::start(network.viewer("node"), &base, &certificate)?;
        let tls = format!("[tls]\nlisten = \"[::]:443\"\ncertificate = {certificate:?}\nkey = {key:?}\n");
        let data = tempfile::tempdir().context("a folder for the server")?;
        let server = Server::start_at(&place, data, "workers = 2", &tls, &[(STREAM, &[KEY])]).await?;
        let mut publish = network.server(&text(&load_tool()?));
        publish.args(["publish", "--quiet", "--token", KEY]).args(PUBLISHED);
        publish.args(["--whip", &format!("{base}/whip/{STREAM}")]);
        publish.env("SSL_CERT_FILE", folder.path().join("issuer.pem"));
        let publisher = Running::start(&mut publish)?;
        Ok(Self {
            base,
            person: Mutex::new(Some(person)),
            _publisher: publisher,
            _server: server,
            certificates: folder,
            network,
        })
    }

    /// Somebody who is about to open the player where the viewer is.
    pub(crate) fn person(&self) -> anyhow::Result<Person> {
        match self.person.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(person) => Ok(person),
            None => Person::start(
                self.network.viewer("node"),
                &self.base,
                &self.certificates.path().join("server.pem"),
            ),
        }
    }

    /// Somebody opens the player, sees so many pictures and leaves.
    pub(crate) async fn watch(&self, pictures: u32) -> anyhow::Result<Seen> {
        let mut person = self.person()?;
        let seen = person.sees(pictures).await?;
        person.leaves().await?;
        Ok(seen)
    }

    /// What the doctor says where the viewer is, who knows the certificates' issuer.
    pub(crate) async fn examine(&self, options: &[&str]) -> anyhow::Result<Found> {
        let mut command = self.network.viewer(&text(&sluice_e2e::server::binary()?));
        command.env("SSL_CERT_FILE", self.certificates.path().join("issuer.pem"));
        command.args(["doctor", &self.base, "--json"]).args(options);
        doctor::run(command).await
    }
}

/// A network, or a word about why there is none.
pub(crate) fn network() -> anyhow::Result<Option<Network>> {
    if let Some(why) = netns::missing()? {
        let _closed = writeln!(std::io::stderr(), "SKIPPED: no network namespaces on this machine: {why}");
        return Ok(None);
    }
    Network::lay().map(Some)
}

/// Prints what somebody saw, for people.
pub(crate) fn tell(what: &str, seen: &Seen) {
    let _closed = writeln!(std::io::stderr(), "measured: {what}: {seen:?}");
}

/// A proxy at the port of media on the router, which does this to what passes, both ways.
pub(crate) fn impair(network: &Network, impairment: &str) -> anyhow::Result<Impaired> {
    let mut proxy = network.router(env!("CARGO_BIN_EXE_sluice-udp-proxy"));
    proxy.args(["--listen", &format!("0.0.0.0:{MEDIA}"), "--server", &format!("{SERVER}:{MEDIA}")]);
    let mut proxy = proxy.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("the proxy")?;
    let input = proxy.stdin.as_mut().context("the proxy has no input")?;
    for way in ["to_server", "to_peers"] {
        writeln!(input, "{{\"{way}\":{impairment}}}").context("the proxy does not listen")?;
    }
    Ok(Impaired(proxy))
}

/// A proxy; ended when dropped.
pub(crate) struct Impaired(Child);

impl Drop for Impaired {
    fn drop(&mut self) {
        let _already_ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Writes a certificate for an address, its key, and the certificate of who issued it.
fn certify(folder: &Path, address: &str) -> anyhow::Result<()> {
    let named = |names: Vec<String>, name: &str| {
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, name);
        Ok::<_, rcgen::Error>(params)
    };
    let mut issuer = named(Vec::new(), "An issuer of tests")?;
    issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (issuer_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
    let root = issuer.self_signed(&issuer_key)?;
    let certificate = named(vec![address.to_owned()], "A server of tests")?
        .signed_by(&key, &Issuer::new(issuer, issuer_key))?;
    let files =
        [("issuer.pem", root.pem()), ("server.pem", certificate.pem()), ("server.key", key.serialize_pem())];
    for (file, text) in files {
        std::fs::write(folder.join(file), text).with_context(|| format!("cannot write {file}"))?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
