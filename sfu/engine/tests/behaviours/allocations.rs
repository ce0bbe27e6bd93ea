//! What the engine allocates for a packet of a publisher does not grow with the number of viewers.
//!
//! A binary of its own, because it brings an allocator: one that counts while the engine is being called,
//! on the thread of the test.

#![expect(dead_code, reason = "the simulation offers more than this test needs")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;

use sim::player::Player;
use sim::source::{LayerSpec, Source};
use sim::{Call, World};
use sluice_domain::Codec;
use sluice_sfu_engine::Path;

mod sim;

/// Counts while a thread asks for it.
struct Counting;

/// What is counted by itself.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// While datagrams of the publisher are handled.
    datagrams: u64,
    /// While the viewers are given their packets.
    output: u64,
    /// While time passes: timers of peers and the slow rhythm.
    timeouts: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Off,
    Datagram,
    Output,
    Timeout,
}

thread_local! {
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Off) };
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { datagrams: 0, output: 0, timeouts: 0 }) };
    static PUBLISHER: Cell<Option<SocketAddr>> = const { Cell::new(None) };
}

fn count() {
    // Threads that end have no counters any more.
    let _gone = STAGE.try_with(|stage| {
        COUNTS.with(|counts| {
            let mut now = counts.get();
            match stage.get() {
                Stage::Off => return,
                Stage::Datagram => now.datagrams += 1,
                Stage::Output => now.output += 1,
                Stage::Timeout => now.timeouts += 1,
            }
            counts.set(now);
        });
    });
}

#[expect(unsafe_code, reason = "an allocator cannot be written without; it passes everything on")]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn around(call: Option<Call>) {
    STAGE.set(match call {
        Some(Call::Datagram(from)) if PUBLISHER.get() == Some(from) => Stage::Datagram,
        Some(Call::Datagram(_)) | None => Stage::Off,
        Some(Call::Output) => Stage::Output,
        Some(Call::Timeout) => Stage::Timeout,
    });
}

/// Counts over four seconds, and how many packets came in and went out meanwhile.
fn run(viewers: usize) -> (Counts, u64, u64) {
    let mut world = World::new(900);
    let broadcast = world.broadcast();
    let layers = vec![LayerSpec { rid: None, size: (1280, 720), bitrate: 2_000_000 }];
    let publisher = world.publish(broadcast, Source { layers, ..Source::single(Codec::Vp8) });
    world.run_millis(1_000);
    for _ in 0..viewers {
        world.watch(broadcast, Player::default());
        world.run_millis(7);
    }
    // Rings and queues grow to their size.
    world.run_millis(6_000);
    PUBLISHER.set(Some(world.client_mut(publisher).address));
    COUNTS.set(Counts::default());
    let before = world.shard.stats().clone();
    world.around = around;
    world.run_millis(4_000);
    world.around = |_| {};
    let after = world.shard.stats();
    assert_eq!(after.viewers, viewers as u64);
    (COUNTS.get(), after.packets_in - before.packets_in, after.packets_out - before.packets_out)
}

// Requirements: R383
#[test]
fn datagrams_of_strangers_cost_no_allocation() {
    let mut world = World::new(901);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::single(Codec::Vp8));
    world.run_millis(500);
    for _ in 0..10 {
        world.watch(broadcast, Player::default());
    }
    world.run_millis(3000);
    let stun = |name: u32| {
        let mut bytes = vec![0, 1, 0, 20, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend_from_slice(&[7; 12]);
        bytes.extend_from_slice(&[0, 6, 0, 13]);
        bytes.extend_from_slice(format!("Bname{name:04}:abc").as_bytes());
        bytes.resize(40, 0);
        bytes
    };
    let floods: Vec<Vec<u8>> = (0..1000)
        .map(stun)
        .chain([vec![22; 200], vec![0x80; 200], [&[0x81, 201][..], &[0, 0, 0, 0, 0, 1], &[9; 60]].concat()])
        .chain([vec![255; 100], Vec::new(), vec![0; 1500]])
        .collect();
    let before = world.shard.stats().clone();
    COUNTS.set(Counts::default());
    STAGE.set(Stage::Datagram);
    for round in 0..20_u16 {
        for (bytes, port) in floods.iter().zip(1..) {
            let from = SocketAddr::from(([203, 0, 113, 9], port + round));
            world.shard.handle_datagram(world.now, Path::udp(sim::SERVER, from), bytes);
        }
    }
    STAGE.set(Stage::Off);
    let after = world.shard.stats();
    assert_eq!(COUNTS.get().datagrams, 0);
    assert_eq!(after.dropped_unknown_user - before.dropped_unknown_user, 20_000);
    assert_eq!(after.dropped_unknown_address - before.dropped_unknown_address, 60);
    assert_eq!(after.dropped_garbage - before.dropped_garbage, 60);
    assert_eq!(after.datagrams_out, before.datagrams_out, "and are not answered");
    assert!(world.shard.poll_output(world.now).is_none());
}

#[test]
fn allocations_for_a_packet_do_not_grow_with_the_viewers() {
    let (few, packets_in_few, packets_out_few) = run(20);
    let (many, packets_in, packets_out) = run(60);
    let told = format!(
        "20 viewers: {few:?}, {packets_in_few} in, {packets_out_few} out; 60 viewers: {many:?}, {packets_in} in, {packets_out} out"
    );
    assert!(packets_in > 500 && packets_out >= packets_in * 55, "{told}");
    let each = |counts: u64, packets: u64| counts as f64 / packets as f64;
    assert!(many.datagrams > packets_in, "str0m gives each packet a payload of its own: {told}");
    let (few_each, many_each) = (each(few.datagrams, packets_in_few), each(many.datagrams, packets_in));
    assert!((few_each - many_each).abs() < 0.5, "for a packet received: {told}");
    // What viewers are given comes out of rings, buffers that come back and what all share: what is left
    // is what still grows, in the whole of four seconds less than one allocation a viewer.
    assert!(many.output < 20 && few.output < 20, "for packets sent: {told}");
    // Timers of str0m and the slow rhythm run for each viewer, some twenty times a second: neither knows how
    // many packets there are.
    let of_a_viewer = many.timeouts.saturating_sub(few.timeouts) / 40 / 4;
    assert!(of_a_viewer < 60, "{of_a_viewer} a viewer and second while time passes: {told}");
}
