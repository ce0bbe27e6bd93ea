//! The relay: from its configuration to threads, and to what answers tell of it.

use std::fs;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};
use sluice_domain::{Redacted, SessionId};
use sluice_sfu::{Relayed, Sfu};
use sluice_signaling::{IceServer, Relays};
use sluice_turn::{Credentials, Media, StartError, Turn, TurnConfig};
use tracing::warn;

use crate::config::{Config, Secret};
use crate::listen::Relay;

/// File of the data directory with the secret, where none is configured.
const SECRET_FILE: &str = "turn.key";

/// Bytes of a secret that is made here.
const SECRET_BYTES: usize = 32;

/// Bytes of the name that a session has at a relay. Enough that no two share a quota.
const NAME_BYTES: usize = 12;

/// Starts the relay of a server. A port that is taken ends no server: most viewers need no relay.
pub(crate) fn start(config: &Config, sfu: &Sfu) -> Result<Option<Turn>> {
    if !config.turn.enabled {
        return Ok(None);
    }
    let addresses = sfu.candidates().iter().map(SocketAddr::ip).collect();
    let settings = settings(config, addresses, false)?;
    let (deliver, ended) = (sfu.clone(), sfu.clone());
    let media = Media::in_process(
        sfu.candidates(),
        move |relayed, media, bytes| {
            // What belongs to no peer, or to a worker that is overloaded, is lost as on any network.
            let _lost = deliver.relayed(relayed, media, bytes);
        },
        move |relayed| ended.relay_ended(relayed),
    );
    match Turn::start(settings, media) {
        Ok(turn) => {
            let outlet = turn.media_outlet();
            let outlet = move |sent: Relayed<'_>| outlet(sent.to, sent.from, sent.bytes, sent.segment);
            if !sfu.set_relay(Arc::new(outlet)) {
                bail!("media has a relay already");
            }
            Ok(Some(turn))
        }
        Err(error @ StartError::Listen { .. }) => {
            warn!(
                "{:#}; this node relays for nobody. Set `turn.port` to a free one, or `turn.enabled = false`",
                anyhow::Error::new(error)
            );
            Ok(None)
        }
        Err(error) => Err(error).context("the relay cannot be started"),
    }
}

/// Settings of a relay that is reached at `addresses`; `alone` is without a server in the same process.
pub(crate) fn settings(config: &Config, addresses: Vec<IpAddr>, alone: bool) -> Result<TurnConfig> {
    let turn = &config.turn;
    let networks = |networks: &[crate::config::Net]| networks.iter().map(|network| network.0).collect();
    let relayed_addresses = match turn.public_addresses.is_empty() {
        true => addresses,
        false => turn.public_addresses.clone(),
    };
    Ok(TurnConfig {
        listen: config.media.listen.clone(),
        port: turn.port,
        tcp: turn.tcp,
        relayed_addresses,
        relayed_ports: turn.min_port..=turn.max_port,
        realm: turn.realm.clone(),
        public_peers: turn.public_peers.unwrap_or(alone),
        allowed_peers: networks(&turn.allowed_peers),
        denied_peers: networks(&turn.denied_peers),
        max_allocations: turn.max_allocations,
        max_allocations_per_user: turn.max_allocations_per_user,
        bandwidth: (turn.bandwidth.0 > 0).then_some(turn.bandwidth.0),
        unauthenticated_per_second: turn.unauthenticated_per_second,
        max_streams: turn.max_connections,
        max_streams_per_address: turn.max_connections_per_address,
        workers: usize::from(turn.workers),
        socket_buffer: usize::try_from(turn.socket_buffer.0).context("turn.socket_buffer is too large")?,
        ..TurnConfig::new(credentials(config)?)
    })
}

/// What gives out credentials: of the configured secret, or of the one that is kept in the data directory.
pub(crate) fn credentials(config: &Config) -> Result<Credentials> {
    let secret = match &config.turn.secret {
        Some(Secret(secret)) => secret.clone(),
        None => kept_secret(&config.server.data_dir)?,
    };
    Ok(Credentials::new(&secret))
}

