//! `--demo`: an account, a stream and a key that are ready, and stay the same over restarts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sluice_accounts::reseal::stream_key_place;
use sluice_accounts::{Accounts, Actor, NewMember, SetUp, SignUpMode};
use sluice_domain::{AccessLevel, AccountId, Maturity, OrgId, Redacted, Role, StreamId, StreamName};
use sluice_store::{NewStream, Store, Stream, StreamChange};

use crate::config::Config;
use crate::ready;

/// Name of the demo's stream, and handle of its owner.
const NAME: &str = "demo";

/// File of the data directory that keeps the sign-in.
const FILE: &str = "demo.json";

/// The demo, ready.
#[derive(Debug, Clone)]
pub(crate) struct Demo {
    pub(crate) email: String,
    pub(crate) password: Redacted<String>,
    pub(crate) stream: StreamName,
    pub(crate) key: Redacted<String>,
    /// Whether the sign-in was made just now. It is printed this once.
    pub(crate) fresh: bool,
    /// Where the sign-in is kept.
    pub(crate) file: PathBuf,
}

/// What is kept of the sign-in.
#[derive(Serialize, Deserialize)]
struct Kept {
    email: String,
    password: String,
}

/// Makes what is missing of the demo.
pub(crate) async fn prepare(config: &Config, store: &Store, accounts: &Accounts) -> Result<Demo> {
    let file = config.server.data_dir.join(FILE);
    let (org, owner, kept, fresh) = owner(&file, store, accounts).await?;
    let name: StreamName = NAME.parse().expect("the demo's stream has a valid name");
    let found = store.streams().by_name(&name).await.context("the demo's stream cannot be read")?;
    let stream = match found {
        Some(stream) => stream,
        None => make_stream(store, accounts, org, owner, &name).await?,
    };
    let key = key(store, accounts, &stream).await?;
    let password = Redacted::new(kept.password);
    Ok(Demo { email: kept.email, password, stream: name, key, fresh, file })
}

/// The account of the demo, and whether it was made just now. On an empty server it is the
/// administrator, so that everything can be looked at.
async fn owner(file: &Path, store: &Store, accounts: &Accounts) -> Result<(OrgId, AccountId, Kept, bool)> {
    if let Ok(text) = fs::read_to_string(file)
        && let Ok(kept) = serde_json::from_str::<Kept>(&text)
        && let Ok(email) = kept.email.parse()
        && let Some(account) =
            store.accounts().by_email(&email).await.context("the demo's account cannot be read")?
    {
        return Ok((account.org_id, account.id, kept, false));
    }
    let email = format!("{NAME}@example.org");
    let password = crate::cli::generated_password();
    let new = NewMember {
        email: email.parse().context("the demo's email address")?,
        handle: NAME.parse().context("the demo's handle")?,
        display_name: "Demo".parse().context("the demo's display name")?,
        role: Role::Creator,
        password: password.clone(),
    };
    let (org, owner) = if accounts.needs_set_up().await.context("accounts cannot be read")? {
        let set_up = SetUp {
            name: "Sluice demo".to_owned(),
            public_url: None,
            signup_mode: SignUpMode::Open,
            email: new.email,
            password: new.password,
            handle: new.handle,
            display_name: new.display_name,
        };
        accounts.set_up_from_cli(&set_up).await.context("the demo's account cannot be made")?
    } else {
        let org = accounts.home().await.context("the organisation cannot be read")?.id;
        let made = accounts.create_member(&Actor::SYSTEM, org, &new).await;
        (org, made.context("the demo's account cannot be made; does another one have its name?")?.id)
    };
    let kept = Kept { email, password: password.expose().clone() };
    let text = serde_json::to_vec_pretty(&kept).context("the demo's sign-in cannot be written")?;
    ready::private(file, &text).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok((org, owner, kept, true))
}

