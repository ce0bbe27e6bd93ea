//! From an offer to an answer: our normaliser in front of str0m, as an HTTP request drives them.
#![no_main]
#![expect(clippy::print_stderr, reason = "what a fuzz target says goes to its terminal")]

use std::cell::OnceCell;
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::world;
use sluice_sfu_engine::{Negotiator, Role, WatchOptions};

thread_local! {
    static NEGOTIATOR: OnceCell<Negotiator> = const { OnceCell::new() };
}

fuzz_target!(|text: &str| {
    NEGOTIATOR.with(|negotiator| {
        let negotiator = negotiator.get_or_init(|| {
            // libFuzzer's hook ends the process at every panic, also where the engine catches it.
            std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
            world::negotiator()
        });
        let watch = Role::Viewer(world::BROADCAST, WatchOptions::default());
        for role in [Role::Publisher(world::BROADCAST), watch, Role::Member] {
            let identity = world::identity(world::PUBLISHER);
            let answered =
                negotiator.accept(world::PUBLISHER, role, Some(world::CHAT), text, identity, Instant::now());
            if let Ok((_, answer)) = answered {
                assert!(answer.sdp.starts_with("v=0\r\n") && answer.sdp.ends_with("\r\n"));
            }
        }
    });
});
