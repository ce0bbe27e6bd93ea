//! ICE user names of this node. The first character names the worker whose peer it is, and the last ones prove
//! that the name was made here: a worker hands nothing over to another on account of a name that is invented,
//! and needs no table to know.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use rand::RngExt;
use sluice_sfu_engine::negotiate::IceIdentity;

/// Characters of ICE credentials (RFC 8445 §5.3 `ice-char` without `+` and `/`).
const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Most workers that names tell apart.
pub(crate) const MOST_WORKERS: usize = CHARACTERS.len();

/// Characters of the worker and of chance: 47 bits of entropy (RFC 8445 asks for 24).
const NAME: usize = 9;

/// Characters of proof. Of so many invented names one passes: 62 to this power, nearly 15 million.
const PROOF: usize = 4;

/// Characters of a password: 142 bits of entropy (RFC 8445 asks for 128).
const PASSWORD: usize = 24;

/// Makes names and knows them again. The secret is one of this process.
#[derive(Debug, Default)]
pub(crate) struct Names(RandomState);

impl Names {
    /// Fresh credentials of a peer of this worker.
    pub(crate) fn make(&self, worker: usize) -> IceIdentity {
        let mut rng = rand::rng();
        let mut text = |length: usize| -> String {
            (0..length).map(|_| char::from(CHARACTERS[rng.random_range(0..CHARACTERS.len())])).collect()
        };
        let name = format!("{}{}", char::from(CHARACTERS[worker % MOST_WORKERS]), text(NAME - 1));
        let ufrag = name.bytes().chain(self.proof(name.as_bytes())).map(char::from).collect();
        IceIdentity { ufrag, pwd: text(PASSWORD) }
    }

    /// The worker that a name is of; `None` where it was not made here.
    pub(crate) fn worker(&self, ufrag: &str) -> Option<usize> {
        let (name, proof) = ufrag.as_bytes().split_at_checked(NAME)?;
        let worker = CHARACTERS.iter().position(|character| Some(character) == name.first())?;
        (proof == self.proof(name)).then_some(worker)
    }

    fn proof(&self, name: &[u8]) -> [u8; PROOF] {
        let mut hash = self.0.hash_one(name);
        [(); PROOF].map(|()| {
            let digit = (hash % CHARACTERS.len() as u64) as usize;
            hash /= CHARACTERS.len() as u64;
            CHARACTERS[digit]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_worker_and_an_invented_one_nothing() {
        let (names, other) = (Names::default(), Names::default());
        for worker in [0, 1, 61] {
            let made = names.make(worker);
            assert_eq!(names.worker(&made.ufrag), Some(worker));
            assert_eq!(made.pwd.len(), PASSWORD);
            assert_eq!(other.worker(&made.ufrag), None, "another process made it");
            let stem = &made.ufrag[..NAME];
            for invented in ["", "A", "AAAAAAAAA", "AAAAAAAAAAAAA", stem, &format!("{}A", made.ufrag)] {
                assert_eq!(names.worker(invented), None, "{invented}");
            }
        }
        let guessed = (0..10_000).filter(|n| names.worker(&format!("Babcdefgh{n:04}")).is_some()).count();
        assert!(guessed <= 2, "{guessed} of ten thousand guesses");
    }
}
