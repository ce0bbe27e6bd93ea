//! Who may do what: the one place where a credential becomes a [`Grant`].
//!
//! Stream keys come from the configuration. Everything below this file sees only the Grant, so
//! accounts and tokens can be added here without touching anything else.

use sha2::{Digest as _, Sha256};
use sluice_domain::{Action, Grant, Redacted, StreamName};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use crate::config::{StreamConfig, StreamsError};
use crate::error::LiveError;

/// What a caller presented, if anything.
pub type Credential = Redacted<String>;

/// Shortest key that is accepted. Eight characters of a generator resist guessing through the
/// rate limit; typed words do not become safe by a larger number here.
const MIN_KEY_LENGTH: usize = 8;

/// The streams of this node with the hashes of their keys.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    streams: Vec<CatalogStream>,
}

#[derive(Debug)]
pub(crate) struct CatalogStream {
    pub(crate) name: StreamName,
    pub(crate) title: String,
    keys: Vec<KeyHash>,
}

/// SHA-256 of a key. Keys are random, so a plain hash hides them, and two hashes can be compared
/// in constant time whatever the lengths of the keys.
#[derive(Clone, PartialEq, Eq)]
struct KeyHash([u8; 32]);

impl KeyHash {
    fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    fn matches(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }

    /// Names the holder of the key without telling the key: half of its hash.
    fn subject(&self) -> String {
        let mut text = String::from("key:");
        self.0[..16].iter().for_each(|byte| text.push_str(&format!("{byte:02x}")));
        text
    }
}

impl std::fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Catalog {
    pub(crate) fn new(streams: Vec<StreamConfig>) -> Result<Self, StreamsError> {
        let mut catalog = Self::default();
        for StreamConfig { name, title, keys } in streams {
            if catalog.stream(&name).is_some() {
                return Err(StreamsError::DuplicateName(name));
            }
            let mut hashes = Vec::with_capacity(keys.len());
            for key in &keys {
                let key = key.expose();
                if key.len() < MIN_KEY_LENGTH || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(StreamsError::WeakKey(name));
                }
                let hash = KeyHash::of(key);
                if let Some(other) = catalog.streams.iter().find(|stream| stream.keys.contains(&hash)) {
                    return Err(StreamsError::SharedKey(other.name.clone(), name));
                }
                hashes.push(hash);
            }
            catalog.streams.push(CatalogStream { name, title, keys: hashes });
        }
        Ok(catalog)
    }

    pub(crate) fn streams(&self) -> impl Iterator<Item = &CatalogStream> {
        self.streams.iter()
    }

    pub(crate) fn stream(&self, name: &StreamName) -> Option<&CatalogStream> {
        self.streams.iter().find(|stream| stream.name == *name)
    }

    /// May this caller publish? Without a stream name the key says which stream is meant.
    pub(crate) fn publish(
        &self,
        stream: Option<&StreamName>,
        credential: Option<&Credential>,
    ) -> Result<Grant, LiveError> {
        let presented = KeyHash::of(credential.ok_or(LiveError::Unauthorized)?.expose());
        let candidates = match stream {
            Some(name) => std::slice::from_ref(self.stream(name).ok_or(LiveError::UnknownStream)?),
            None => self.streams.as_slice(),
        };
        let found = position(candidates, &presented).ok_or(LiveError::Forbidden)?;
        Ok(Grant {
            stream: candidates[found].name.clone(),
            action: Action::Publish,
            subject: presented.subject(),
            expires: None,
        })
    }

    /// May this caller watch? Every configured stream is public, so any credential will do.
    pub(crate) fn watch(
        &self,
        stream: &StreamName,
        _credential: Option<&Credential>,
    ) -> Result<Grant, LiveError> {
        let stream = self.stream(stream).ok_or(LiveError::UnknownStream)?;
        Ok(Grant {
            stream: stream.name.clone(),
            action: Action::Watch,
            subject: "anybody".to_owned(),
            expires: None,
        })
    }

    /// Whether a Grant given earlier would be given again. Asked after a reload.
    pub(crate) fn still_holds(&self, grant: &Grant) -> bool {
        self.stream(&grant.stream).is_some_and(|stream| match grant.action {
            Action::Publish => stream.keys.iter().any(|key| key.subject() == grant.subject),
            Action::Watch => true,
        })
    }
}

