//! One WebRTC transport of the offering side: ICE, DTLS and SRTP, without sockets.
//!
//! The caller feeds datagrams and time, and drains what is to be sent. ICE and DTLS are `rtc`'s.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bytes::BytesMut;
use rtc::crypto::{HashAlgorithm, RTCCryptoProvider};
use rtc::dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::ice::candidate::{CandidateConfig, candidate_host::CandidateHostConfig};
use rtc::ice::mdns::MulticastDnsMode;
use rtc::ice::state::ConnectionState;
use rtc::ice::{Agent, AgentConfig, Event};
use rtc::sansio::Protocol as _;
use rtc::shared::{TransportContext, TransportMessage, TransportProtocol};

use super::rtcp::is_rtcp;
use super::sdp::{RemoteTransport, Setup};
use super::srtp::Srtp;

/// How often a pair is checked until one works. Shorter joins sooner and sends more checks; the
/// 200 ms of `rtc` would be most of a join on a local network.
const CHECK_INTERVAL: Duration = Duration::from_millis(10);
/// Checks before a pair counts as dead: five seconds of them.
const MAX_CHECKS: u16 = 500;
/// Time without any packet before the connection counts as disturbed, and then as lost. Longer
/// hides a dead server; shorter gives up during a publisher's gap in which only checks flow.
const DISCONNECTED_AFTER: Duration = Duration::from_secs(5);
const FAILED_AFTER: Duration = Duration::from_secs(5);
/// Media counts as a sign of life at most this often, to keep the agent off the packet path.
const LIVENESS_INTERVAL: Duration = Duration::from_millis(500);

/// The certificate of this process, shared by all its connections.
pub(crate) struct Identity {
    provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
    fingerprint: String,
}

impl Identity {
    /// Makes a self-signed certificate.
    pub(crate) fn generate() -> Result<Self> {
        let provider = rtc::crypto::default_provider().context("finding a crypto provider")?;
        let certificate =
            Certificate::generate_self_signed(vec!["sluice-load".to_owned()], provider.crypto())
                .context("making a certificate")?;
        let fingerprint = fingerprint(&provider, certificate.certificate[0].as_ref())?;
        Ok(Self { provider, certificate, fingerprint })
    }

    /// The SHA-256 fingerprint as SDP writes it.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn fingerprint(provider: &Arc<dyn RTCCryptoProvider>, der: &[u8]) -> Result<String> {
    let hash = provider.crypto().hash(HashAlgorithm::Sha256, der).context("hashing a certificate")?;
    let bytes: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(bytes.join(":"))
}

/// What a datagram turned out to be.
pub(crate) enum Received {
    /// STUN or DTLS, or something to ignore.
    Handled,
    /// An RTP packet, decrypted in place, of this length.
    Rtp(usize),
    /// A decrypted RTCP compound.
    Rtcp(Vec<u8>),
}

/// What happened to the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TransportEvent {
    /// Media can flow.
    Connected,
    /// The other side ended the connection.
    ClosedByPeer,
    /// The connection cannot be made, or died.
    Failed(String),
}

/// One connection.
pub(crate) struct Transport {
    agent: Agent,
    dtls: Endpoint,
    identity: Arc<Identity>,
    client_config: Option<Arc<HandshakeConfig>>,
    local: SocketAddr,
    remote: Option<SocketAddr>,
    srtp: Option<Srtp>,
    last_sign_of_life: Option<Instant>,
    outgoing: VecDeque<(SocketAddr, BytesMut)>,
    events: VecDeque<TransportEvent>,
    /// What came through DTLS and has not been taken: SCTP packets.
    data: VecDeque<BytesMut>,
    is_client: bool,
    ended: bool,
}

impl Transport {
    /// A transport that will use the socket bound to `local`.
    pub(crate) fn new(now: Instant, local: SocketAddr, identity: &Arc<Identity>) -> Result<Self> {
        let config = AgentConfig {
            is_controlling: true,
            multicast_dns_mode: MulticastDnsMode::Disabled,
            check_interval: CHECK_INTERVAL,
            max_binding_requests: Some(MAX_CHECKS),
            disconnected_timeout: Some(DISCONNECTED_AFTER),
            failed_timeout: Some(FAILED_AFTER),
            ..Default::default()
        };
        let mut agent =
            Agent::new(now, Arc::new(config), identity.provider.clone()).context("setting up ICE")?;
        agent.add_local_candidate(host_candidate(local, 0)?).context("adding the local candidate")?;
        let dtls = Endpoint::new(TransportContext::default().local_addr, TransportProtocol::UDP, None);
        Ok(Self {
            agent,
            dtls,
            identity: Arc::clone(identity),
            client_config: None,
            local,
            remote: None,
            srtp: None,
            last_sign_of_life: None,
            outgoing: VecDeque::new(),
            events: VecDeque::new(),
            data: VecDeque::new(),
            is_client: false,
            ended: false,
        })
    }

