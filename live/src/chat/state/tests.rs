//! A chat on a clock of the test's own.

mod order;
mod rights;
mod rules;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sluice_accounts::Actor;
use sluice_domain::chat::{ChatRequest, ChatSettings};
use sluice_domain::{AccountId, MediaTime, OrgId, Role, StreamId, Tier};
use uuid::Uuid;

use super::{Beginning, Chat};
use crate::chat::effect::{Effect, Finally, Found, Judgement, Moment, Question};
use crate::chat::person::{MemberId, Person};
use crate::chat::record::Entry;
use crate::chat::text::Emotes;

const OWNER: u128 = 1;
const ANN: u128 = 2;
const BOB: u128 = 3;
const KEEPER: u128 = 4;

fn account(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

/// A chat whose filter and database answer as the test says.
struct Stage {
    chat: Chat,
    start: Instant,
    elapsed: Duration,
    last: u64,
    /// What each member heard, with its id.
    heard: Vec<(MemberId, Value)>,
    here: HashSet<MemberId>,
    records: Vec<Entry>,
    questions: Vec<(u64, Question)>,
    /// Texts that the filter has not judged yet.
    waiting: Vec<(u64, String)>,
    cut: Vec<MemberId>,
    silenced: Vec<(MemberId, bool)>,
}

impl Stage {
    fn new() -> Self {
        Self::with(ChatSettings::default())
    }

    fn with(settings: ChatSettings) -> Self {
        let start = Instant::now();
        let beginning = Beginning {
            org: OrgId(Uuid::from_u128(100)),
            stream: StreamId(Uuid::from_u128(200)),
            name: "show".parse().unwrap(),
            listed: true,
            owner: account(OWNER),
            settings,
            version: 0,
            pinned: None,
            emotes: Emotes { version: 1, by_name: [("wave".to_owned(), "/wave".to_owned())].into() },
            moderators: HashSet::new(),
            bans: Vec::new(),
            messages: Vec::new(),
            more: false,
            held: Vec::new(),
            newest: None,
        };
        let now = Moment { at: start, clock: MediaTime(CLOCK) };
        Self {
            chat: Chat::new(beginning, 7, now),
            start,
            elapsed: Duration::ZERO,
            last: 0,
            heard: Vec::new(),
            here: HashSet::new(),
            records: Vec::new(),
            questions: Vec::new(),
            waiting: Vec::new(),
            cut: Vec::new(),
            silenced: Vec::new(),
        }
    }

    fn now(&self) -> Moment {
        let passed = i64::try_from(self.elapsed.as_micros()).unwrap();
        Moment { at: self.start + self.elapsed, clock: MediaTime(CLOCK + passed) }
    }

    /// Lets time pass, and the chat tell what is due.
    fn wait(&mut self, time: Duration) {
        self.elapsed += time;
        let now = self.now();
        self.chat.handle_timeout(now);
        self.settle();
    }

    fn joins(&mut self, person: Person) -> MemberId {
        self.last += 1;
        let id = MemberId(self.last);
        self.joins_as(id, person);
        id
    }

    fn joins_as(&mut self, id: MemberId, person: Person) {
        let now = self.now();
        self.here.insert(id);
        self.chat.join(id, person, Some(1), None, now);
        self.settle();
    }

    fn asks(&mut self, id: MemberId, request: Value) {
        let request: ChatRequest = serde_json::from_value(request).unwrap();
        let now = self.now();
        self.chat.handle_request(id, request, None, now);
        self.settle();
    }

    /// Says something; the filter lets it through.
    fn says(&mut self, id: MemberId, text: &str) {
        self.asks(id, json!({ "type": "message", "ref": text, "text": text }));
        self.judge(Judgement::Pass);
    }

    /// What a member is answered who says something: the code of an error, or the state of an `ack`.
    fn answer(&mut self, id: MemberId, text: &str) -> String {
        self.heard.clear();
        self.asks(id, json!({ "type": "message", "ref": "answer", "text": text }));
        self.judge(Judgement::Pass);
        let own = self.heard.iter().filter(|(member, event)| *member == id && event["ref"] == "answer");
        let answer = own.map(|(_, event)| event).next_back().unwrap_or(&Value::Null);
        answer["code"].as_str().or(answer["state"].as_str()).unwrap_or_default().to_owned()
    }

    fn judge(&mut self, judgement: Judgement) {
        for (ticket, _) in std::mem::take(&mut self.waiting) {
            let now = self.now();
            self.chat.judged(ticket, judgement.clone(), now);
            self.settle();
        }
    }

    fn finds(&mut self, found: Found) {
        let (ticket, _) = self.questions.remove(0);
        let now = self.now();
        self.chat.found(ticket, found, now);
        self.settle();
    }

    /// Carries out what the chat asks for.
    fn settle(&mut self) {
        while let Some(effect) = self.chat.poll_effect() {
            match effect {
                Effect::Say(line) => {
                    let event: Value = serde_json::from_str(line.plain()).unwrap();
                    let mut here: Vec<_> = self.here.iter().copied().collect();
                    here.sort_unstable();
                    self.heard.extend(here.into_iter().map(|id| (id, event.clone())));
                }
                Effect::Tell(id, line) => {
                    self.heard.push((id, serde_json::from_str(line.plain()).unwrap()));
                }
                Effect::Cut(id, line) => {
                    self.heard.push((id, serde_json::from_str(line.plain()).unwrap()));
                    self.here.remove(&id);
                    self.cut.push(id);
                }
                Effect::Judge(ticket, candidate) => self.waiting.push((ticket, candidate.text)),
                Effect::LookUp(ticket, question) => self.questions.push((ticket, question)),
                Effect::Record(entry) => self.records.push(entry),
                Effect::Silence(id, until) => self.silenced.push((id, until.is_some())),
                Effect::Finally(Finally(answer)) => answer(),
                Effect::Admit(_) | Effect::Refilter | Effect::Notice(_) => {}
            }
        }
    }

    /// What a member heard of a type, in order.
    fn heard_of(&self, id: MemberId, kind: &str) -> Vec<&Value> {
        let own = self.heard.iter().filter(|(member, event)| *member == id && event["type"] == kind);
        own.map(|(_, event)| event).collect()
    }

    fn texts(&self, id: MemberId) -> Vec<&str> {
        let messages = self.heard_of(id, "message");
        messages.into_iter().map(|event| event["message"]["text"].as_str().unwrap()).collect()
    }
}

/// 2023-11-14T22:13:20Z, in microseconds.
const CLOCK: i64 = 1_700_000_000_000_000;

fn person(number: u128, name: &str, role: Role) -> Person {
    Person {
        account: Some(account(number)),
        name: name.to_owned(),
        handle: Some(name.to_lowercase()),
        avatar_url: None,
        role: Some(role),
        tier: Tier::Free,
        is_bot: false,
        may_write: true,
        may_moderate: true,
        may_moderate_all: role >= Role::Moderator,
        created_at: 0,
        follows_since: None,
        messages_here: 0,
        actor: Actor::SYSTEM,
    }
}

fn owner() -> Person {
    person(OWNER, "Owner", Role::Creator)
}

fn ann() -> Person {
    person(ANN, "Ann", Role::Viewer)
}

fn bob() -> Person {
    person(BOB, "Bob", Role::Viewer)
}

fn keeper() -> Person {
    person(KEEPER, "Keeper", Role::Moderator)
}