/// Index of the stream that has the key. Looks at every key, so that the time taken does not
/// tell how far the search came.
fn position(streams: &[CatalogStream], presented: &KeyHash) -> Option<usize> {
    let mut found = u64::MAX;
    for (index, stream) in streams.iter().enumerate() {
        for key in &stream.keys {
            found.conditional_assign(&(index as u64), key.matches(presented));
        }
    }
    usize::try_from(found).ok().filter(|index| *index < streams.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(name: &str, keys: &[&str]) -> StreamConfig {
        StreamConfig {
            name: name.parse().unwrap(),
            title: name.to_owned(),
            keys: keys.iter().map(|key| Redacted::new((*key).to_owned())).collect(),
        }
    }

    fn catalog() -> Catalog {
        Catalog::new(vec![stream("one", &["key-of-one", "spare-of-one"]), stream("two", &["key-of-two"])])
            .unwrap()
    }

    fn key(text: &str) -> Credential {
        Redacted::new(text.to_owned())
    }

    #[test]
    fn a_key_publishes_to_its_own_stream_only() {
        let (catalog, one, two) = (catalog(), "one".parse().unwrap(), "two".parse().unwrap());
        let grant = catalog.publish(Some(&one), Some(&key("key-of-one"))).unwrap();
        assert_eq!((grant.stream.as_str(), grant.action), ("one", Action::Publish));
        assert_eq!(catalog.publish(Some(&two), Some(&key("key-of-one"))), Err(LiveError::Forbidden));
        assert_eq!(catalog.publish(Some(&two), None), Err(LiveError::Unauthorized));
        let unknown = "three".parse().unwrap();
        assert_eq!(catalog.publish(Some(&unknown), Some(&key("key-of-one"))), Err(LiveError::UnknownStream));
    }

    #[test]
    fn a_key_alone_finds_its_stream() {
        let catalog = catalog();
        for (text, name) in [("key-of-one", "one"), ("spare-of-one", "one"), ("key-of-two", "two")] {
            assert_eq!(catalog.publish(None, Some(&key(text))).unwrap().stream.as_str(), name);
        }
        assert_eq!(catalog.publish(None, Some(&key("key-of-"))), Err(LiveError::Forbidden));
    }

    #[test]
    fn two_keys_of_one_stream_are_two_holders() {
        let catalog = catalog();
        let first = catalog.publish(None, Some(&key("key-of-one"))).unwrap();
        let second = catalog.publish(None, Some(&key("spare-of-one"))).unwrap();
        assert_ne!(first.subject, second.subject);
        assert!(!first.subject.contains("key-of-one"));
    }

    #[test]
    fn a_grant_falls_with_its_key_or_stream() {
        let grant = catalog().publish(None, Some(&key("key-of-one"))).unwrap();
        assert!(catalog().still_holds(&grant));
        let rotated = Catalog::new(vec![stream("one", &["new-key-of-one"])]).unwrap();
        assert!(!rotated.still_holds(&grant));
        assert!(!Catalog::default().still_holds(&grant));
    }

    #[test]
    fn unusable_lists_of_streams_are_refused() {
        let shared = Catalog::new(vec![stream("a", &["the-same-key"]), stream("b", &["the-same-key"])]);
        assert!(matches!(shared, Err(StreamsError::SharedKey(..))));
        let twice = Catalog::new(vec![stream("a", &[]), stream("a", &[])]);
        assert!(matches!(twice, Err(StreamsError::DuplicateName(_))));
        for weak in ["", "short", "with a space"] {
            assert!(matches!(Catalog::new(vec![stream("a", &[weak])]), Err(StreamsError::WeakKey(_))));
        }
    }

    #[test]
    fn a_catalog_does_not_print_its_keys() {
        assert!(!format!("{:?}", catalog()).contains("key-of"));
    }
}
