//! The labelled sample: scenes of many families, laid over each other as they would be in a chat.
//!
//! A family is a kind of thing that is said, with templates and words of its own. Every family belongs to one
//! split, so that what is measured was never learnt from: neither its templates nor its words.

use std::time::{Duration, Instant};

use sluice_live::filter::{Author, Candidate, Features, Filter, Memory, clean};

use crate::chance::Chance;
use crate::{ham, spam};

/// What a family is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// The weights are learnt from it.
    Train,
    /// The limits of the levels are set by it.
    Tune,
    /// It is measured, and nothing is chosen by it.
    Test,
}

/// A kind of thing that is said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) split: Split,
    pub(crate) make: fn(&mut Chance) -> Scene,
}

/// Messages that belong together.
pub(crate) type Scene = Vec<Utterance>;

/// One message of a scene.
#[derive(Debug, Clone)]
pub(crate) struct Utterance {
    pub(crate) text: String,
    pub(crate) author: Author,
    /// Milliseconds after the scene began.
    pub(crate) after: u64,
}

impl Utterance {
    pub(crate) fn new(text: String, author: Author, after: u64) -> Self {
        Self { text, author, after }
    }
}

/// One message of the sample.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) author: Author,
    pub(crate) family: &'static str,
    pub(crate) spam: bool,
    pub(crate) at: Duration,
}

/// Messages of each family. Scenes with more messages come less often.
const PER_FAMILY: usize = 120;

/// Between the beginnings of two scenes of a chat, on average, in milliseconds.
const PACE: usize = 1500;

/// Scenes of one chat; its memory begins empty.
const SCENES: usize = 200;

/// The chats of a split.
pub(crate) fn chats(seed: u64, split: Split) -> Vec<Vec<Line>> {
    let mut chance = Chance::new(seed ^ (split as u64 + 1).wrapping_mul(0x00c0_ffee));
    let mut scenes: Vec<(&'static str, bool, Scene)> = Vec::new();
    for (spam, families) in [(false, ham::FAMILIES), (true, spam::FAMILIES)] {
        for family in families.iter().filter(|family| family.split == split) {
            let mut made = 0;
            while made < PER_FAMILY {
                let scene = (family.make)(&mut chance);
                made += scene.len();
                scenes.push((family.name, spam, scene));
            }
        }
    }
    for at in (1..scenes.len()).rev() {
        scenes.swap(at, chance.below(at + 1));
    }
    scenes.chunks(SCENES).map(|scenes| laid_over(&mut chance, scenes)).collect()
}

fn laid_over(chance: &mut Chance, scenes: &[(&'static str, bool, Scene)]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut begin = 0;
    for (family, spam, scene) in scenes {
        begin += chance.below(2 * PACE) as u64;
        for said in scene {
            // Nothing gets into a chat without being cleaned; what is nothing then was never a message.
            let Ok(text) = clean(&said.text) else { continue };
            let at = Duration::from_millis(begin + said.after);
            lines.push(Line { text, author: said.author, family, spam: *spam, at });
        }
    }
    lines.sort_by_key(|line| line.at);
    lines
}

/// The numbers and the label of every message of some chats.
pub(crate) fn features(filter: &Filter, chats: &[Vec<Line>]) -> Vec<(Features, bool)> {
    let start = Instant::now();
    let mut rows = Vec::new();
    for chat in chats {
        let mut memory = Memory::new();
        for line in chat {
            let candidate = Candidate { text: &line.text, author: line.author };
            rows.push((filter.features(&candidate, &mut memory, start + line.at), line.spam));
        }
    }
    rows
}
