//! The commands about what is remembered: accounts, streams, keys, organisations, backups.

#[expect(dead_code, reason = "these tests need the commands and not a whole request")]
#[path = "process/node.rs"]
mod node;

use std::path::Path;
use std::rc::Rc;

use node::{Node, garden, sluice};
use sluice_store::{AuditFilter, Page, Store};

fn works(folder: &Path, arguments: &[&str]) -> String {
    let output = sluice(folder, arguments);
    assert_eq!(output.code, 0, "{arguments:?}: {}", output.text);
    output.text
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = sluice(folder, arguments);
    assert_eq!(output.code, 1, "{arguments:?}: {}", output.text);
    output.text
}

fn status_of_offer(node: &Node, stream: &str, key: &str) -> u16 {
    let request = format!(
        "POST /whip/{stream} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         content-type: application/sdp\r\ncontent-length: 3\r\nconnection: close\r\n\r\nv=0"
    );
    node.send(&request).status
}

#[test]
fn the_first_account_must_be_an_administrators() {
    let folder = tempfile::tempdir().unwrap();
    let viewer = ["account", "create", "--email", "a@example.org", "--handle", "alice"];
    assert!(refused(folder.path(), &viewer).contains("--role admin"));
    let password = works(folder.path(), &[&viewer[..], &["--role", "admin"]].concat());
    assert!(password.trim().len() >= 20, "a password is printed");
    let next = ["account", "create", "--email", "b@example.org", "--handle", "bob", "--role", "viewer"];
    works(folder.path(), &next);
    assert!(refused(folder.path(), &next).contains("taken"));
    let listed = works(folder.path(), &["account", "list"]);
    assert!(listed.contains("alice") && listed.contains("admin") && listed.contains("bob"), "{listed}");
}

#[test]
fn an_operator_changes_roles_disables_and_hands_out_reset_links() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    garden(folder);
    works(folder, &["account", "create", "--email", "b@example.org", "--handle", "bob"]);
    works(folder, &["account", "role", "bob", "moderator"]);
    works(folder, &["account", "disable", "b@example.org", "--reason", "spam"]);
    let listed = works(folder, &["account", "list"]);
    let bob = listed.lines().find(|line| line.starts_with("bob")).unwrap();
    assert!(bob.contains("moderator") && bob.contains("disabled"), "{bob}");
    works(folder, &["account", "enable", "bob"]);
    assert!(works(folder, &["account", "reset-link", "bob"]).contains("http"));
    assert!(refused(folder, &["account", "reset-link", "nobody"]).contains("no account"));
    assert!(refused(folder, &["account", "disable", "boss"]).contains("last administrator"));
    let orgs = works(folder, &["org", "create", "Second", "--slug", "second"]);
    assert_eq!(orgs.trim().len(), 36, "{orgs}");
    assert_eq!(works(folder, &["org", "list"]).lines().count(), 2);
}

// Requirements: R16
#[test]
fn an_operator_takes_a_lost_second_factor_away_and_it_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    garden(path);
    assert!(refused(path, &["account", "remove-second-factor", "boss"]).contains("no second factor"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open_file(&path.join("data/sluice.db")).await.unwrap();
        let org = store.organisations().first().await.unwrap().expect("an organisation was made").id;
        let boss = store.accounts().by_handle(org, &"boss".parse().unwrap()).await.unwrap().unwrap();
        store.totp().begin(org, boss.id, "sealed").await.unwrap();
        store.totp().confirm(org, boss.id, 1).await.unwrap();
        let told = works(path, &["account", "remove-second-factor", "admin@example.org"]);
        assert!(told.contains("boss signs in without a second factor"), "{told}");
        assert!(store.totp().of(org, boss.id).await.unwrap().is_none());
        let filter = AuditFilter { action: Some("mfa.disabled".to_owned()), ..AuditFilter::default() };
        let entries = store.audit_log().list(org, &filter, &Page::first(10)).await.unwrap().items;
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].actor_kind.as_str(), &entries[0].target_id), ("cli", &boss.id.to_string()));
    });
}

