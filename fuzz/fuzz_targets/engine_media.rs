//! Media, control messages and chat with any content from a connected publisher, forwarded to a
//! connected viewer: what lies behind ICE, DTLS and SRTP.
//!
//! An input is a sequence of steps: flags, a codec, and the bytes of a payload. Where a dependency
//! descriptor is sent too, the first byte of the payload says how long it is.
#![no_main]

use std::cell::RefCell;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use sluice_domain::MediaTime;
use sluice_domain::chat::CHAT_LABEL;
use sluice_fuzz::client::{Client, Step, run};
use sluice_fuzz::{packets, world};
use sluice_sfu_engine::{ChatOrder, EngineConfig, MemberId, Role, Shard, WatchOptions};

/// Inputs that share one pair of connections. A handshake costs a hundred times as much as an input;
/// more inputs run faster, fewer are easier to run again after a finding.
const SHARED: u32 = 500;

struct World {
    shard: Shard,
    publisher: Client,
    viewer: Client,
    now: Instant,
    left: u32,
}

impl World {
    fn new() -> Self {
        let negotiator = world::negotiator();
        let now = Instant::now();
        let mut shard = Shard::new(EngineConfig::default(), now, MediaTime(1_700_000_000_000_000));
        shard.set_candidates(world::candidates());
        let publish = Role::Publisher(world::BROADCAST);
        let publisher = Client::join(world::PUBLISHER, publish, 5000, &negotiator, &mut shard, now);
        let watch = Role::Viewer(world::BROADCAST, WatchOptions::default());
        let viewer = Client::join(world::VIEWER, watch, 5001, &negotiator, &mut shard, now);
        let mut world = Self { shard, publisher, viewer, now, left: SHARED };
        for _ in 0..100 {
            world.run(20);
            if world.is_connected() {
                // The data channels open a little later than DTLS.
                world.run(200);
                return world;
            }
        }
        panic!("the handshake needs no luck");
    }

    fn is_connected(&self) -> bool {
        self.publisher.is_connected() && self.viewer.is_connected() && self.shard.stats().peers == 2
    }

    fn run(&mut self, millis: u64) {
        let mut clients = [&mut self.publisher, &mut self.viewer];
        run(&mut clients, &mut self.shard, &mut self.now, Duration::from_millis(millis));
    }
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

fuzz_target!(|data: &[u8]| {
    WORLD.with_borrow_mut(|slot| {
        let world = slot.get_or_insert_with(World::new);
        for packet in packets(data).take(64) {
            let [flags, codec, bytes @ ..] = packet else { continue };
            if flags & 0x83 == 0x83 {
                chat(world, *flags, *codec, bytes);
            } else {
                act(&mut world.publisher, &mut world.viewer, world.now, *flags, *codec, bytes);
            }
            world.run(if flags & 0x04 == 0 { 0 } else { 15 });
        }
        world.run(15);
        assert!(world.is_connected(), "no media ends a connection");
        world.left -= 1;
        if world.left == 0 {
            *slot = None;
        }
    });
});

fn act(publisher: &mut Client, viewer: &mut Client, now: Instant, flags: u8, codec: u8, bytes: &[u8]) {
    let step = Step {
        codec: usize::from(codec),
        marker: flags & 0x08 != 0,
        new_picture: flags & 0x10 != 0,
        gap: flags & 0x20 != 0,
    };
    match flags & 0x03 {
        0 => publisher.send_video(now, &step, bytes, None),
        1 => {
            let Some((size, bytes)) = bytes.split_first() else { return };
            let (descriptor, payload) = bytes.split_at(usize::from(*size).min(bytes.len()));
            publisher.send_video(now, &step, payload, Some(descriptor));
        }
        2 => publisher.send_audio(now, &step, bytes),
        _ if flags & 0x40 == 0 => viewer.send_control(bytes),
        _ => publisher.send_control(bytes),
    }
}

/// What a member does, or what is ordered about it. `opening` is which of its openings is meant.
fn chat(world: &mut World, flags: u8, opening: u8, bytes: &[u8]) {
    let text = || String::from_utf8_lossy(bytes).into_owned().into();
    let member = MemberId { peer: world::PUBLISHER, opening: u32::from(opening) };
    let order = match flags & 0x78 {
        0x00 => return world.publisher.write_chat(false, bytes),
        0x08 => return world.publisher.write_chat(true, bytes),
        0x10 => return world.publisher.open(&bytes[..bytes.len().min(200)], flags & 0x04 == 0),
        0x18 => return world.publisher.open(CHAT_LABEL.as_bytes(), true),
        0x20 => return world.publisher.close_chat(),
        0x28 => ChatOrder::Say { chat: world::CHAT, text: text() },
        0x30 => ChatOrder::Admit { member },
        0x48 => ChatOrder::Dismiss { member },
        0x38 => ChatOrder::Tell { member, text: text() },
        0x40 => ChatOrder::Silence { member, until: Some(world.now + Duration::from_millis(100)) },
        _ => ChatOrder::Cut { member, farewell: text() },
    };
    world.shard.handle_chat(world.now, order);
}
