//! A bot on a data channel: writes down what it is told and answers `!ping` with `pong`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use rtc::peer_connection::RTCPeerConnectionBuilder as Builder;
use rtc::peer_connection::event::{RTCDataChannelEvent as Channel, RTCPeerConnectionEvent as Event};
use rtc::peer_connection::message::RTCMessage;
use rtc::peer_connection::sdp::RTCSessionDescription as Description;
use rtc::peer_connection::state::RTCPeerConnectionState as State;
use rtc::peer_connection::transport::RTCIceCandidateInit as Candidate;
use rtc::sansio::Protocol as _;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol::UDP};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [server, stream, key] = ["SLUICE_URL", "SLUICE_STREAM", "SLUICE_KEY"].map(std::env::var);
    let (server, mut now, mut buffer) = (reqwest::Url::parse(&server?)?, Instant::now(), [0; 2000]);
    let reached = tokio::net::TcpStream::connect(&*server.socket_addrs(|| None)?).await?;
    let socket = tokio::net::UdpSocket::bind((reached.local_addr()?.ip(), 0)).await?;
    let local_addr = socket.local_addr()?;
    let candidate = format!("candidate:1 1 udp 1 {} {} typ host", local_addr.ip(), local_addr.port());
    let mut connection = Builder::new().build(now)?;
    connection.create_data_channel("sluice-chat", None)?;
    connection.add_local_candidate(Candidate { candidate, ..Default::default() })?;
    let offer = connection.create_offer(None)?;
    connection.set_local_description(now, offer.clone())?;
    let whep = reqwest::Client::new().post(server.join(&format!("/whep/{}", stream?))?).bearer_auth(key?);
    let answer = whep.header("content-type", "application/sdp").body(offer.sdp).send().await?;
    connection.set_remote_description(now, Description::answer(answer.error_for_status()?.text().await?)?)?;
    loop {
        while let Some(event) = connection.poll_event() {
            if matches!(event, Event::OnConnectionStateChangeEvent(State::Failed)) {
                return Err("the connection is lost".into());
            }
            let Event::OnDataChannel(Channel::OnOpen(id)) = event else { continue };
            connection.data_channel(id).ok_or("gone")?.send_text(now, r#"{"type":"join","v":1}"#)?;
        }
        while let Some(read) = connection.poll_read() {
            let RTCMessage::DataChannelMessage(id, text) = read.message else { continue };
            let event: Value = serde_json::from_slice(&text.data)?;
            writeln!(std::io::stdout(), "{event}")?;
            if event["message"]["text"] == "!ping" {
                let pong = json!({ "type": "message", "text": "pong", "reply_to": event["message"]["id"] });
                connection.data_channel(id).ok_or("gone")?.send_text(now, pong.to_string())?;
            }
        }
        while let Some(datagram) = connection.poll_write() {
            socket.send_to(&datagram.message, datagram.transport.peer_addr).await?;
        }
        let received = tokio::time::timeout(Duration::from_millis(20), socket.recv_from(&mut buffer)).await;
        now = Instant::now();
        connection.handle_timeout(now)?;
        let Ok(Ok((length, peer_addr))) = received else { continue };
        let transport = TransportContext { local_addr, peer_addr, ecn: None, transport_protocol: UDP };
        connection.handle_read(TaggedBytesMut { now, transport, message: buffer[..length].into() })?;
    }
}
