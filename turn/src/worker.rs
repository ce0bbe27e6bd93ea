//! The thread that drives one server: its loop is the whole rhythm of the relay.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};
use slab::Slab;
use sluice_turn_proto::{
    Action, AllocationId, Flow, Opened, RelayId, Server, ServerConfig, Ticket, Via, channel,
};

use crate::credentials::unix;
use crate::gather::{Gather, Group, Way};
use crate::mailbox::{Inbox, Mail};
use crate::media::Media;
use crate::metrics::WorkerMetrics;
use crate::relays::{Bound, Relays};
use crate::socket::{Buffers, Sent, Socket};
use crate::stream::Outlet;

/// The token of the mailbox. Listeners have their index, relays the number behind the listeners.
pub(crate) const MAIL: Token = Token(usize::MAX);

/// Longest sleep. Metrics are published and the clock is read at least this often.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);

/// Most batches that one socket gets in a turn, so that it cannot starve the others.
const BATCHES_A_TURN: usize = 4;

/// Most messages taken in one turn, so that streams cannot starve datagrams.
const MAIL_A_TURN: usize = 256;

/// What a worker begins with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) index: usize,
    pub(crate) config: ServerConfig,
    pub(crate) listeners: Vec<Socket>,
    pub(crate) relays: Arc<Relays>,
    pub(crate) media: Media,
    pub(crate) poll: Poll,
    pub(crate) inbox: Inbox,
    /// Buffer that the kernel is asked for, for each relay.
    pub(crate) relay_buffer: usize,
}

/// One thread's state.
#[derive(Debug)]
pub(crate) struct Worker {
    index: usize,
    server: Server,
    listeners: Vec<Socket>,
    sockets: Slab<RelaySocket>,
    by_address: HashMap<SocketAddr, RelayId>,
    streams: HashMap<u32, Stream>,
    relays: Arc<Relays>,
    media: Media,
    poll: Poll,
    inbox: Inbox,
    relay_buffer: usize,
    buffers: Buffers,
    gather: Gather,
    scratch: Vec<u8>,
    /// Sockets that may have more than was read.
    unread: Vec<Token>,
    metrics: WorkerMetrics,
    sent: Sent,
}

#[derive(Debug)]
struct RelaySocket {
    socket: Socket,
    relayed: SocketAddr,
    allocation: AllocationId,
}

#[derive(Debug)]
struct Stream {
    flow: Flow,
    outlet: Outlet,
}

impl Worker {
    pub(crate) fn new(setup: Setup) -> io::Result<Self> {
        let Setup { index, config, mut listeners, relays, media, poll, inbox, relay_buffer } = setup;
        for (token, socket) in listeners.iter_mut().enumerate() {
            poll.registry().register(socket.source(), Token(token), Interest::READABLE)?;
        }
        Ok(Self {
            index,
            server: Server::new(config, Instant::now(), unix()),
            listeners,
            sockets: Slab::new(),
            by_address: HashMap::new(),
            streams: HashMap::new(),
            relays,
            media,
            poll,
            inbox,
            relay_buffer,
            buffers: Buffers::new(),
            gather: Gather::default(),
            scratch: Vec::new(),
            unread: Vec::new(),
            metrics: WorkerMetrics::new(index),
            sent: Sent::default(),
        })
    }

