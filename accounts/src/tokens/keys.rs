//! The keys that sign tokens: made once, replaced with an overlap, published without their private part.

use std::collections::BTreeMap;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};
use sluice_domain::Redacted;

use crate::secrets::random_bytes;

/// One Ed25519 key with its name.
pub struct SigningKey {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    /// The public key in base64url, as in a JWK.
    public: String,
}

/// What precedes the 32 bytes of an Ed25519 private key in PKCS#8 (RFC 8410 §7).
const PKCS8_HEADER: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

impl SigningKey {
    /// A new key, and the seed to seal and store.
    pub fn generate(kid: String) -> (Self, Redacted<[u8; 32]>) {
        let seed = random_bytes::<32>();
        let key = Self::from_seed(kid, &seed).expect("every 32 bytes are an Ed25519 private key");
        (key, Redacted::new(seed))
    }

    /// The key of a seed.
    pub fn from_seed(kid: String, seed: &[u8]) -> Option<Self> {
        let seed: &[u8; 32] = seed.try_into().ok()?;
        let encoding = EncodingKey::from_ed_der(&[PKCS8_HEADER.as_slice(), seed].concat());
        let jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).ok()?;
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        let AlgorithmParameters::OctetKeyPair(pair) = jwk.algorithm else { return None };
        Some(Self { kid, encoding, decoding, public: pair.x })
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key in base64url.
    pub fn public(&self) -> &str {
        &self.public
    }

    pub(super) const fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    fn jwk(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": self.public })
    }
}

/// The key that signs and all that still verify.
pub struct KeyRing {
    signing: SigningKey,
    others: BTreeMap<String, SigningKey>,
}

impl KeyRing {
    /// A ring of the newest key and those before it.
    pub fn new(signing: SigningKey, others: impl IntoIterator<Item = SigningKey>) -> Self {
        Self { signing, others: others.into_iter().map(|key| (key.kid.clone(), key)).collect() }
    }

    /// The key that signs.
    pub const fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(super) fn decoding(&self, kid: &str) -> Option<&DecodingKey> {
        let key = if kid == self.signing.kid { Some(&self.signing) } else { self.others.get(kid) };
        key.map(|key| &key.decoding)
    }

    /// The public keys (RFC 7517 §5), newest first.
    pub fn jwks(&self) -> Value {
        let others = self.others.values().rev().map(SigningKey::jwk);
        json!({ "keys": std::iter::once(self.signing.jwk()).chain(others).collect::<Vec<_>>() })
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
