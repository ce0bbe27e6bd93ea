//! The commands about what is remembered: accounts, streams, keys, organisations, backups.

#[expect(dead_code, reason = "these tests need the commands and not a whole request")]
#[path = "process/node.rs"]
mod node;

use std::path::Path;
use std::rc::Rc;

use node::{Node, garden, sluice};

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