    /// The loop. Its duties, in this order: sleep, time, mail, datagrams, count.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(256);
        let mut publish_at = Instant::now();
        let mut more_mail = false;
        loop {
            // 1. Sleep until something arrives or is due.
            let now = Instant::now();
            let until =
                self.server.next_timeout().map_or(LONGEST_SLEEP, |at| at.saturating_duration_since(now));
            let busy = more_mail || !self.unread.is_empty();
            let sleep = if busy { Duration::ZERO } else { until.min(LONGEST_SLEEP) };
            if let Err(error) = self.poll.poll(&mut events, Some(sleep))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "a TURN worker cannot wait for its sockets and ends");
                return;
            }
            // 2. Let time pass.
            let now = Instant::now();
            self.server.handle_timeout(now);
            self.close_ended();
            // 3. Read mail.
            match self.read_mail(now) {
                Some(more) => more_mail = more,
                None => return,
            }
            // 4. Receive, and send what each batch caused before the next.
            let mut ready = std::mem::take(&mut self.unread);
            ready.extend(events.iter().map(|event| event.token()).filter(|token| *token != MAIL));
            ready.sort_unstable();
            ready.dedup();
            for token in ready.drain(..) {
                self.receive_from(token);
            }
            // 5. Count.
            if now >= publish_at {
                publish_at = now + LONGEST_SLEEP;
                self.server.set_clock(now, unix());
                self.metrics.publish(self.server.stats(), &self.sent, self.streams.len());
            }
        }
    }

    /// Handles what waits in the mailbox: whether there may be more, or `None` where the thread shall end.
    fn read_mail(&mut self, now: Instant) -> Option<bool> {
        self.inbox.open();
        let mut more = true;
        for _ in 0..MAIL_A_TURN {
            let Some(mail) = self.inbox.take() else {
                more = false;
                break;
            };
            match mail {
                Mail::Began { stream, client, server, outlet } => {
                    let flow = Flow { client, server, via: Via::Stream(stream) };
                    self.streams.insert(stream, Stream { flow, outlet });
                }
                Mail::Came { stream, messages } => {
                    let Some(flow) = self.streams.get(&stream).map(|stream| stream.flow) else { continue };
                    let mut rest = &messages[..];
                    while let Ok(Some(length)) = channel::frame(rest)
                        && let Some((message, behind)) = rest.split_at_checked(length)
                    {
                        self.handle_client(now, &flow, message);
                        rest = behind;
                    }
                }
                Mail::Ended { stream } => {
                    if let Some(stream) = self.streams.remove(&stream) {
                        self.server.flow_closed(&stream.flow);
                        self.close_ended();
                    }
                }
                Mail::Media { relayed, media, bytes, segment } => {
                    let relay = self.by_address.get(&relayed).and_then(|id| self.sockets.get(*id as usize));
                    let Some(allocation) = relay.map(|relay| relay.allocation) else { continue };
                    for datagram in bytes.chunks(segment.max(1)) {
                        self.scratch.clear();
                        let to = self.server.handle_peer(now, allocation, media, datagram, &mut self.scratch);
                        if let Some(flow) = to {
                            push(&mut self.gather, &flow, &self.scratch);
                        }
                    }
                }
                Mail::Stop => return None,
            }
            if self.gather.is_full() {
                self.flush();
            }
        }
        self.flush();
        Some(more)
    }

    /// Receives from a socket that has something.
    fn receive_from(&mut self, token: Token) {
        let listeners = self.listeners.len();
        for _ in 0..BATCHES_A_TURN {
            let socket = match token.0.checked_sub(listeners) {
                None => self.listeners.get(token.0),
                Some(id) => self.sockets.get(id).map(|relay| &relay.socket),
            };
            // A relay that was closed while its event waited.
            let Some(socket) = socket else { return };
            let more = match socket.receive(&mut self.buffers) {
                Ok(more) => more,
                Err(error) => {
                    tracing::warn!(%error, "TURN cannot receive");
                    false
                }
            };
            let now = Instant::now();
            match token.0.checked_sub(listeners) {
                None => self.handle_clients(now, token.0),
                Some(id) => self.handle_peers(now, id),
            }
            self.flush();
            if !more {
                return;
            }
        }
        self.unread.push(token);
    }

    /// Handles a batch of clients' datagrams.
    fn handle_clients(&mut self, now: Instant, listener: usize) {
        let Some(local) = self.listeners.get(listener).map(Socket::local) else { return };
        let via = Via::Datagram(u16::try_from(listener).unwrap_or(u16::MAX));
        // The buffers are lent out while the worker handles what is in them.
        let buffers = std::mem::replace(&mut self.buffers, Buffers::none());
        for datagram in buffers.datagrams() {
            let server = SocketAddr::new(datagram.to.unwrap_or(local.ip()), local.port());
            let flow = Flow { client: datagram.from, server, via };
            self.handle_client(now, &flow, datagram.bytes);
            if self.gather.is_full() {
                self.flush();
            }
        }
        self.buffers = buffers;
    }

    /// Handles a batch of peers' datagrams to one relay.
    fn handle_peers(&mut self, now: Instant, id: usize) {
        let Self { server, sockets, buffers, scratch, gather, .. } = self;
        let Some(allocation) = sockets.get(id).map(|relay| relay.allocation) else { return };
        for datagram in buffers.datagrams() {
            scratch.clear();
            if let Some(flow) = server.handle_peer(now, allocation, datagram.from, datagram.bytes, scratch) {
                push(gather, &flow, scratch);
            }
        }
    }

    /// Handles one message of a client.
    fn handle_client(&mut self, now: Instant, flow: &Flow, bytes: &[u8]) {
        self.scratch.clear();
        match self.server.handle_client(now, flow, bytes, &mut self.scratch) {
            Action::None => {}
            Action::Answer => push(&mut self.gather, flow, &self.scratch),
            Action::Relay { relay, from, peer, payload } => match self.media.way_to(peer) {
                Some(deliver) => deliver(from, peer, payload),
                None => self.gather.push(Way::Relay(relay), peer, None, payload),
            },
            Action::Open(ticket) => self.open(now, *ticket, flow),
        }
        self.close_ended();
    }

    /// Opens the relays of a ticket and answers it.
    fn open(&mut self, now: Instant, ticket: Ticket, flow: &Flow) {
        let user = ticket.user.clone();
        let opened = self.relays.open(now, ticket.open, flow.server.ip(), &user).map(|bound| {
            let token = bound.token;
            let [v4, v6] = [bound.v4, bound.v6].map(|bound| bound.and_then(|bound| self.adopt(bound)));
            Opened { v4, v6, token }
        });
        // Sockets that the poll refuses: the process has no files left.
        let opened = match opened {
            Ok(Opened { v4: None, v6: None, .. }) => {
                self.relays.release(&user);
                Err(sluice_turn_proto::Refusal::Capacity)
            }
            opened => opened,
        };
        let adopted = opened.as_ref().map(|opened| [opened.v4, opened.v6]).unwrap_or_default();
        self.scratch.clear();
        let allocation = self.server.opened(now, ticket, opened, &mut self.scratch);
        push(&mut self.gather, flow, &self.scratch);
        let Some(allocation) = allocation else { return };
        for (id, _) in adopted.into_iter().flatten() {
            if let Some(relay) = self.sockets.get_mut(id as usize) {
                relay.allocation = allocation;
            }
        }
        self.tell_stream(flow, true);
    }

    /// Takes a bound relay among the sockets.
    fn adopt(&mut self, bound: Bound) -> Option<(RelayId, SocketAddr)> {
        let Bound { socket, relayed } = bound;
        let mut socket = Socket::new(socket, self.relay_buffer).ok()?;
        let entry = self.sockets.vacant_entry();
        let id = RelayId::try_from(entry.key()).ok()?;
        let token = Token(self.listeners.len() + entry.key());
        self.poll.registry().register(socket.source(), token, Interest::READABLE).ok()?;
        entry.insert(RelaySocket { socket, relayed, allocation: AllocationId::NONE });
        self.by_address.insert(relayed, id);
        self.relays.owners().set(relayed, Some(self.index));
        Some((id, relayed))
    }

    /// Closes the relays of allocations that have ended.
    fn close_ended(&mut self) {
        while let Some(closed) = self.server.poll_closed() {
            // What was gathered for these relays is sent before they are gone.
            self.flush();
            for id in closed.relays.into_iter().flatten() {
                let Some(mut relay) = self.sockets.try_remove(id as usize) else { continue };
                self.by_address.remove(&relay.relayed);
                self.relays.owners().set(relay.relayed, None);
                self.media.ended(relay.relayed);
                if let Err(error) = self.poll.registry().deregister(relay.socket.source()) {
                    tracing::debug!(%error, "a relay was not watched any more");
                }
            }
            if let Some(user) = closed.user {
                self.relays.release(&user);
                self.tell_stream(&closed.flow, false);
            }
        }
    }

    fn tell_stream(&self, flow: &Flow, allocated: bool) {
        if let Via::Stream(stream) = flow.via
            && let Some(stream) = self.streams.get(&stream)
        {
            stream.outlet.set_allocated(allocated);
        }
    }

    /// Sends all that was gathered.
    fn flush(&mut self) {
        let Self { gather, listeners, sockets, streams, sent, .. } = self;
        gather.flush(|group: &Group| match group.way {
            Way::Listener(index) => {
                if let Some(socket) = listeners.get(usize::from(index)) {
                    socket.send(group.to, group.source, &group.bytes, group.segment, sent);
                }
            }
            Way::Relay(id) => {
                if let Some(relay) = sockets.get(id as usize) {
                    relay.socket.send(group.to, None, &group.bytes, group.segment, sent);
                }
            }
            Way::Stream(number) => {
                if let Some(stream) = streams.get(&number)
                    && !stream.outlet.send(&group.bytes)
                {
                    sent.refused += 1;
                }
            }
        });
    }
}

/// Gathers what goes to a client, from the address that it talks to.
fn push(gather: &mut Gather, flow: &Flow, bytes: &[u8]) {
    match flow.via {
        Via::Datagram(listener) => {
            let source: Option<IpAddr> = Some(flow.server.ip()).filter(|ip| !ip.is_unspecified());
            gather.push(Way::Listener(listener), flow.client, source, bytes);
        }
        Via::Stream(stream) => gather.push(Way::Stream(stream), flow.client, None, bytes),
    }
}
