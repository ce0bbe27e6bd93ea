//! The queue of a tap by itself.

use std::time::Instant;

use mio::{Poll, Token, Waker};
use sluice_domain::{Codec, MediaKind, MediaTime};
use sluice_sfu_engine::TapPacket;
use sluice_sfu_engine::packet::{Carried, MediaPacket, SourceId};

use super::*;
use crate::mailbox::{Inbox, Mail};

fn tapped() -> (Poll, Inbox, Sink, Tap) {
    let poll = Poll::new().unwrap();
    let (mailbox, inbox) = Mailbox::new(Waker::new(poll.registry(), Token(0)).unwrap());
    let (sink, tap) = queue(TapId(7), mailbox);
    (poll, inbox, sink, tap)
}

fn packets(count: usize) -> TapNews {
    let packet = Arc::new(MediaPacket {
        source: SourceId(1),
        kind: MediaKind::Video,
        layer: 2,
        codec: Codec::Vp8,
        format: Default::default(),
        seq: 70_000,
        timestamp: 5,
        marker: true,
        payload: Arc::from([1_u8, 2, 3]),
        arrived: Instant::now(),
        captured: MediaTime(9),
        estimated: false,
        info: Default::default(),
        carried: Carried { orientation: Some(1), ..Carried::default() },
    });
    TapNews::Packets((0..count).map(|_| TapPacket { layer: 1, packet: Arc::clone(&packet) }).collect())
}

fn orders(inbox: &Inbox) -> Vec<Command> {
    let mail = std::iter::from_fn(|| inbox.take());
    mail.map(|mail| match mail {
        Mail::Command(command, _) => command,
        other => panic!("{other:?}"),
    })
    .collect()
}

#[tokio::test]
async fn a_packet_comes_as_what_it_was_and_is_not_copied() {
    let (_poll, _inbox, sink, tap) = tapped();
    let (mut stream, _key_frames) = tap.split();
    let news = packets(1);
    let TapNews::Packets(sent) = &news else { panic!("packets") };
    let sent = Arc::clone(&sent[0].packet);
    sink.send(news).unwrap();
    let Some(Tapped::Packets(got)) = stream.recv().await else { panic!("packets") };
    let got = &got[0];
    assert!(Arc::ptr_eq(&got.payload, &sent.payload));
    assert_eq!((got.source, got.layer, got.codec, got.seq), (1, 1, Codec::Vp8, 70_000));
    assert_eq!((got.timestamp, got.marker, got.captured, got.estimated), (5, true, MediaTime(9), false));
    assert_eq!(got.orientation, Some(1));
}

#[tokio::test]
async fn a_queue_takes_no_more_packets_until_half_of_it_was_read() {
    let (_poll, _inbox, sink, tap) = tapped();
    let (mut stream, _key_frames) = tap.split();
    let lot = MOST_PACKETS / 8;
    for _ in 0..8 {
        sink.send(packets(lot)).unwrap();
    }
    let Err(Refused::Full(refused)) = sink.send(packets(3)) else { panic!("it is full") };
    assert_eq!(refused.packets(), 3, "what was refused is given back");
    assert!(!sink.has_room());
    sink.send(TapNews::Interrupted).unwrap();
    for _ in 0..3 {
        stream.recv().await.unwrap();
    }
    assert!(!sink.has_room(), "a little room is none: it would be full again at once");
    stream.recv().await.unwrap();
    assert!(sink.has_room());
    sink.send(packets(lot)).unwrap();
    for _ in 0..4 {
        assert!(matches!(stream.recv().await, Some(Tapped::Packets(_))));
    }
    assert!(matches!(stream.recv().await, Some(Tapped::Interrupted)));
    assert!(matches!(stream.recv().await, Some(Tapped::Packets(_))));
    drop(sink);
    assert!(stream.recv().await.is_none(), "the broadcast has ended");
}

#[test]
fn messages_without_packets_are_bounded_too() {
    let (_poll, _inbox, sink, _tap) = tapped();
    let taken = (0..2 * MOST_MESSAGES).take_while(|_| sink.send(TapNews::Interrupted).is_ok()).count();
    assert_eq!(taken, MOST_MESSAGES);
    assert!(!sink.has_room());
}

#[test]
fn a_stream_that_is_dropped_ends_the_tap() {
    let (_poll, inbox, sink, tap) = tapped();
    let (stream, key_frames) = tap.split();
    key_frames.want(3);
    assert!(matches!(orders(&inbox)[..], [Command::WantKeyFrame { tap: TapId(7), layer: 3 }]));
    drop(stream);
    assert!(matches!(orders(&inbox)[..], [Command::Untap { tap: TapId(7) }]));
    assert!(matches!(sink.send(packets(1)), Err(Refused::Gone)));
    assert!(sink.has_room(), "so that its worker finds out although nothing more comes");
}

#[test]
fn a_worker_whose_mailbox_was_full_finds_out_with_the_next_packets() {
    let (_poll, inbox, sink, tap) = tapped();
    let (stream, key_frames) = tap.split();
    while key_frames.mailbox.send(Mail::Stop).is_ok() {}
    for _ in 0..8 {
        sink.send(packets(MOST_PACKETS / 8)).unwrap();
    }
    drop(stream);
    assert!(std::iter::from_fn(|| inbox.take()).all(|mail| matches!(mail, Mail::Stop)));
    assert!(matches!(sink.send(packets(1)), Err(Refused::Gone)), "also where the queue is full");
}
