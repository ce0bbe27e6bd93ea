//! The filter beside the chat: texts go to a thread that may block, and come back judged within a stated time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sluice_domain::chat::{ChatSettings, Term};
use tokio::task::JoinHandle;

use super::effect::{Candidate, Judgement};
use super::filter::{self, Author, Filter, Memory, Verdict, Writer};

/// How long the filter may take, its wait for a thread included; what it has not decided by then is held, unless
/// no thread was found for it: then it is judged here. The filter itself takes microseconds: less would hold
/// harmless messages while a node is short of time, and more would let them wait.
const LIMIT: Duration = Duration::from_millis(250);

/// The reason of what was not decided in time.
const LATE: &str = "late";

type Ticketed = (u64, Candidate);
type Judged = Vec<(u64, Judgement)>;

/// The filter of one chat with what waits for it. Texts are judged in the order in which they came.
#[derive(Debug)]
pub(super) struct Judge {
    filter: Arc<Filter>,
    terms: Vec<Term>,
    memory: Arc<Mutex<Memory>>,
    waiting: Vec<Ticketed>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    task: JoinHandle<Judged>,
    /// What no thread has begun with.
    texts: Arc<Mutex<Vec<Ticketed>>>,
    tickets: Vec<u64>,
    due: Instant,
}

impl Judge {
    pub(super) fn new(settings: &ChatSettings, terms: Vec<Term>) -> Self {
        let filter = Arc::new(Filter::new(settings, &terms));
        Self { filter, terms, memory: Arc::default(), waiting: Vec::new(), running: None }
    }

    /// Goes on with other settings.
    pub(super) fn refilter(&mut self, settings: &ChatSettings) {
        self.filter = Arc::new(Filter::new(settings, &self.terms));
    }

    /// Goes on with other terms.
    pub(super) fn set_terms(&mut self, settings: &ChatSettings, terms: Vec<Term>) {
        self.terms = terms;
        self.refilter(settings);
    }

    /// Takes a text in.
    pub(super) fn add(&mut self, ticket: u64, candidate: Candidate, now: Instant) {
        self.waiting.push((ticket, candidate));
        self.start(now);
    }

    /// What was judged; waits for ever while nothing is.
    pub(super) async fn done(&mut self) -> Judged {
        let Some(running) = &mut self.running else { return std::future::pending().await };
        let due = tokio::time::Instant::from_std(running.due);
        let judged = tokio::time::timeout_at(due, &mut running.task).await;
        let tickets = std::mem::take(&mut running.tickets);
        let untouched = take(&running.texts);
        self.running = None;
        self.start(Instant::now());
        if !untouched.is_empty()
            && let Ok(mut memory) = self.memory.try_lock()
        {
            return judge_all(&self.filter, &mut memory, untouched);
        }
        match judged {
            Ok(Ok(judged)) => judged,
            late => {
                metrics::counter!("sluice_chat_late_total").increment(tickets.len() as u64);
                tracing::warn!(texts = tickets.len(), late = late.is_err(), "the filter did not decide");
                tickets.into_iter().map(|ticket| (ticket, Judgement::Hold(vec![LATE.to_owned()]))).collect()
            }
        }
    }

    fn start(&mut self, now: Instant) {
        if self.running.is_some() || self.waiting.is_empty() {
            return;
        }
        let tickets = self.waiting.iter().map(|(ticket, _)| *ticket).collect();
        let texts = Arc::new(Mutex::new(std::mem::take(&mut self.waiting)));
        let (filter, memory) = (Arc::clone(&self.filter), Arc::clone(&self.memory));
        let begun = Arc::clone(&texts);
        let task = tokio::task::spawn_blocking(move || {
            let texts = take(&begun);
            judge_all(&filter, &mut memory.lock().unwrap_or_else(PoisonError::into_inner), texts)
        });
        self.running = Some(Running { task, texts, tickets, due: now + LIMIT });
    }
}

fn take(texts: &Mutex<Vec<Ticketed>>) -> Vec<Ticketed> {
    std::mem::take(&mut *texts.lock().unwrap_or_else(PoisonError::into_inner))
}

fn judge_all(filter: &Filter, memory: &mut Memory, texts: Vec<Ticketed>) -> Judged {
    texts.into_iter().map(|(ticket, text)| (ticket, judge(filter, &text, memory))).collect()
}

fn judge(filter: &Filter, candidate: &Candidate, memory: &mut Memory) -> Judgement {
    let author = Author {
        writer: candidate.account.map_or(Writer::Guest(candidate.guest), Writer::Account),
        account_age: candidate.account_age,
        follows: candidate.follows,
        bot: candidate.is_bot,
        messages: candidate.messages_here,
    };
    let seen = filter::Candidate { text: &candidate.text, author };
    match filter.judge(&seen, memory, Instant::now()) {
        Verdict::Pass => Judgement::Pass,
        Verdict::Hold { reasons } => {
            Judgement::Hold(reasons.iter().map(|reason| reason.as_str().to_owned()).collect())
        }
        Verdict::Refuse { reason } => Judgement::Refuse(reason.as_str().to_owned()),
    }
}
