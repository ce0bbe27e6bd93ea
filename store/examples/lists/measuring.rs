//! Runs each list many times and notes how long it took.

use std::time::{Duration, Instant};

use serde::Serialize;
use sluice_domain::OrgId;
use sluice_domain::role::Role;
use sluice_store::testing::plans;
use sluice_store::{
    AccountFilter, AccountSort, AccountState, Audience, Cursor, Page, Store, StreamFilter, StreamSort,
};

/// Runs of each list. Of 200, ten are slower than the p95.
const RUNS: usize = 200;

/// Runs of a list that takes longer than [`PATIENCE`].
const LEAST_RUNS: usize = 20;
/// How long one list is measured at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was measured of one list.
#[derive(Serialize)]
pub(crate) struct Measured {
    pub(crate) name: String,
    items: usize,
    runs: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) max_ms: f64,
    plan: Vec<String>,
}

enum List {
    Streams(StreamFilter),
    Accounts(AccountFilter),
    /// What the overview page of administrators counts.
    Counts,
}

/// Measures all of them.
pub(crate) async fn measure(store: &Store, org: OrgId) -> Vec<Measured> {
    let mut measured = Vec::new();
    for (name, list) in lists(store, org).await {
        measured.push(one(store, org, name, &list, None).await);
        let next = run(store, org, &list, None).await.1;
        if let Some(next) = next {
            measured.push(one(store, org, &format!("{name}, page 2"), &list, Some(next)).await);
        }
    }
    measured
}

async fn lists(store: &Store, org: OrgId) -> Vec<(&'static str, List)> {
    let category = store.categories().list(org).await.expect("categories")[3].id;
    let streams = |change: &dyn Fn(&mut StreamFilter)| {
        let mut filter = StreamFilter::default();
        change(&mut filter);
        List::Streams(filter)
    };
    let accounts = |change: &dyn Fn(&mut AccountFilter)| {
        let mut filter = AccountFilter::default();
        change(&mut filter);
        List::Accounts(filter)
    };
    let text = |text: &str| Some(text.to_owned());
    vec![
        ("home: live", streams(&|f| f.live = Some(true))),
        ("home: all by viewers", streams(&|_| {})),
        ("home: recent", streams(&|f| f.sort = StreamSort::Recent)),
        ("home: by title", streams(&|f| f.sort = StreamSort::Title)),
        ("home: a category", streams(&|f| f.category = Some(category))),
        ("home: a category, live", streams(&|f| (f.category, f.live) = (Some(category), Some(true)))),
        ("home: a common tag", streams(&|f| f.tag = text("garden"))),
        ("home: a rare tag", streams(&|f| f.tag = text("tag77"))),
        ("search: one letter", streams(&|f| f.text = text("g"))),
        ("search: every stream", streams(&|f| f.text = text("stream"))),
        ("search: two words", streams(&|f| f.text = text("late gard"))),
        ("search: one stream", streams(&|f| f.text = text("number 12345"))),
        ("search: nothing", streams(&|f| f.text = text("qqqq"))),
        (
            "search: live, recent",
            streams(&|f| (f.text, f.live, f.sort) = (text("piano"), Some(true), StreamSort::Recent)),
        ),
        ("admin: streams", streams(&|f| (f.audience, f.sort) = (Audience::Moderators, StreamSort::Recent))),
        (
            "admin: streams, one letter",
            streams(&|f| (f.audience, f.text) = (Audience::Moderators, text("s"))),
        ),
        ("admin: accounts", accounts(&|_| {})),
        ("admin: accounts by email", accounts(&|f| f.sort = AccountSort::Email)),
        ("admin: accounts by handle", accounts(&|f| f.sort = AccountSort::Handle)),
        ("admin: accounts by sign-in", accounts(&|f| f.sort = AccountSort::LastLogin)),
        ("admin: admins by email", accounts(&|f| (f.role, f.sort) = (Some(Role::Admin), AccountSort::Email))),
        ("admin: admins", accounts(&|f| f.role = Some(Role::Admin))),
        ("admin: viewers", accounts(&|f| f.role = Some(Role::Viewer))),
        ("admin: active", accounts(&|f| f.state = Some(AccountState::Active))),
        ("admin: disabled", accounts(&|f| f.state = Some(AccountState::Disabled))),
        (
            "admin: unverified by email",
            accounts(&|f| (f.state, f.sort) = (Some(AccountState::Unverified), AccountSort::Email)),
        ),
        ("admin: deleted", accounts(&|f| f.state = Some(AccountState::Deleted))),
        ("admin: search one letter", accounts(&|f| f.text = text("a"))),
        ("admin: search everybody", accounts(&|f| f.text = text("example"))),
        (
            "admin: search one letter by email",
            accounts(&|f| (f.text, f.sort) = (text("m"), AccountSort::Email)),
        ),
        ("admin: search a name", accounts(&|f| f.text = text("rosa mull"))),
        ("admin: search one account", accounts(&|f| f.text = text("zoe 4711"))),
        ("admin: search nobody", accounts(&|f| f.text = text("qqqq"))),
        ("admin: search creators", accounts(&|f| (f.text, f.role) = (text("ben"), Some(Role::Creator)))),
        ("admin: overview", List::Counts),
    ]
}

async fn run(store: &Store, org: OrgId, list: &List, after: Option<Cursor>) -> (usize, Option<Cursor>) {
    let page = Page { limit: 25, after };
    match list {
        List::Streams(filter) => {
            let listed = store.streams().list(org, filter, &page).await.expect("streams are listed");
            (listed.items.len(), listed.next)
        }
        List::Accounts(filter) => {
            let listed = store.accounts().list(org, filter, &page).await.expect("accounts are listed");
            (listed.items.len(), listed.next)
        }
        List::Counts => {
            store.accounts().count(org).await.expect("accounts are counted");
            store.streams().counts(org).await.expect("streams are counted");
            store.sessions().count_active(org, super::filling::NOW).await.expect("sessions are counted");
            store.mail_outbox().count_waiting(org).await.expect("mails are counted");
            (4, None)
        }
    }
}

async fn one(store: &Store, org: OrgId, name: &str, list: &List, after: Option<Cursor>) -> Measured {
    let plan = plans::of(run(store, org, list, after.clone())).await;
    let mut times = Vec::with_capacity(RUNS);
    let mut items = 0;
    let first = Instant::now();
    for _ in 0..RUNS {
        // A list that is far too slow is known to be so after a few runs.
        if times.len() >= LEAST_RUNS && first.elapsed() > PATIENCE {
            break;
        }
        let begun = Instant::now();
        items = run(store, org, list, after.clone()).await.0;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        (times[((times.len() as f64 * share) as usize).min(times.len() - 1)] * 1000.0).round() / 1000.0
    };
    let measured = Measured {
        name: name.to_owned(),
        items,
        runs: times.len(),
        p50_ms: at(0.5),
        p95_ms: at(0.95),
        max_ms: at(1.0),
        plan,
    };
    super::say(&format!(
        "{:<42} p50 {:>8.2} ms   p95 {:>8.2} ms   max {:>8.2} ms",
        measured.name, measured.p50_ms, measured.p95_ms, measured.max_ms
    ));
    measured
}
