//! Datagrams, trickled candidates, ICE restarts and the passing of time in any order.
//!
//! An input is a sequence of steps: one byte says what, a 16-bit size and bytes say with what.
#![no_main]

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::{packets, world};
use sluice_sfu_engine::{Command, IceFragment, Negotiator, Path, Proto, Shard};

thread_local! {
    static NEGOTIATOR: OnceCell<Negotiator> = const { OnceCell::new() };
}

fuzz_target!(|data: &[u8]| {
    NEGOTIATOR.with(|negotiator| {
        let mut now = Instant::now();
        let mut shard = world::shard(negotiator.get_or_init(world::negotiator), now);
        for step in packets(data).take(64) {
            let Some((what, bytes)) = step.split_first() else { continue };
            now += Duration::from_millis(1);
            act(&mut shard, &mut now, *what, bytes);
            while shard.poll_output(now).is_some() {}
        }
        // The timers run out, nothing is left behind.
        for _ in 0..40 {
            now += Duration::from_secs(1);
            shard.handle_timeout(now);
            while shard.poll_output(now).is_some() {}
        }
        assert_eq!(shard.stats().peers, 0, "peers that never connected are reaped");
    });
});

fn act(shard: &mut Shard, now: &mut Instant, what: u8, bytes: &[u8]) {
    let peer = if what & 0x10 == 0 { world::PUBLISHER } else { world::VIEWER };
    match what & 0x0f {
        0x0d => {
            *now += Duration::from_millis(bytes.first().map_or(0, |millis| u64::from(*millis) * 8));
            shard.handle_timeout(*now);
        }
        0x0e => {
            let fragment = fragment(bytes);
            shard.handle_command(*now, Command::Trickle { peer, fragment });
        }
        0x0f => {
            let ice = world::identity(peer);
            shard.handle_command(*now, Command::RestartIce { peer, fragment: fragment(bytes), ice });
        }
        port => {
            let from = SocketAddr::from(([198, 51, 100, 1], 5000 + u16::from(port)));
            let proto = match what & 0x60 {
                0x20 => Proto::Tcp,
                0x40 => Proto::Turn,
                _ => Proto::Udp,
            };
            let path = Path { proto, ours: world::server_address(), theirs: from };
            shard.handle_datagram(*now, path, bytes);
            if what & 0x80 != 0 {
                shard.lose(path.end());
            }
        }
    }
}

/// The first two lines are credentials, the others are candidates.
fn fragment(bytes: &[u8]) -> IceFragment {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n').map(str::to_owned);
    let mut credential = || lines.next().filter(|line| !line.is_empty());
    let (ufrag, pwd) = (credential(), credential());
    IceFragment { ufrag, pwd, candidates: lines.take(16).collect() }
}
