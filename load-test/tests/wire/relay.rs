//! A relay: what one publisher sends goes to every viewer, first layer first.

use std::collections::{BTreeSet, HashMap};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use bytes::BytesMut;
use rtc::interceptor::Registry;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::interceptor_registry::{
    configure_simulcast_extension_headers, register_default_interceptors,
};
use rtc::peer_connection::configuration::media_engine::MediaEngine;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::event::{RTCPeerConnectionEvent, RTCTrackEvent};
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp::packet::Packet;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpReceiverId, RTCRtpSenderId};
use rtc::sansio::Protocol as _;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};

/// The server.
pub(crate) struct Relay {
    shared: Arc<Shared>,
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Default)]
struct Shared {
    /// The codec of the video that is live.
    live: Mutex<Option<String>>,
    viewers: Mutex<Vec<Sender<(bool, Packet)>>>,
    layers: Mutex<BTreeSet<String>>,
    ask: AtomicBool,
    stopped: AtomicBool,
    deleted: AtomicUsize,
    turned_away: AtomicUsize,
}

impl Relay {
    /// Starts to listen on loopback.
    pub(crate) fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let shared = Arc::new(Shared::default());
        let router = Router::new()
            .route("/whip", post(whip))
            .route("/whep", post(whep))
            .route("/session", delete(ended))
            .with_state(Arc::clone(&shared));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { shared, address, _runtime: runtime }
    }

    /// The address of an endpoint.
    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!("http://{}/{endpoint}", self.address)
    }

    /// Waits until three viewers have been told that nobody is live.
    pub(crate) fn wait_for_three_viewers(&self) {
        while self.shared.turned_away.load(Ordering::Relaxed) < 3 {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks publishers for a key frame twice a second.
    pub(crate) fn ask_for_key_frames(&self) {
        self.shared.ask.store(true, Ordering::Relaxed);
    }

    /// How many sessions were deleted.
    pub(crate) fn deleted(&self) -> usize {
        self.shared.deleted.load(Ordering::Relaxed)
    }

    /// The RIDs from which packets came.
    pub(crate) fn layers(&self) -> Vec<String> {
        self.shared.layers.lock().unwrap().iter().cloned().collect()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
    }
}

async fn ended(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.deleted.fetch_add(1, Ordering::Relaxed);
    StatusCode::OK
}

fn created(answer: String) -> Response {
    let headers = [("content-type", "application/sdp"), ("location", "/session")];
    (StatusCode::CREATED, headers, answer).into_response()
}

async fn whip(State(shared): State<Arc<Shared>>, headers: HeaderMap, offer: String) -> Response {
    if headers.get("authorization").is_none_or(|token| token != "Bearer secret") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let codec = if offer.contains("H264/90000") { "video/H264" } else { "video/VP8" };
    let (peer, answer) = Peer::answer(&offer, None);
    *shared.live.lock().unwrap() = Some(codec.to_owned());
    std::thread::spawn(move || peer.publish(&shared));
    created(answer)
}

async fn whep(State(shared): State<Arc<Shared>>, offer: String) -> Response {
    let live = shared.live.lock().unwrap().clone();
    let Some(codec) = live else {
        shared.turned_away.fetch_add(1, Ordering::Relaxed);
        return (StatusCode::CONFLICT, [("retry-after", "1")], "Nobody is live.").into_response();
    };
    let (peer, answer) = Peer::answer(&offer, Some(&codec));
    let (sender, packets) = channel();
    shared.viewers.lock().unwrap().push(sender);
    std::thread::spawn(move || peer.watch(&shared, &packets));
    created(answer)
}

/// One connection and its socket.
struct Peer {
    connection: RTCPeerConnection,
    socket: UdpSocket,
    video: Option<RTCRtpSenderId>,
    audio: Option<RTCRtpSenderId>,
    /// Receivers by track, with the RID of each SSRC.
    receivers: HashMap<String, RTCRtpReceiverId>,
    rids: HashMap<u32, String>,
}

impl Peer {
    fn answer(offer: &str, sends: Option<&str>) -> (Self, String) {
        let now = Instant::now();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
        let mut engine = MediaEngine::default();
        engine.register_default_codecs().unwrap();
        configure_simulcast_extension_headers(&mut engine).unwrap();
        let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap();
        let mut connection = RTCPeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::new().build())
            .with_setting_engine(SettingEngineBuilder::new().build())
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .build(now)
            .unwrap();
        connection
            .set_remote_description(now, RTCSessionDescription::offer(offer.to_owned()).unwrap())
            .unwrap();
        let mut add = |kind, mime: &str, clock_rate| {
            let codec = RTCRtpCodec { mime_type: mime.to_owned(), clock_rate, ..Default::default() };
            let coding = RTCRtpCodingParameters { ssrc: Some(rand::random()), ..Default::default() };
            let encoding =
                RTCRtpEncodingParameters { rtp_coding_parameters: coding, codec, ..Default::default() };
            let track = MediaStreamTrack::new("s".into(), mime.into(), mime.into(), kind, vec![encoding]);
            connection.add_track(track).unwrap()
        };
        let video = sends.map(|mime| add(RtpCodecKind::Video, mime, 90_000));
        let audio = sends.map(|_| add(RtpCodecKind::Audio, "audio/opus", 48_000));
        let local = socket.local_addr().unwrap();
        let candidate = CandidateHostConfig {
            base_config: CandidateConfig {
                network: "udp".into(),
                address: local.ip().to_string(),
                port: local.port(),
                component: 1,
                ..Default::default()
            },
            ..Default::default()
        };
        let candidate = RTCIceCandidate::from(&candidate.new_candidate_host().unwrap());
        connection.add_local_candidate(candidate.to_json().unwrap()).unwrap();
        let answer = connection.create_answer(None).unwrap();
        connection.set_local_description(now, answer).unwrap();
        let sdp = connection.local_description().unwrap().sdp.clone();
        let receivers = HashMap::new();
        (Self { connection, socket, video, audio, receivers, rids: HashMap::new() }, sdp)
    }

    /// Moves datagrams and time once, and returns the packets that came.
    fn turn(&mut self) -> Vec<Packet> {
        let local_addr = self.socket.local_addr().unwrap();
        let mut buffer = [0; 2000];
        let received = self.socket.recv_from(&mut buffer);
        let now = Instant::now();
        if let Ok((len, peer_addr)) = received {
            let transport = TransportContext {
                local_addr,
                peer_addr,
                ecn: None,
                transport_protocol: TransportProtocol::UDP,
            };
            let message = BytesMut::from(&buffer[..len]);
            let _ = self.connection.handle_read(TaggedBytesMut { now, transport, message });
        }
        if self.connection.poll_timeout().is_some_and(|due| due <= now) {
            let _ = self.connection.handle_timeout(now);
        }
        while let Some(event) = self.connection.poll_event() {
            if let RTCPeerConnectionEvent::OnTrack(RTCTrackEvent::OnOpen(track)) = event {
                self.receivers.insert(track.track_id.to_string(), track.receiver_id);
                self.rids.insert(track.ssrc, track.rid.unwrap_or_default());
            }
        }
        let mut packets = Vec::new();
        while let Some(TaggedRTCMessage { message, .. }) = self.connection.poll_read() {
            if let RTCMessage::RtpPacket(_, packet) = message {
                packets.push(packet);
            }
        }
        while let Some(datagram) = self.connection.poll_write() {
            let _ = self.socket.send_to(&datagram.message, datagram.transport.peer_addr);
        }
        packets
    }

    fn publish(mut self, shared: &Shared) {
        let mut asked = Instant::now();
        let mut video_ssrc = None;
        while !shared.stopped.load(Ordering::Relaxed) {
            for packet in self.turn() {
                let video = packet.header.payload_type != 111;
                if video {
                    video_ssrc.get_or_insert(packet.header.ssrc);
                }
                if let Some(rid) = self.rids.get(&packet.header.ssrc).filter(|rid| !rid.is_empty()) {
                    shared.layers.lock().unwrap().insert(rid.clone());
                }
                let viewers = shared.viewers.lock().unwrap();
                viewers.iter().for_each(|viewer| drop(viewer.send((video, packet.clone()))));
            }
            if let Some(media_ssrc) = video_ssrc
                && asked.elapsed() > Duration::from_millis(500)
                && shared.ask.load(Ordering::Relaxed)
            {
                asked = Instant::now();
                let pli = PictureLossIndication { sender_ssrc: 1, media_ssrc };
                for receiver in self.receivers.values() {
                    if let Some(mut receiver) = self.connection.rtp_receiver(*receiver) {
                        let _ = receiver.write_rtcp(asked, vec![Box::new(pli.clone())]);
                    }
                }
            }
        }
    }

    fn watch(mut self, shared: &Shared, packets: &Receiver<(bool, Packet)>) {
        while !shared.stopped.load(Ordering::Relaxed) {
            self.turn();
            for (video, mut packet) in packets.try_iter() {
                let id = if video { self.video } else { self.audio };
                let Some(mut sender) = id.and_then(|id| self.connection.rtp_sender(id)) else {
                    continue;
                };
                let parameters = sender.get_parameters();
                let encoding = &parameters.encodings[0];
                let Some(ssrc) = encoding.rtp_coding_parameters.ssrc else { continue };
                let mime = &encoding.codec.mime_type;
                let codec = parameters
                    .rtp_parameters
                    .codecs
                    .iter()
                    .find(|codec| codec.rtp_codec.mime_type.eq_ignore_ascii_case(mime));
                let Some(payload_type) = codec.map(|codec| codec.payload_type) else { continue };
                packet.header.ssrc = ssrc;
                packet.header.payload_type = payload_type;
                packet.header.extension = false;
                packet.header.extensions.clear();
                packet.header.extensions_padding = 0;
                let _ = sender.write_rtp(Instant::now(), packet);
            }
        }
    }
}