    /// User name fragment and password for the offer.
    pub(crate) fn credentials(&self) -> (&str, &str) {
        let credentials = self.agent.get_local_credentials();
        (&credentials.ufrag, &credentials.pwd)
    }

    /// Starts to connect with what the answer said.
    pub(crate) fn start(&mut self, now: Instant, remote: &RemoteTransport) -> Result<()> {
        let is_client = remote.setup == Setup::Passive;
        let config = Arc::new(self.handshake_config(is_client, &remote.fingerprint)?);
        self.is_client = is_client;
        if is_client {
            self.client_config = Some(config);
        } else {
            self.dtls.set_server_config(Some(config));
        }
        self.agent
            .start_connectivity_checks(now, true, remote.ufrag.clone(), remote.pwd.clone())
            .context("starting ICE")?;
        let mut usable = 0;
        for candidate in &remote.candidates {
            if candidate.address.is_ipv4() == self.local.is_ipv4() {
                self.agent
                    .add_remote_candidate(host_candidate(candidate.address, candidate.priority)?)
                    .context("adding a candidate of the server")?;
                usable += 1;
            }
        }
        if usable == 0 {
            bail!("the answer names no UDP candidate that can be reached from {}", self.local.ip());
        }
        Ok(())
    }

    fn handshake_config(&self, is_client: bool, expected: &str) -> Result<HandshakeConfig> {
        let expected = expected.to_ascii_uppercase();
        let provider = self.identity.provider.clone();
        ConfigBuilder::default()
            .with_crypto_provider(self.identity.provider.clone())
            .with_certificates(vec![self.identity.certificate.clone()])
            .with_srtp_protection_profiles(vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_verify_peer_certificate(Some(Arc::new(move |chain, _| {
                let matches = chain
                    .first()
                    .and_then(|der| fingerprint(&provider, der).ok())
                    .is_some_and(|found| found == expected);
                if matches {
                    Ok(())
                } else {
                    Err(rtc::shared::error::Error::ErrNoMatchingCertificateFingerprint)
                }
            })))
            .build(is_client, None)
            .context("setting up DTLS")
    }

    /// Takes one datagram. RTP is decrypted where it lies.
    pub(crate) fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        datagram: &mut [u8],
    ) -> Received {
        let Some(first) = datagram.first() else {
            return Received::Handled;
        };
        // RFC 7983 §7.
        match first {
            0..=3 => self.handle_stun(now, from, datagram),
            20..=63 => self.handle_dtls(now, datagram),
            128..=191 => return self.handle_media(now, from, datagram),
            _ => {}
        }
        Received::Handled
    }

    fn handle_media(&mut self, now: Instant, from: SocketAddr, datagram: &mut [u8]) -> Received {
        let Some(srtp) = &mut self.srtp else {
            return Received::Handled;
        };
        let received = if is_rtcp(datagram) {
            srtp.open_rtcp(datagram).map(Received::Rtcp)
        } else {
            srtp.open_rtp(datagram).map(Received::Rtp)
        };
        let due = self.last_sign_of_life.is_none_or(|last| now.duration_since(last) >= LIVENESS_INTERVAL);
        if due && received.is_some() {
            self.last_sign_of_life = Some(now);
            self.agent.is_valid_non_stun_traffic(now, context(self.local, from));
        }
        received.unwrap_or(Received::Handled)
    }

    fn handle_stun(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        // A message that ICE does not understand is the sender's error, not a reason to stop.
        let _ = self.agent.handle_read(TransportMessage {
            now,
            transport: context(self.local, from),
            message: BytesMut::from(datagram),
        });
        // Nominate as soon as a check succeeds instead of at the next interval.
        let _ = self.agent.handle_timeout(now);
        self.settle(now);
    }

    fn handle_dtls(&mut self, now: Instant, datagram: &[u8]) {
        if self.remote.is_none() {
            return;
        }
        let peer = TransportContext::default().peer_addr;
        match self.dtls.read(now, peer, None, BytesMut::from(datagram)) {
            Ok(events) => {
                for event in events {
                    match event {
                        EndpointEvent::HandshakeComplete => self.finish_handshake(peer),
                        EndpointEvent::PeerClosed => self.end(TransportEvent::ClosedByPeer),
                        EndpointEvent::ApplicationData(data) => self.data.push_back(data),
                        _ => {}
                    }
                }
            }
            Err(error) if self.srtp.is_none() => {
                self.end(TransportEvent::Failed(format!("DTLS failed: {error}")));
            }
            Err(_) => {}
        }
        self.settle(now);
    }

