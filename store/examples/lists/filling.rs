//! Fills a database with people and streams, the same ones each time.

use serde_json::json;
use sluice_domain::role::Role;
use sluice_domain::{
    AccessLevel, AccountId, BroadcastId, CategoryId, Maturity, OrgId, Realm, SignInId, StreamId, Tier,
};
use sluice_store::{Category, NewAccount, NewStream, Organisation, Session, Store, StreamChange};
use uuid::Uuid;

/// Rows that are written as one transaction. More would hold the one writer longer, fewer would sync more.
const BATCH: u32 = 1000;
pub(crate) const NOW: i64 = 1_790_000_000_000;

const GIVEN: &[&str] = &[
    "anna", "ben", "carla", "david", "elif", "farid", "greta", "hugo", "ines", "jonas", "katya", "luis",
    "marie", "noah", "olga", "paul", "quentin", "rosa", "sami", "tess", "uwe", "vera", "wim", "xenia",
    "yusuf", "zoe",
];
const FAMILY: &[&str] = &[
    "Müller",
    "García",
    "Kowalski",
    "Rossi",
    "Nguyen",
    "Okafor",
    "Silva",
    "Tanaka",
    "Novak",
    "Smith",
    "Johansson",
    "Yilmaz",
    "Dubois",
    "Haddad",
    "Petrov",
    "Kim",
    "Weber",
    "Costa",
    "Larsen",
    "Moreau",
];
const TOPICS: &[&str] = &[
    "garden",
    "piano",
    "chess",
    "cooking",
    "speedrun",
    "astronomy",
    "carpentry",
    "news",
    "yoga",
    "football",
    "lecture",
    "city",
    "harbour",
    "birds",
    "trains",
    "painting",
    "robots",
    "poetry",
    "sailing",
    "market",
];
const KINDS: &[&str] =
    &["evening", "morning", "live", "daily", "slow", "late", "first", "open", "small", "great", "quiet"];

/// A number that looks random and is the same each time.
fn mixed(number: u32) -> u32 {
    let number = number.wrapping_mul(0x9e37_79b9) ^ (number >> 15);
    number.wrapping_mul(0x85eb_ca6b) ^ (number >> 13)
}

fn pick<T>(from: &[T], number: u32) -> &T {
    &from[mixed(number) as usize % from.len()]
}

/// Fills it. The organisation that has it all.
pub(crate) async fn fill(store: &Store, accounts: u32, streams: u32) -> OrgId {
    let org = OrgId(Uuid::now_v7());
    let organisation = Organisation {
        id: org,
        name: "Bench".to_owned(),
        slug: "bench".to_owned(),
        settings_json: json!({}),
        created_at: NOW,
        version: 1,
    };
    store.organisations().create(&organisation).await.expect("an organisation is made");
    let mut categories = Vec::new();
    for (position, topic) in (0..).zip(TOPICS) {
        let category = Category {
            id: CategoryId(Uuid::now_v7()),
            org_id: org,
            slug: (*topic).to_owned(),
            name: (*topic).to_owned(),
            position,
            created_at: NOW,
        };
        store.categories().create(&category).await.expect("a category is made");
        categories.push(category.id);
    }
    let people = fill_accounts(store, org, accounts).await;
    fill_streams(store, org, streams, &people, &categories).await;
    org
}

