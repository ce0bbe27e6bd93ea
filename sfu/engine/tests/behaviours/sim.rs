//! A discrete-event simulation: publishers and viewers around one shard, lossy links between them,
//! one clock that jumps from event to event. A run depends on its seed (and on the keys and
//! identifiers that str0m draws by itself).

pub(crate) mod chat;
pub(crate) mod client;
pub(crate) mod decoder;
pub(crate) mod echo;
pub(crate) mod link;
pub(crate) mod mail;
pub(crate) mod pictures;
pub(crate) mod player;
pub(crate) mod random;
pub(crate) mod source;
pub(crate) mod tap;

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use sluice_domain::chat::CHAT_LABEL;
use sluice_domain::control::{BroadcastState, CONTROL_LABEL, ControlEvent, ControlRequest};
use sluice_domain::{BroadcastId, MediaTime, PeerId, StreamId};
use sluice_sfu_engine::negotiate::{Answer, IceIdentity};
use sluice_sfu_engine::{
    Candidates, CloseReason, Command, EngineConfig, IceFragment, Negotiator, Output, Path, Proto, Reply,
    Role, SfuError, SfuEvent, Shard, WorkerId,
};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Rid, Simulcast, SimulcastLayer};

use chat::CHAT;
use client::{Client, Part, Wants};
use link::Link;
use mail::Mail;
use player::{Player, Recording};
use random::Random;
use source::{Sender, Source};
use tap::Tapping;

/// Where the engine is.
pub(crate) const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 8189);

/// The moment at which every run begins, with the time of day that str0m will think it is.
static START: LazyLock<(Instant, SystemTime)> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "an Instant cannot be made without the clock")]
    let now = (Instant::now(), SystemTime::now());
    now
});

/// The engine's time of day at the start of each run: not that of any publisher.
pub(crate) const START_UTC: MediaTime = MediaTime(1_800_000_000_000_000);

/// The time of day at an instant, as a publisher with that clock sees it.
pub(crate) fn system_time(at: Instant) -> SystemTime {
    START.1 + (at - START.0)
}

/// What the engine announces.
fn candidates() -> Candidates {
    Candidates { udp: vec![SERVER], tcp: vec![SERVER] }
}

/// A span of simulated time.
pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Index of a client in the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Id(pub(crate) usize);

struct Flight {
    proto: Proto,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
}

/// What the engine is about to be called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// A datagram of a client.
    Datagram(SocketAddr),
    /// Time passed.
    Timeout,
    /// It is asked for what it has to send.
    Output,
}

