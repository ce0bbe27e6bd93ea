//! `--demo`: a stream that is ready to publish to, with a key that stays the same over restarts.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use rand::RngExt;
use sluice_domain::{Redacted, StreamName};

use crate::config::{Config, Secret, Stream};
use crate::ready;

/// Name of the demo's stream.
const STREAM: &str = "demo";

/// File of the data directory that keeps its key.
const KEY_FILE: &str = "demo.key";

/// Adds the demo's stream, unless the configuration has one of that name.
pub(crate) fn add(config: &mut Config) -> Result<()> {
    let name: StreamName = STREAM.parse().expect("the demo's stream has a valid name");
    if config.streams.iter().any(|stream| stream.name == name) {
        return Ok(());
    }
    let key = key(&config.server.data_dir.join(KEY_FILE))?;
    let stream = Stream { name, title: Some("Demo".to_owned()), keys: vec![Secret(Redacted::new(key))] };
    config.streams.insert(0, stream);
    Ok(())
}

fn key(path: &Path) -> Result<String> {
    if let Ok(text) = fs::read_to_string(path) {
        let key = text.trim();
        if key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(key.to_owned());
        }
    }
    let key = format!("{:032x}", rand::rng().random::<u128>());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    ready::private(path, format!("{key}\n").as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(key)
}

/// How to publish and watch, for a person at a terminal.
pub(crate) fn instructions(http: &str, stream: &str, key: &str) -> String {
    format!(
        r#"
  Sluice is running. The demo's stream is ready.

  Watch     {http}/watch/{stream}

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
    fn the_demo_keeps_its_key_over_restarts_and_to_itself() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.data_dir = folder.path().join("deep/data");
        let mut first = config.clone();
        add(&mut first).unwrap();
        let mut second = config.clone();
        add(&mut second).unwrap();
        assert_eq!(first.streams, second.streams);
        let file = config.server.data_dir.join(KEY_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "damaged").unwrap();
        add(&mut config).unwrap();
        assert_ne!(config.streams, first.streams);
    }

    #[test]
    fn a_configured_stream_named_demo_is_left_alone() {
        let mut config =
            crate::config::parse("[[streams]]\nname = \"demo\"\nkeys = [\"0123456789\"]").unwrap();
        let before = config.clone();
        add(&mut config).unwrap();
        assert_eq!(config, before);
    }

    #[test]
    fn the_instructions_name_every_way_with_its_addresses() {
        let text = instructions("http://localhost:8080", "demo", "k");
        for part in ["/watch/demo", "/studio", "/whip/demo", "OBS", "ffmpeg", "GStreamer", "-authorization k"]
        {
            assert!(text.contains(part), "{part}");
        }
    }
}
