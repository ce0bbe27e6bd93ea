//! What it costs to say something to a member: processor time of the shard for a turn, and for what comes back.
//!
//! `cargo run --release --example chat_cost -- MEMBERS`. Members are str0m in the same thread, on simulated
//! time; only calls of the shard are measured. The kernel's part is not in it.

#![expect(clippy::print_stdout, reason = "a program that measures says what it found")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::chat::CHAT_LABEL;
use sluice_domain::{MediaTime, PeerId, StreamId};
use sluice_sfu_engine::negotiate::IceIdentity;
use sluice_sfu_engine::{
    ChatInput, ChatOrder, Command, EngineConfig, Negotiator, Output, Path, Role, SfuEvent, Shard,
};
use str0m::change::SdpAnswer;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Input, Rtc};

const CHAT: StreamId = StreamId(uuid::Uuid::nil());

/// A text with its envelope as `live` makes it has about this many bytes.
const TEXT: usize = 320;

const ROUNDS: usize = 100;

struct Member {
    rtc: Rtc,
    address: SocketAddr,
}

struct World {
    shard: Shard,
    members: Vec<Member>,
    by_address: HashMap<SocketAddr, usize>,
    now: Instant,
    /// Processor time spent in the shard: on what it sends, on what it gets.
    spent: (Duration, Duration),
    datagrams: (usize, usize),
}

impl World {
    fn new(members: usize) -> Self {
        let server = SocketAddr::from(([192, 0, 2, 1], 8189));
        let negotiator = Negotiator::new(EngineConfig::default(), vec![server]).expect("a certificate");
        let now = clock();
        let mut shard = Shard::new(EngineConfig::default(), now, MediaTime(1_700_000_000_000_000));
        let mut world = Vec::new();
        for number in 0..members {
            let mut rtc = Rtc::builder().build(now);
            let address = SocketAddr::from(([10, 0, (number / 250) as u8, (number % 250) as u8], 5000));
            rtc.add_local_candidate(Candidate::host(address, "udp").expect("a usable address"));
            let mut api = rtc.sdp_api();
            api.add_channel(CHAT_LABEL.to_owned());
            let (offer, pending) = api.apply().expect("the offer has changes");
            let ice = IceIdentity {
                ufrag: format!("ufrag{number}"),
                pwd: format!("password-of-24-letters-{number}"),
            };
            let (peer, offer) = (PeerId(number as u64), offer.to_sdp_string());
            let accepted = negotiator.accept(peer, Role::Member, Some(CHAT), &offer, ice, now);
            let (prepared, answer) = accepted.expect("the offer is accepted");
            let answer = SdpAnswer::from_sdp_string(&answer.sdp).expect("the answer is SDP");
            rtc.sdp_api().accept_answer(pending, answer).expect("the answer fits the offer");
            shard.handle_command(now, Command::Add(Box::new(prepared)));
            world.push(Member { rtc, address });
        }
        let by_address = world.iter().enumerate().map(|(at, member)| (member.address, at)).collect();
        let spent = (Duration::ZERO, Duration::ZERO);
        Self { shard, members: world, by_address, now, spent, datagrams: (0, 0) }
    }

    /// Everything that is due within a span.
    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.step();
            self.now += Duration::from_millis(5);
        }
    }

    fn step(&mut self) {
        let began = used();
        self.shard.handle_timeout(self.now);
        let mut sent = Vec::new();
        while let Some(output) = self.shard.poll_output(self.now) {
            match output {
                Output::Transmit(transmit) => sent.push(transmit),
                Output::Event(SfuEvent::Chat { member, event: ChatInput::Opened, .. }) => {
                    self.shard.handle_chat(self.now, ChatOrder::Admit { member });
                }
                Output::Event(_) | Output::Relay(..) | Output::Tap(..) => {}
            }
        }
        self.spent.0 += used() - began;
        let mut back = Vec::new();
        for transmit in sent {
            let Some(at) = self.by_address.get(&transmit.path.theirs) else { continue };
            let member = &mut self.members[*at];
            for bytes in transmit.datagrams() {
                self.datagrams.0 += 1;
                if let Ok(receive) = Receive::new(Protocol::Udp, transmit.path.ours, member.address, bytes) {
                    member.rtc.handle_input(Input::Receive(self.now, receive)).expect("it goes on");
                    drain(member, &mut back);
                }
            }
        }
        for member in &mut self.members {
            member.rtc.handle_input(Input::Timeout(self.now)).expect("it goes on");
            drain(member, &mut back);
        }
        self.datagrams.1 += back.len();
        let began = used();
        for (from, to, bytes) in back {
            self.shard.handle_datagram(self.now, Path::udp(to, from), &bytes);
        }
        self.spent.1 += used() - began;
    }
}

fn drain(member: &mut Member, back: &mut Vec<(SocketAddr, SocketAddr, Vec<u8>)>) {
    loop {
        match member.rtc.poll_output().expect("it goes on") {
            str0m::Output::Timeout(_) => return,
            str0m::Output::Transmit(transmit) => {
                back.push((member.address, transmit.destination, transmit.contents.to_vec()));
            }
            str0m::Output::Event(_) => {}
        }
    }
}

/// Processor time of this thread: the machine has other things to do.
fn used() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(used.tv_sec.unsigned_abs(), u32::try_from(used.tv_nsec).unwrap_or(0))
}

fn clock() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a program that measures needs the clock")]
    let now = Instant::now();
    now
}

fn main() {
    let members = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(100);
    let mut world = World::new(members);
    world.run(Duration::from_secs(3));
    assert_eq!(world.shard.stats().chat_members, members as u64, "everybody has opened the channel");
    println!("{members} members, texts of {TEXT} bytes; microseconds of the shard for each member");
    println!("texts a turn | turn | what comes back | both, a text | datagrams out, in");
    for texts in [0, 1, 2, 4, 8] {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            (world.spent, world.datagrams) = ((Duration::ZERO, Duration::ZERO), (0, 0));
            for _ in 0..texts {
                let text = Arc::from("x".repeat(TEXT));
                world.shard.handle_chat(world.now, ChatOrder::Say { chat: CHAT, text });
            }
            world.run(Duration::from_millis(25));
            rounds.push((world.spent, world.datagrams));
        }
        // The median: some rounds have timers of their own.
        rounds.sort_unstable();
        let ((out, back), (datagrams_out, datagrams_in)) = rounds[ROUNDS / 2];
        let each = |span: Duration| span.as_secs_f64() * 1e6 / members as f64;
        let (out, back) = (each(out), each(back));
        let both = (out + back) / f64::from(texts.max(1));
        let count = |datagrams: usize| datagrams as f64 / members as f64;
        println!(
            "{texts:>12} | {out:>4.1} | {back:>15.1} | {both:>12.1} | {:.1}, {:.1}",
            count(datagrams_out),
            count(datagrams_in)
        );
    }
}
