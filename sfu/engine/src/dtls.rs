//! DTLS with one configuration for the process.
//!
//! str0m's provider builds a `dimpl::Config` for every connection, and each build tests all cipher
//! suites (0.6 ms of CPU). This one is the same with a configuration that is built once.
//!
//! It also hands out the keying material of each connection, which the send path of viewers needs and
//! str0m keeps to itself. Providers are shared by all connections, so [`collect`] listens for the
//! instance that is made on its thread while it runs.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, KeyingMaterial,
    ProtocolVersion,
};
use str0m::crypto::{CryptoError, CryptoProvider};

use crate::egress::Keys;

#[derive(Debug)]
struct SharedConfig;

/// Filled when the handshake is done.
pub(crate) type KeySlot = Arc<OnceLock<Keys>>;

thread_local! {
    static NEWEST: RefCell<Option<KeySlot>> = const { RefCell::new(None) };
}

/// Runs `make`, which makes a DTLS instance on this thread, and returns where its keys will be.
pub(crate) fn collect<T>(make: impl FnOnce() -> T) -> (T, Option<KeySlot>) {
    NEWEST.take();
    let made = make();
    (made, NEWEST.take())
}

struct Instance {
    dtls: dimpl::Dtls,
    keys: KeySlot,
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dtls")
    }
}

impl DtlsProvider for SharedConfig {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        dimpl::certificate::generate_self_signed_certificate().ok()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        static CONFIG: OnceLock<Arc<dimpl::Config>> = OnceLock::new();
        let config = CONFIG.get_or_init(|| {
            // ICE has proved the return path, so the cookie round trip of RFC 6347 §4.2.1 is not needed.
            let builder = dimpl::Config::builder().use_server_cookie(false);
            let builder = match mtu {
                Some(mtu) => builder.mtu(mtu),
                None => builder,
            };
            Arc::new(builder.build().expect("the built-in cipher suites pass their self-test"))
        });
        let config = Arc::clone(config);
        let cert = DtlsCert { certificate: cert.certificate.clone(), private_key: cert.private_key.clone() };
        let dtls = match version {
            DtlsVersion::Dtls12 => dimpl::Dtls::new_12(config, cert, now),
            DtlsVersion::Dtls13 => dimpl::Dtls::new_13(config, cert, now),
            _ => dimpl::Dtls::new_auto(config, cert, now),
        };
        let keys = KeySlot::default();
        NEWEST.set(Some(Arc::clone(&keys)));
        Ok(Box::new(Instance { dtls, keys }))
    }
}

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.dtls.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.dtls.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let active = self.dtls.is_active();
        let output = self.dtls.poll_output(buf);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let material = KeyingMaterial::new(material);
            // A connection has one handshake; the keys of a second would not be ours to use.
            let _first = self.keys.set(Keys { material, profile: *profile, active });
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.dtls.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.dtls.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.dtls.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.dtls.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.dtls.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.dtls.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.dtls.close()
    }
}

/// str0m's crypto with the shared DTLS configuration.
pub(crate) fn provider() -> CryptoProvider {
    static SHARED: SharedConfig = SharedConfig;
    CryptoProvider { dtls_provider: &SHARED, ..str0m::crypto::from_feature_flags() }
}

#[cfg(test)]
mod tests;