/// Publishers, viewers, the engine and the network between them.
pub(crate) struct World {
    /// Called before each call of the engine, and with `None` behind it.
    pub(crate) around: fn(Option<Call>),
    /// The shard of all publishers, and of the viewers that are not said to be elsewhere.
    pub(crate) shard: Shard,
    /// More shards, workers 1 and on.
    pub(crate) others: Vec<Shard>,
    pub(crate) mail: Mail,
    /// Most datagrams that the first shard sends in a millisecond, where its core is slow.
    pub(crate) most_a_milli: Option<usize>,
    busy_until: Instant,
    pub(crate) negotiator: Negotiator,
    /// What becomes of answers to members on the way.
    pub(crate) answered: fn(&str) -> String,
    /// The chat in which the peers that follow may take part.
    pub(crate) seat: Option<StreamId>,
    pub(crate) events: Vec<(Duration, SfuEvent)>,
    pub(crate) clients: Vec<Client>,
    pub(crate) taps: Vec<Tapping>,
    /// How the viewers that follow reach the engine.
    pub(crate) proto: Proto,
    /// Bytes that the engine sent to where nobody is.
    pub(crate) nowhere: HashMap<SocketAddr, usize>,
    pub(crate) random: Random,
    pub(crate) now: Instant,
    start: Instant,
    seed: u64,
    flights: BTreeMap<(Instant, u64), Flight>,
    flown: u64,
    by_address: HashMap<SocketAddr, usize>,
    timeline: Vec<String>,
    made: u64,
    /// Where the next viewer goes.
    place: usize,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with_config(seed, EngineConfig::default())
    }

    pub(crate) fn with_config(seed: u64, config: EngineConfig) -> Self {
        let start = START.0 + Duration::from_secs(10);
        let negotiator = Negotiator::new(config.clone(), candidates()).expect("a certificate");
        let mut shard = Shard::new(config, start, START_UTC);
        shard.set_candidates(candidates());
        Self {
            around: |_| {},
            shard,
            others: Vec::new(),
            mail: Mail::default(),
            most_a_milli: None,
            busy_until: start,
            negotiator,
            answered: str::to_owned,
            seat: Some(CHAT),
            events: Vec::new(),
            clients: Vec::new(),
            taps: Vec::new(),
            proto: Proto::Udp,
            nowhere: HashMap::new(),
            random: Random::new(seed),
            now: start,
            start,
            seed,
            flights: BTreeMap::new(),
            flown: 0,
            by_address: HashMap::new(),
            timeline: Vec::new(),
            made: 0,
            place: 0,
        }
    }

    /// One more shard.
    pub(crate) fn add_shard(&mut self, config: EngineConfig) {
        let mut shard = Shard::new(config, self.start, START_UTC);
        shard.set_candidates(candidates());
        self.others.push(shard);
    }

    pub(crate) fn worker(&mut self, index: usize) -> &mut Shard {
        if index == 0 { &mut self.shard } else { &mut self.others[index - 1] }
    }

    /// A viewer on another shard.
    pub(crate) fn watch_at(&mut self, worker: usize, broadcast: BroadcastId, player: Player) -> Id {
        self.place = worker;
        let id = self.watch(broadcast, player);
        self.place = 0;
        id
    }

    /// Time since the start.
    pub(crate) fn at(&self) -> Duration {
        self.now - self.start
    }

    pub(crate) fn broadcast(&mut self) -> BroadcastId {
        self.made += 1;
        BroadcastId(uuid::Uuid::from_u128(u128::from(self.made)))
    }

    fn identity(&mut self) -> (PeerId, SocketAddr, IceIdentity) {
        self.made += 1;
        let peer = PeerId(self.made);
        let host = u8::try_from(self.clients.len() % 250 + 1).expect("below 251");
        let net = u8::try_from(self.clients.len() / 250 + 1).expect("few clients");
        let address = SocketAddr::from(([10, 0, net, host], 5000));
        (peer, address, IceIdentity { ufrag: self.random.word(8), pwd: self.random.word(24) })
    }

    /// A publisher that the engine must accept.
    pub(crate) fn publish(&mut self, broadcast: BroadcastId, source: Source) -> Id {
        self.try_publish(broadcast, source, |offer| offer).expect("the offer is accepted")
    }

    /// A publisher with its offer changed on the way.
    pub(crate) fn try_publish(
        &mut self,
        broadcast: BroadcastId,
        source: Source,
        edit: impl FnOnce(String) -> String,
    ) -> Result<Id, SfuError> {
        let (peer, address, ice) = self.identity();
        let mut codecs: Vec<_> = source.codec.into_iter().collect();
        codecs.extend(source.audio.then_some(sluice_domain::Codec::Opus));
        let start = self.now + source.skew;
        let mut rtc = client::config(&Wants { codecs, raw: source.obs }).build(start);
        rtc.add_local_candidate(Client::host_candidate(address));
        let (mut audio, mut video, mut channel) = (None, None, None);
        let rids = source.layers.iter().filter_map(|layer| layer.rid);
        let simulcast = (!source.obs && source.layers.iter().any(|layer| layer.rid.is_some()))
            .then(|| Simulcast { send: rids.clone().map(SimulcastLayer::new).collect(), recv: Vec::new() });
        let (offer, pending) = Client::make_offer(&mut rtc, |api| {
            if source.audio {
                audio = Some(api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None));
            }
            if source.codec.is_some() {
                video = Some(api.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast));
            }
            if source.control {
                channel = Some(api.add_channel(CONTROL_LABEL.to_owned()));
            }
            if source.chat {
                api.add_channel(CHAT_LABEL.to_owned());
            }
        });
        let offer = edit(offer.to_sdp_string());
        let answer = self.negotiate(peer, Role::Publisher(broadcast), &offer, ice)?;
        let sender = Sender::new(source.clone(), self.random.clone());
        let mut client = self.client("publisher", peer, address, rtc, Part::Publisher(Box::new(sender)));
        (client.audio, client.video, client.channel) = (audio, video, channel);
        (client.skew, client.offer) = (source.skew, offer);
        client.accept(pending, &answer.sdp);
        let pts = (
            audio.map(|_| client.payload_type(sluice_domain::Codec::Opus, |_| true)),
            source.codec.map(|codec| client.payload_type(codec, |_| true)),
        );
        if let Part::Publisher(sender) = &mut client.part {
            sender.pts = pts;
        }
        if let (true, Some(mid)) = (source.obs, video) {
            client.sent = Some(Vec::new());
            for rid in rids {
                let mut api = client.rtc.direct_api();
                let ssrc = api.new_ssrc();
                api.declare_stream_tx(ssrc, None, mid, Some(Rid::from(rid)));
            }
        }
        Ok(self.insert(client))
    }

    /// A viewer that the engine must accept.
    pub(crate) fn watch(&mut self, broadcast: BroadcastId, player: Player) -> Id {
        self.try_watch(broadcast, player, |offer| offer).expect("the offer is accepted")
    }

    /// A viewer with its offer changed on the way.
    pub(crate) fn try_watch(
        &mut self,
        broadcast: BroadcastId,
        player: Player,
        edit: impl FnOnce(String) -> String,
    ) -> Result<Id, SfuError> {
        let (peer, address, ice) = self.identity();
        let mut rtc = client::config(&Wants { codecs: player.codecs, raw: false }).build(self.now);
        rtc.add_local_candidate(Client::candidate(address, self.proto));
        let (mut audio, mut video, mut channel) = (None, None, None);
        let (offer, pending) = Client::make_offer(&mut rtc, |api| {
            if player.audio {
                audio = Some(api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None));
            }
            if player.video {
                video = Some(api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None));
            }
            if player.control {
                channel = Some(api.add_channel(CONTROL_LABEL.to_owned()));
            }
            if player.chat {
                api.add_channel(CHAT_LABEL.to_owned());
            }
        });
        let offer = edit(offer.to_sdp_string());
        let answer = self.negotiate(peer, Role::Viewer(broadcast, player.options), &offer, ice)?;
        let part = Part::Viewer(Box::<Recording>::default());
        let mut client = self.client("viewer", peer, address, rtc, part);
        (client.audio, client.video, client.channel, client.offer) = (audio, video, channel, offer);
        client.accept(pending, &answer.sdp);
        Ok(self.insert(client))
    }

    /// Answers an offer and hands the peer to the shard.
    pub(crate) fn negotiate(
        &mut self,
        peer: PeerId,
        role: Role,
        offer: &str,
        ice: IceIdentity,
    ) -> Result<Answer, SfuError> {
        let (mut prepared, answer) = self.negotiator.accept(peer, role, self.seat, offer, ice, self.now)?;
        prepared.home = (self.place != 0).then_some(WorkerId(0));
        let (now, place) = (self.now, self.place);
        let command = Command::Add(Box::new(prepared));
        assert_eq!(self.worker(place).handle_command(now, command), Reply::Done);
        Ok(answer)
    }

    fn client(&self, role: &str, peer: PeerId, address: SocketAddr, rtc: str0m::Rtc, part: Part) -> Client {
        Client {
            name: format!("{role} {}", self.clients.len()),
            peer,
            address,
            outside: address,
            proto: if matches!(part, Part::Viewer(_)) { self.proto } else { Proto::Udp },
            up: Link::default(),
            down: Link::default(),
            rtc,
            next: self.now,
            skew: Duration::ZERO,
            audio: None,
            video: None,
            offer: String::new(),
            answer: String::new(),
            connected: None,
            closed: None,
            channel: None,
            channel_open: false,
            control: Vec::new(),
            chat: client::Chatting::default(),
            echoes: Vec::new(),
            vanished: false,
            sent: None,
            worker: self.place,
            part,
        }
    }

    fn insert(&mut self, client: Client) -> Id {
        let index = self.clients.len();
        self.by_address.insert(client.outside, index);
        self.clients.push(client);
        self.settle();
        Id(index)
    }

    pub(crate) fn client_mut(&mut self, id: Id) -> &mut Client {
        &mut self.clients[id.0]
    }

    pub(crate) fn peer(&self, id: Id) -> PeerId {
        self.clients[id.0].peer
    }

    pub(crate) fn sender(&mut self, id: Id) -> &mut Sender {
        match &mut self.clients[id.0].part {
            Part::Publisher(sender) => sender,
            Part::Viewer(_) | Part::Member => panic!("{id:?} is no publisher"),
        }
    }

    pub(crate) fn got(&self, id: Id) -> &Recording {
        match &self.clients[id.0].part {
            Part::Viewer(recording) => recording,
            Part::Publisher(_) | Part::Member => panic!("{id:?} is no viewer"),
        }
    }

    /// Gives an order to the shard.
    pub(crate) fn command(&mut self, command: Command) -> Reply {
        self.note(format!("engine: ordered {command:?}"));
        let place = match &command {
            Command::Trickle { peer, .. }
            | Command::RestartIce { peer, .. }
            | Command::SelectLayer { peer, .. }
            | Command::ClosePeer { peer } => self.clients.iter().find(|c| c.peer == *peer).map(|c| c.worker),
            Command::Add(_)
            | Command::CloseBroadcast { .. }
            | Command::Tap { .. }
            | Command::Untap { .. }
            | Command::WantKeyFrame { .. }
            | Command::Drain { .. } => None,
        };
        let now = self.now;
        // What concerns a whole broadcast or node goes to every worker.
        for other in 0..self.others.len() {
            let again = match &command {
                Command::CloseBroadcast { broadcast } => Command::CloseBroadcast { broadcast: *broadcast },
                Command::Drain { url } => Command::Drain { url: url.clone() },
                _ => break,
            };
            self.others[other].handle_command(now, again);
        }
        let reply = self.worker(place.unwrap_or(0)).handle_command(now, command);
        self.settle();
        reply
    }

    /// Sends a control message.
    pub(crate) fn send_control(&mut self, id: Id, request: &ControlRequest) {
        let text = serde_json::to_vec(request).expect("plain data");
        self.send_raw_control(id, &text);
    }

    pub(crate) fn send_raw_control(&mut self, id: Id, bytes: &[u8]) {
        let client = &mut self.clients[id.0];
        let channel = client.channel.expect("a control channel was offered");
        let mut channel = client.rtc.channel(channel).expect("the channel is open");
        assert!(channel.write(false, bytes).expect("the channel takes data"), "the channel is full");
        self.settle();
    }

    /// A client ends its connection properly.
    pub(crate) fn close_client(&mut self, id: Id) {
        self.clients[id.0].rtc.close().expect("it can be closed");
        self.drain_client(id.0);
        self.settle();
    }

    /// The encoder of a layer starts anew, with another SSRC.
    pub(crate) fn restart_encoder(&mut self, id: Id, layer: usize) {
        let rid = self.sender(id).restart_encoder(layer);
        let client = &mut self.clients[id.0];
        let video = client.video.expect("it sends video");
        let mut api = client.rtc.direct_api();
        let (ssrc, rtx) = (api.new_ssrc(), api.new_ssrc());
        api.reset_stream_tx(video, rid.map(Rid::from), ssrc, Some(rtx)).expect("another SSRC");
    }

    /// A viewer asks for a key frame.
    pub(crate) fn ask_for_key_frame(&mut self, id: Id) {
        let client = &mut self.clients[id.0];
        let video = client.video.expect("it watches video");
        let mut api = client.rtc.direct_api();
        api.stream_rx_by_mid(video, None).expect("video came").request_keyframe(KeyframeRequestKind::Pli);
        self.settle();
    }

    /// Control events of one kind that a client got.
    pub(crate) fn told<T>(&self, id: Id, pick: impl Fn(&ControlEvent) -> Option<T>) -> Vec<(Duration, T)> {
        let events = self.clients[id.0].control.iter();
        events.filter_map(|(at, event)| Some((*at, pick(event)?))).collect()
    }

    /// Why the engine closed a peer, if it did.
    pub(crate) fn close_reason(&self, id: Id) -> Option<(Duration, CloseReason)> {
        let wanted = self.clients[id.0].peer;
        self.events.iter().find_map(|(at, event)| match event {
            SfuEvent::PeerClosed { peer, reason } if *peer == wanted => Some((*at, *reason)),
            _ => None,
        })
    }

    /// The states that a broadcast went through.
    pub(crate) fn states(&self, broadcast: BroadcastId) -> Vec<BroadcastState> {
        let mine = self.events.iter().filter_map(|(_, event)| match event {
            SfuEvent::BroadcastState { broadcast: of, state } if *of == broadcast => Some(*state),
            _ => None,
        });
        mine.collect()
    }

    /// Restarts ICE from a client's side, as a PATCH would.
    pub(crate) fn restart_ice(&mut self, id: Id) -> Reply {
        let client = &mut self.clients[id.0];
        let mut api = client.rtc.sdp_api();
        let credentials = api.ice_restart(true);
        let (_, pending) = api.apply().expect("a restart is a change");
        let fragment = IceFragment {
            ufrag: Some(credentials.ufrag),
            pwd: Some(credentials.pass),
            candidates: vec![format!(
                "1 1 udp 2130706431 {} {} typ host",
                client.address.ip(),
                client.address.port()
            )],
        };
        let peer = client.peer;
        let ice = IceIdentity { ufrag: self.random.word(8), pwd: self.random.word(24) };
        let reply = self.command(Command::RestartIce { peer, fragment, ice });
        if let Reply::Restarted(answer) = &reply {
            let old = &self.clients[id.0].answer;
            let line = |line: &str| match line.split_once(':') {
                Some(("a=ice-ufrag", _)) => format!("a=ice-ufrag:{}\r\n", answer.ufrag),
                Some(("a=ice-pwd", _)) => format!("a=ice-pwd:{}\r\n", answer.pwd),
                _ => format!("{line}\r\n"),
            };
            let text: String = old.lines().map(line).collect();
            self.clients[id.0].accept(pending, &text);
            self.settle();
        }
        reply
    }

    /// A NAT on the way of a client forgets it: the engine sees it at another address from now on, and what goes
    /// to the one before reaches nobody.
    pub(crate) fn rebind(&mut self, id: Id, outside: SocketAddr) {
        let before = std::mem::replace(&mut self.clients[id.0].outside, outside);
        self.by_address.remove(&before);
        self.by_address.insert(outside, id.0);
        self.note(format!("{before} is {outside} from now on"));
    }

    /// A datagram from anywhere, at once.
    pub(crate) fn inject(&mut self, from: SocketAddr, bytes: &[u8]) {
        self.shard.handle_datagram(self.now, Path::udp(SERVER, from), bytes);
        self.settle();
    }

    pub(crate) fn note(&mut self, text: String) {
        let at = self.at().as_secs_f64();
        self.timeline.push(format!("{at:>9.3} {text}"));
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, span: Duration) {
        let until = self.now + span;
        let (mut last, mut repeats) = (self.now, 0);
        while let Some(next) = self.next_event().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            repeats = if self.now == last { repeats + 1 } else { 0 };
            assert!(repeats < 10_000, "time stands still: something is due again and again");
            last = self.now;
            self.step();
        }
        self.now = until;
        self.step();
    }

    pub(crate) fn run_millis(&mut self, millis: u64) {
        self.run(Duration::from_millis(millis));
    }

    fn next_event(&self) -> Option<Instant> {
        let flight = self.flights.keys().next().map(|(at, _)| *at);
        let alive = self.clients.iter().filter(|client| !client.vanished && client.rtc.is_alive());
        let due = |client: &Client| match &client.part {
            Part::Publisher(sender) => sender.next().map_or(client.next, |next| next.min(client.next)),
            Part::Viewer(_) | Part::Member => client.next,
        };
        let client = alive.map(due).min();
        let shards = std::iter::once(&self.shard).chain(&self.others).filter_map(Shard::next_timeout).min();
        let shards = shards.map(|due| if due <= self.now { due.max(self.busy_until) } else { due });
        [flight, shards, self.mail.next(), client].into_iter().flatten().min()
    }

    fn step(&mut self) {
        while let Some(entry) = self.flights.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let flight = entry.remove();
            if flight.to == SERVER {
                let place = self.by_address.get(&flight.from).map_or(0, |index| self.clients[*index].worker);
                let now = self.now;
                (self.around)(Some(Call::Datagram(flight.from)));
                let path = Path { proto: flight.proto, ours: flight.to, theirs: flight.from };
                self.worker(place).handle_datagram(now, path, &flight.bytes);
                (self.around)(None);
            } else if let Some(index) = self.by_address.get(&flight.to)
                && !self.clients[*index].vanished
            {
                // str0m is drained after each change, or it forgets what it had to tell.
                let index = *index;
                self.clients[index].receive(self.now, flight.from, &flight.bytes);
                self.drain_client(index);
            }
        }
        let now = self.now;
        while let Some((to, from, relay)) = self.mail.take(now) {
            self.worker(usize::from(to.0)).handle_relay(now, from, relay);
        }
        for shard in std::iter::once(&mut self.shard).chain(&mut self.others) {
            if shard.next_timeout().is_some_and(|due| due <= now) {
                (self.around)(Some(Call::Timeout));
                shard.handle_timeout(now);
                (self.around)(None);
            }
        }
        self.settle();
    }

    fn drain_client(&mut self, index: usize) {
        let at = self.at();
        let client = &mut self.clients[index];
        for (to, bytes) in client.drain(self.now, at, &mut self.timeline) {
            if let Some(arrives) = client.up.send(self.now, &bytes, &mut self.random) {
                self.flown += 1;
                let flight = Flight { proto: client.proto, from: client.outside, to, bytes };
                self.flights.insert((arrives, self.flown), flight);
            }
        }
    }

    /// Moves everything that waits: the engine's datagrams and events, the clients' too.
    pub(crate) fn settle(&mut self) {
        let at = self.at();
        for index in 0..self.clients.len() {
            let client = &mut self.clients[index];
            if client.vanished || !client.rtc.is_alive() {
                continue;
            }
            if client.next <= self.now {
                client.handle_timeout(self.now);
            }
            if let Part::Publisher(sender) = &mut client.part
                && client.connected.is_some()
            {
                sender.begin(self.now);
                if sender.next().is_some_and(|next| next <= self.now) {
                    let local = self.now + client.skew;
                    sender.send(self.now, local, at, &mut client.rtc, (client.audio, client.video));
                }
            }
            self.drain_client(index);
        }
        for worker in 0..=self.others.len() {
            self.settle_worker(worker);
        }
    }

    fn settle_worker(&mut self, worker: usize) {
        let (at, now) = (self.at(), self.now);
        let most = self.most_a_milli.filter(|_| worker == 0);
        if most.is_some() && now < self.busy_until {
            return;
        }
        let mut sent = 0;
        loop {
            (self.around)(Some(Call::Output));
            let output = self.worker(worker).poll_output(now);
            (self.around)(None);
            let Some(output) = output else { break };
            match output {
                Output::Transmit(transmit) => {
                    let Path { proto, ours, theirs } = transmit.path;
                    let Some(index) = self.by_address.get(&theirs) else {
                        *self.nowhere.entry(theirs).or_default() += transmit.bytes.len();
                        continue;
                    };
                    assert_eq!(proto, self.clients[*index].proto, "sent to {theirs}");
                    let link = &mut self.clients[*index].down;
                    for bytes in transmit.datagrams() {
                        if let Some(arrives) = link.send(self.now, bytes, &mut self.random) {
                            self.flown += 1;
                            let flight = Flight { proto, from: ours, to: theirs, bytes: bytes.to_vec() };
                            self.flights.insert((arrives, self.flown), flight);
                        }
                    }
                    sent += transmit.count();
                    self.worker(worker).recycle(transmit.bytes);
                    if let Some(most) = most.filter(|most| sent >= *most) {
                        // What leaves with one system call may be more than fits into a millisecond.
                        self.busy_until = now + millis(1) * sent as u32 / most as u32;
                        return;
                    }
                }
                Output::Event(event) => {
                    self.note(format!("engine: {event:?}"));
                    self.events.push((at, event));
                }
                Output::Tap(tap, news) => self.hand_over(worker, tap, news),
                Output::Relay(to, relay) => {
                    let from = WorkerId(u8::try_from(worker).expect("few workers"));
                    if let Err(refused) = self.mail.put(now, to, from, relay) {
                        self.note(format!("mailbox of {to:?} refused {:?}", refused.news));
                        self.worker(worker).relay_refused(to, &refused);
                    }
                }
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "a failing test tells how it came to that")]
            {
                eprintln!("seed {}, {:.3} s simulated. Timeline:", self.seed, self.at().as_secs_f64());
                self.timeline.iter().for_each(|line| eprintln!("{line}"));
            }
        }
    }
}