async fn make_stream(
    store: &Store,
    accounts: &Accounts,
    org: OrgId,
    owner: AccountId,
    name: &StreamName,
) -> Result<Stream> {
    let new = NewStream {
        id: StreamId(accounts.clock().uuid()),
        owner_id: owner,
        name: name.clone(),
        change: StreamChange {
            title: "Demo".to_owned(),
            description: String::new(),
            category_id: None,
            tags: Vec::new(),
            access: AccessLevel::Public,
            password_hash: None,
            maturity: Maturity::Everyone,
            language: None,
            scheduled_start: None,
        },
    };
    let made = store.streams().create(org, &new, accounts.clock().now_ms()).await;
    made.context("the demo's stream cannot be made")
}

/// The oldest key of the stream that still works.
async fn key(store: &Store, accounts: &Accounts, stream: &Stream) -> Result<Redacted<String>> {
    let keys = store.stream_keys().of(stream.org_id, stream.id).await.context("keys cannot be read")?;
    let now = accounts.clock().now_ms();
    match keys.iter().find(|key| key.is_active(now) && key.expires_at.is_none()) {
        Some(key) => accounts
            .master_keys()
            .open_text(&stream_key_place(key.id), &key.sealed)
            .context("the demo's key cannot be opened; was the master key replaced?"),
        None => {
            let made = accounts.add_stream_key(&Actor::SYSTEM, stream, "Default", None, None).await;
            Ok(made.context("the demo's key cannot be made")?.1)
        }
    }
}

/// How to publish and watch, for a person at a terminal.
pub(crate) fn instructions(http: &str, demo: &Demo) -> String {
    let Demo { email, stream, fresh, file, .. } = demo;
    let key = demo.key.expose();
    let sign_in = match fresh {
        true => format!("{email}, password {} (kept in {})", demo.password.expose(), file.display()),
        false => format!("{email}; the password is in {}", file.display()),
    };
    format!(
        r#"
  Sluice is running. The demo's stream is ready.

  Watch     {http}/watch/{stream}
  Sign in   {http}/sign-in  as {sign_in}

  Publish, in any of these ways (stream key: {key}):

  Browser   {http}/studio  (on this machine the key is filled in)

  OBS       Settings > Stream > Service: WHIP
            Server:        {http}/whip/{stream}
            Bearer token:  {key}

  ffmpeg 9  ffmpeg -re -f lavfi -i testsrc2=s=1280x720:r=30 -re -f lavfi -i sine=f=440:r=48000 \
              -c:v libx264 -profile:v baseline -preset veryfast -tune zerolatency -bf 0 -g 60 \
              -pix_fmt yuv420p -b:v 2500k -c:a libopus -ac 2 -ar 48000 \
              -f whip -authorization {key} {http}/whip/{stream}

  GStreamer gst-launch-1.0 -e whipclientsink name=out do-fec=false stun-server="" \
              signaller::whip-endpoint={http}/whip/{stream} signaller::auth-token={key} \
              videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1 ! out. \
              audiotestsrc is-live=true ! audioconvert ! out.

  Ctrl-C stops it. Browsers give camera and microphone only to https:// and to localhost.

"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instructions_name_every_way_with_its_addresses_and_the_password_only_once() {
        let demo = Demo {
            email: "demo@example.org".to_owned(),
            password: Redacted::new("hunter2".to_owned()),
            stream: NAME.parse().unwrap(),
            key: Redacted::new("k".to_owned()),
            fresh: true,
            file: PathBuf::from("data/demo.json"),
        };
        let text = instructions("http://localhost:8080", &demo);
        for part in [
            "/watch/demo",
            "/studio",
            "/whip/demo",
            "OBS",
            "ffmpeg",
            "GStreamer",
            "-authorization k",
            "demo@example.org, password hunter2",
        ] {
            assert!(text.contains(part), "{part}");
        }
        let again = instructions("http://localhost:8080", &Demo { fresh: false, ..demo });
        assert!(again.contains("data/demo.json") && !again.contains("hunter2"), "{again}");
    }
}