    fn finish_handshake(&mut self, peer: SocketAddr) {
        let Some(state) = self.dtls.get_connection_state(peer) else {
            return;
        };
        match Srtp::from_handshake(state, &self.identity.provider) {
            Ok(srtp) => {
                self.srtp = Some(srtp);
                self.events.push_back(TransportEvent::Connected);
            }
            Err(error) => self.end(TransportEvent::Failed(format!("{error:#}"))),
        }
    }

    fn end(&mut self, event: TransportEvent) {
        if !self.ended {
            self.ended = true;
            self.events.push_back(event);
        }
    }

    /// Lets time pass.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let _ = self.agent.handle_timeout(now);
        if self.remote.is_some() && self.srtp.is_none() && !self.ended {
            let peer = TransportContext::default().peer_addr;
            if let Err(error) = self.dtls.handle_timeout(peer, now)
                && self.dtls.get_connection_state(peer).is_some()
            {
                self.end(TransportEvent::Failed(format!("DTLS failed: {error}")));
            }
        }
        self.settle(now);
    }

    /// When time should pass next.
    pub(crate) fn next_timeout(&mut self) -> Option<Instant> {
        if self.ended {
            return None;
        }
        let dtls = if self.srtp.is_none() {
            self.dtls.poll_timeout(&TransportContext::default().peer_addr)
        } else {
            None
        };
        [self.agent.poll_timeout(), dtls].into_iter().flatten().min()
    }

    /// Moves events and datagrams of ICE and DTLS to where the caller finds them.
    fn settle(&mut self, now: Instant) {
        while let Some(tagged) = self.agent.poll_event() {
            match tagged.event {
                Event::SelectedCandidatePairChange(_, remote) => {
                    self.remote = Some(remote.addr());
                    if let Some(config) = self.client_config.take() {
                        let peer = TransportContext::default().peer_addr;
                        if let Err(error) = self.dtls.connect(now, peer, config, None) {
                            self.end(TransportEvent::Failed(format!("DTLS failed: {error}")));
                        }
                    }
                }
                Event::ConnectionStateChange(ConnectionState::Failed) => {
                    let reason = if self.remote.is_some() {
                        "the connection was lost: nothing came for ten seconds"
                    } else {
                        "ICE found no working path to the server"
                    };
                    self.end(TransportEvent::Failed(reason.to_owned()));
                }
                _ => {}
            }
        }
        while let Some(message) = self.agent.poll_write() {
            self.outgoing.push_back((message.transport.peer_addr, message.message));
        }
        while let Some(message) = self.dtls.poll_transmit() {
            if let Some(remote) = self.remote {
                self.outgoing.push_back((remote, message.message));
            }
        }
    }

    /// The next datagram of ICE or DTLS to send.
    pub(crate) fn poll_transmit(&mut self) -> Option<(SocketAddr, BytesMut)> {
        self.outgoing.pop_front()
    }

    /// The next thing that happened.
    pub(crate) fn poll_event(&mut self) -> Option<TransportEvent> {
        self.events.pop_front()
    }

    /// Where media goes, and the keys for it, once connected.
    pub(crate) fn media(&mut self) -> Option<(SocketAddr, &mut Srtp)> {
        if self.ended {
            return None;
        }
        Some((self.remote?, self.srtp.as_mut()?))
    }

    /// The next SCTP packet that came; who offered a data channel takes them all.
    pub(crate) fn poll_data(&mut self) -> Option<BytesMut> {
        self.data.pop_front()
    }

    /// Sends an SCTP packet, once connected.
    pub(crate) fn send_data(&mut self, now: Instant, packet: &[u8]) {
        if !self.ended && self.dtls.write(now, TransportContext::default().peer_addr, packet).is_ok() {
            self.settle(now);
        }
    }

    /// Whether this side began the DTLS handshake, and so begins the SCTP association too.
    pub(crate) fn is_client(&self) -> bool {
        self.is_client
    }

    /// The negotiated SRTP profile, once connected.
    pub(crate) fn profile(&self) -> Option<&'static str> {
        self.srtp.as_ref().map(Srtp::profile)
    }

    /// Ends the connection with a DTLS close.
    pub(crate) fn close(&mut self, now: Instant) {
        if !self.ended {
            self.ended = true;
            let _ = self.dtls.close(now);
            self.settle(now);
        }
    }
}

fn context(local: SocketAddr, peer: SocketAddr) -> TransportContext {
    TransportContext {
        local_addr: local,
        peer_addr: peer,
        transport_protocol: TransportProtocol::UDP,
        ecn: None,
    }
}

fn host_candidate(address: SocketAddr, priority: u32) -> Result<rtc::ice::candidate::Candidate> {
    CandidateHostConfig {
        base_config: CandidateConfig {
            network: "udp".to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            component: 1,
            priority,
            ..Default::default()
        },
        ..Default::default()
    }
    .new_candidate_host()
    .context("describing a candidate")
}