async fn fill_accounts(store: &Store, org: OrgId, count: u32) -> Vec<AccountId> {
    let mut ids = Vec::new();
    for begin in (0..count).step_by(BATCH as usize) {
        let tx = store.begin().await.expect("a transaction begins");
        for number in begin..(begin + BATCH).min(count) {
            let (given, family) = (pick(GIVEN, number), pick(FAMILY, number ^ 0x5555));
            let role = match number % 1000 {
                0 => Role::Admin,
                1..=5 => Role::Moderator,
                6..=200 => Role::Creator,
                _ => Role::Viewer,
            };
            let new = NewAccount {
                id: AccountId(Uuid::now_v7()),
                email: format!("{given}.{number}@{}.example.org", pick(TOPICS, number))
                    .parse()
                    .expect("an address"),
                email_verified_at: (number % 10 != 0).then_some(NOW),
                handle: format!("{given}{number}").parse().expect("a handle"),
                display_name: format!("{given} {family}"),
                realm: Realm::Consumer,
                password_hash: Some("$argon2id$".to_owned()),
                must_change_password: false,
                locale: None,
                role,
            };
            let account = tx.accounts().create_with_membership(org, &new, NOW).await.expect("an account");
            if number % 3 == 0 {
                let at = NOW + i64::from(mixed(number) % 1_000_000);
                tx.accounts().set_last_login(org, account.id, at).await.expect("a sign-in");
                tx.sessions().create(&session(org, account.id, at)).await.expect("a session");
            }
            if number % 97 == 0 {
                let accounts = tx.accounts();
                let disabled = Some((NOW, None));
                accounts
                    .update_standing(org, account.id, 1, disabled, (Tier::Free, None), NOW)
                    .await
                    .expect("disabled");
            }
            ids.push(account.id);
        }
        tx.commit().await.expect("a transaction ends");
    }
    ids
}

fn session(org: OrgId, account: AccountId, at: i64) -> Session {
    Session {
        id: SignInId(Uuid::now_v7()),
        org_id: org,
        account_id: account,
        device: "Firefox".to_owned(),
        user_agent: "Mozilla/5.0".to_owned(),
        address: "192.0.2.1".to_owned(),
        created_at: at,
        last_seen_at: at,
        expires_at: at + 1_000_000_000,
        idle_seconds: 86_400,
        mfa_at: None,
        revoked_at: None,
        revoked_reason: None,
    }
}

async fn fill_streams(
    store: &Store,
    org: OrgId,
    count: u32,
    people: &[AccountId],
    categories: &[CategoryId],
) {
    for begin in (0..count).step_by(BATCH as usize) {
        let tx = store.begin().await.expect("a transaction begins");
        for number in begin..(begin + BATCH).min(count) {
            let (kind, topic) = (pick(KINDS, number), pick(TOPICS, number ^ 0x3333));
            let access = match number % 20 {
                0 => AccessLevel::Unlisted,
                1 => AccessLevel::Private,
                2 => AccessLevel::Followers,
                3 => AccessLevel::Premium,
                _ => AccessLevel::Public,
            };
            let new = NewStream {
                id: StreamId(Uuid::now_v7()),
                owner_id: *pick(people, number),
                name: format!("{kind}-{topic}-{number}").parse().expect("a name"),
                change: StreamChange {
                    title: format!("The {kind} {topic} number {number}"),
                    description: format!(
                        "A {topic} stream with {} and {}",
                        pick(TOPICS, number ^ 7),
                        pick(KINDS, number ^ 9)
                    ),
                    category_id: Some(*pick(categories, number ^ 0x3333)),
                    tags: vec![(*topic).to_owned(), (*kind).to_owned(), format!("tag{}", number % 500)],
                    access,
                    password_hash: None,
                    maturity: if number % 30 == 0 { Maturity::Mature } else { Maturity::Everyone },
                    language: Some("en".to_owned()),
                    scheduled_start: None,
                },
            };
            let stream = tx.streams().create(org, &new, NOW).await.expect("a stream is made");
            if number % 10 == 0 {
                let broadcast = BroadcastId(Uuid::now_v7());
                let streams = tx.streams();
                streams.set_live(org, stream.id, broadcast, NOW).await.expect("it is live");
                let viewers = i64::from(mixed(number) % 5000);
                streams.set_viewers(org, stream.id, broadcast, viewers).await.expect("it has viewers");
            }
        }
        tx.commit().await.expect("a transaction ends");
    }
}