// Requirements: R79, R80
#[test]
fn keys_are_made_taken_along_and_rotated_while_the_server_runs() {
    let node = Node::with_garden("");
    let folder = node.folder();
    let folder = folder.path();
    assert_eq!(
        status_of_offer(&node, "garden", "garden-key-0123456"),
        400,
        "the key is good, the offer is not"
    );
    let made = works(folder, &["stream", "create", "meadow", "--owner", "admin@example.org"]);
    let key = made.trim();
    assert!(key.starts_with("sk_") && key.len() == 30, "{key}");
    assert_eq!(status_of_offer(&node, "meadow", key), 400);
    assert_eq!(status_of_offer(&node, "garden", key), 403);
    let second = works(folder, &["stream", "add-key", "meadow", "--key-name", "Second"]);
    assert_eq!(status_of_offer(&node, "meadow", second.trim()), 400);
    let rotated = works(folder, &["stream", "rotate-key", "meadow"]);
    assert_eq!(status_of_offer(&node, "meadow", key), 401);
    assert_eq!(status_of_offer(&node, "meadow", rotated.trim()), 400);
    assert!(refused(folder, &["stream", "rotate-key", "meadow", "Nothing"]).contains("no active key"));
    for bad in ["short", "with a space in it", "sl_0123456789012345678901234"] {
        std::fs::write(folder.join("bad"), bad).unwrap();
        let text = refused(folder, &["stream", "add-key", "meadow", "--key-file", "bad"]);
        assert!(text.contains("16 to 256") && !text.contains(bad), "{text}");
    }
    assert!(refused(folder, &["stream", "create", "garden", "--owner", "boss"]).contains("garden"));
    let listed = works(folder, &["stream", "list"]);
    assert!(listed.contains("garden") && listed.contains("meadow") && listed.contains("public"), "{listed}");
}

#[test]
fn a_backup_restores_everything_into_an_empty_folder() {
    let first = tempfile::tempdir().unwrap();
    garden(first.path());
    let file = first.path().join("backup");
    let path = file.to_str().unwrap();
    works(first.path(), &["db", "backup", path]);
    assert!(refused(first.path(), &["db", "backup", path]).contains("cannot be written"));
    works(first.path(), &["stream", "create", "later", "--owner", "boss"]);

    let second = Rc::new(tempfile::tempdir().unwrap());
    std::fs::create_dir_all(second.path().join("data")).unwrap();
    // The master key is no part of a backup: it is kept elsewhere, and brought along.
    std::fs::copy(first.path().join("data/master.key"), second.path().join("data/master.key")).unwrap();
    works(second.path(), &["db", "restore", path]);
    let listed = works(second.path(), &["stream", "list"]);
    assert!(listed.contains("garden") && !listed.contains("later"), "{listed}");
    let node = Node::start_in(Rc::clone(&second), "", &[]);
    assert_eq!(status_of_offer(&node, "garden", "garden-key-0123456"), 400);
    assert_eq!(node.get("/api/v1/streams/garden").status, 200);
}

// Requirements: R377
#[test]
fn resealing_keeps_every_secret() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    garden(folder);
    let before = std::fs::read_to_string(folder.join("data/master.key")).unwrap();
    let text = works(folder, &["db", "reseal"]);
    assert!(text.contains("version 2") && text.contains("1 stream keys"), "{text}");
    let after = std::fs::read_to_string(folder.join("data/master.key")).unwrap();
    assert!(after.starts_with(before.trim()) && after.lines().count() == 2);
    assert!(!after.is_empty() && !text.contains("garden-key"));
    works(folder, &["stream", "rotate-key", "garden"]);
}

#[test]
fn the_state_of_the_database_is_told_and_a_wrong_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let before = works(folder, &["db", "status"]);
    assert!(before.contains("not applied yet"), "{before}");
    works(folder, &["db", "migrate"]);
    let after = works(folder, &["db", "status"]);
    assert!(!after.contains("not applied yet") && after.contains("SQLite"), "{after}");
    std::fs::write(folder.join("sluice.toml"), "[database]\nurl = \"postgres://nobody@127.0.0.1:1/none\"\n")
        .unwrap();
    assert!(refused(folder, &["db", "status"]).contains("database"));
}