fn kept_secret(data_dir: &Path) -> Result<Redacted<String>> {
    let file = data_dir.join(SECRET_FILE);
    let made: [u8; SECRET_BYTES] = rand::random();
    let made: String = made.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::create_dir_all(data_dir).with_context(|| format!("{} cannot be made", data_dir.display()))?;
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file) {
        Ok(mut new) => new.write_all(made.as_bytes()).map(|()| made),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => fs::read_to_string(&file),
        Err(error) => Err(error),
    }
    .with_context(|| format!("{} cannot be used", file.display()))
    .and_then(|secret| match secret.trim() {
        short if short.len() < 16 => bail!("{} holds no secret; delete it to get a new one", file.display()),
        secret => Ok(Redacted::new(secret.to_owned())),
    })
}

/// What answers tell of relays: of the one of this node, and of those on other machines.
pub(crate) fn relays(config: &Config, turn: Option<&Turn>, https: Option<u16>) -> Result<Relays> {
    let credentials = match turn {
        Some(turn) => turn.credentials().clone(),
        None if config.turn.servers.is_empty() => return Ok(Relays::none()),
        None => credentials(config)?,
    };
    let hosts = config.turn.hosts.clone();
    let others = config.turn.servers.clone();
    let lifetime = config.turn.credential_lifetime.0;
    let own = turn.map(|turn| (turn.port(), turn.has_tcp(), https));
    Ok(Relays::by(move |caller, session| {
        let (username, password) = credentials.issue(&name_of(session), lifetime);
        let hosts = match hosts.is_empty() {
            true => vec![caller.to_owned()],
            false => hosts.clone(),
        };
        let own = own.iter().flat_map(|own| hosts.iter().flat_map(|host| urls(host, *own)));
        own.chain(others.iter().cloned())
            .filter_map(|url| IceServer::new(&url, Some(&username), Some(&password)).ok())
            .collect()
    }))
}

/// Takes TURN over from the listener of HTTPS, for networks that let nothing else out.
pub(crate) fn by_stream(turn: &Turn) -> Relay {
    let turn = turn.clone();
    Arc::new(move |stream, client, server| {
        let turn = turn.clone();
        Box::pin(async move { turn.accept(stream, client, server).await })
    })
}

/// Where a host relays, by the port of UDP, whether TCP has it too, and the port of HTTPS: first what costs the
/// least delay.
fn urls(host: &str, (port, tcp, https): (u16, bool, Option<u16>)) -> impl Iterator<Item = String> {
    // An IPv6 address stands in brackets in URLs, and without them where people write it down.
    let host = match host.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => host.to_owned(),
    };
    let plain = |transport: &str| format!("turn:{host}:{port}?transport={transport}");
    let secure = https.map(|port| format!("turns:{host}:{port}?transport=tcp"));
    [Some(plain("udp")), tcp.then(|| plain("tcp")), secure].into_iter().flatten()
}

/// What a session is called at a relay. User names pass in the clear, and the id of a session is a secret.
fn name_of(session: SessionId) -> String {
    let digest = Sha256::digest(session.0);
    digest.iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn a_secret_is_made_once_and_kept_from_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let first = kept_secret(folder.path()).unwrap();
        assert_eq!(first.expose().len(), 2 * SECRET_BYTES);
        assert_eq!(kept_secret(folder.path()).unwrap().expose(), first.expose());
        let file = folder.path().join(SECRET_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "x").unwrap();
        assert!(kept_secret(folder.path()).is_err());
    }

    #[test]
    fn an_answer_names_each_relay_once_and_credentials_are_of_the_session() {
        let text =
            "[turn]\nsecret = \"0123456789abcdef\"\nservers = [\"turns:relay.example:443?transport=tcp\"]\n";
        let relays = relays(&parse(text).unwrap(), None, None).unwrap();
        let servers = relays.issue("https://live.example/session/1", SessionId([7; 16]));
        assert_eq!(servers.len(), 1);
        let text = name_of(SessionId([7; 16]));
        assert!(!SessionId([7; 16]).to_string().contains(&text), "a session's id is a secret");
        assert_ne!(text, name_of(SessionId([8; 16])));
        let urls: Vec<_> = urls("2001:db8::1", (3478, true, Some(443))).collect();
        let wanted = [
            "turn:[2001:db8::1]:3478?transport=udp",
            "turn:[2001:db8::1]:3478?transport=tcp",
            "turns:[2001:db8::1]:443?transport=tcp",
        ];
        assert_eq!(urls, wanted);
    }
}
