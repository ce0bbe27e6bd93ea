//! Playlists and manifests as texts, to the letter.

use sluice_domain::MediaKind;

use super::*;

const START: MediaTime = MediaTime(1_795_295_585_123_000);

fn segment(number: u64) -> Segment {
    Segment {
        uri: format!("seg-{number}.m4s"),
        duration: Duration::from_secs(4),
        map: "init-0.mp4".into(),
        date: Some(START.plus_micros(number as i64 * 4_000_000)),
        parts: (0..12)
            .map(|index| Part {
                uri: format!("part-{number}-{index}.m4s"),
                duration: Duration::from_nanos(333_333_333),
                independent: index == 0,
                gap: false,
            })
            .collect(),
        ..Segment::default()
    }
}

/// Segments 20 to 20 + `count`, and one more of which two parts are there.
fn live(count: u64) -> MediaPlaylist {
    let mut open = segment(20 + count);
    open.parts.truncate(2);
    MediaPlaylist {
        target: 4,
        part_target: Some(Duration::from_millis(334)),
        sequence: 20,
        discontinuity_sequence: 3,
        segments: (20..20 + count).map(segment).collect(),
        open: Some(open),
        preload: Some(format!("part-{}-2.m4s", 20 + count)),
        reports: vec![
            Report { uri: "../v1/media.m3u8".into(), last_segment: 20 + count, last_part: Some(1) },
            Report { uri: "../a0/media.m3u8".into(), last_segment: 20 + count, last_part: None },
        ],
        state: State::Live,
    }
}

// Requirements: R119
#[test]
fn a_low_latency_playlist_has_its_tags_in_their_places() {
    let mut playlist = live(1);
    playlist.segments[0].parts.truncate(2);
    assert_eq!(
        media(&playlist, Skip::Nothing, ""),
        "#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.000000,PART-HOLD-BACK=1.002000,HOLD-BACK=12.000000
#EXT-X-PART-INF:PART-TARGET=0.334000
#EXT-X-MEDIA-SEQUENCE:20
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-MAP:URI=\"init-0.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:14:25.123Z
#EXT-X-PART:DURATION=0.333333,URI=\"part-20-0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.333333,URI=\"part-20-1.m4s\"
#EXTINF:4.000000,
seg-20.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:14:29.123Z
#EXT-X-PART:DURATION=0.333333,URI=\"part-21-0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.333333,URI=\"part-21-1.m4s\"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part-21-2.m4s\"
#EXT-X-RENDITION-REPORT:URI=\"../v1/media.m3u8\",LAST-MSN=21,LAST-PART=1
#EXT-X-RENDITION-REPORT:URI=\"../a0/media.m3u8\",LAST-MSN=21
"
    );
}

#[test]
fn parts_are_told_only_within_three_target_durations_of_the_end() {
    let text = media(&live(10), Skip::Nothing, "");
    let told: Vec<u64> =
        (20..=30).filter(|number| text.contains(&format!("\"part-{number}-0.m4s\""))).collect();
    assert_eq!(told, [27, 28, 29, 30], "0.67 s of parts and three segments of 4 s reach over 12 s");
    assert_eq!(text.matches("#EXTINF").count(), 10, "segments are all told");
}

#[test]
fn no_part_is_longer_than_the_part_target_that_is_told() {
    let mut playlist = live(10);
    playlist.segments[0].parts[0].duration = Duration::from_secs(9);
    assert!(media(&playlist, Skip::Nothing, "").contains("PART-TARGET=0.334000\n"), "it is told no more");
    playlist.open.as_mut().unwrap().parts[0].duration = Duration::from_millis(1_500);
    let text = media(&playlist, Skip::Nothing, "");
    assert!(text.contains("PART-TARGET=1.500000\n") && text.contains(",PART-HOLD-BACK=4.500000,"));
}

#[test]
fn a_delta_update_leaves_out_what_lies_before_the_skip_boundary() {
    let full = media(&live(20), Skip::Nothing, "");
    let delta = media(&live(20), Skip::Old, "");
    // 0.67 s of parts and six segments are more than 24 s.
    assert!(delta.contains("#EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-SKIP:SKIPPED-SEGMENTS=14\n#EXT-X-MAP"));
    assert!(!delta.contains("seg-33.m4s") && delta.contains("seg-34.m4s"));
    assert!(delta.contains("#EXT-X-MEDIA-SEQUENCE:20\n"), "the number of the first segment, skipped or not");
    let tail =
        |text: &str| text[text.find("#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:15:21").unwrap()..].to_owned();
    assert_eq!(tail(&delta), tail(&full), "what is not skipped is the same");
}

#[test]
fn a_playlist_that_is_too_short_to_skip_is_told_whole() {
    for count in 0..=6 {
        assert_eq!(media(&live(count), Skip::Old, ""), media(&live(count), Skip::Nothing, ""));
    }
}

#[test]
fn a_delta_update_never_skips_what_a_full_one_may_not_leave_out() {
    for count in 0..40 {
        let playlist = live(count);
        let skipped = media(&playlist, Skip::Old, "")
            .lines()
            .find_map(|line| line.strip_prefix("#EXT-X-SKIP:SKIPPED-SEGMENTS="))
            .map_or(0, |number| number.parse::<usize>().unwrap());
        let kept: Duration = playlist.segments[skipped..].iter().map(|segment| segment.duration).sum();
        assert!(skipped == 0 || kept + Duration::from_secs(1) >= skip_until(4), "{count}: {kept:?}");
    }
}

#[test]
fn discontinuities_gaps_and_new_init_segments_are_marked() {
    let mut playlist = live(3);
    playlist.part_target = None;
    playlist.segments[1] = Segment { gap: true, parts: Vec::new(), ..playlist.segments[1].clone() };
    playlist.segments[2].discontinuity = true;
    playlist.segments[2].map = "init-1.mp4".into();
    assert_eq!(
        media(&playlist, Skip::Old, "token=a"),
        "#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:20
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-MAP:URI=\"init-0.mp4?token=a\"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:14:25.123Z
#EXTINF:4.000000,
seg-20.m4s?token=a
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:14:29.123Z
#EXT-X-GAP
#EXTINF:4.000000,
seg-21.m4s?token=a
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI=\"init-1.mp4?token=a\"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:14:33.123Z
#EXTINF:4.000000,
seg-22.m4s?token=a
"
    );
}

#[test]
fn parts_that_are_missing_say_so() {
    let mut playlist = live(0);
    playlist.open.as_mut().unwrap().parts[1].gap = true;
    let text = media(&playlist, Skip::Nothing, "");
    assert!(text.contains("#EXT-X-PART:DURATION=0.333333,URI=\"part-20-1.m4s\",GAP=YES\n"));
}

#[test]
fn an_open_segment_without_parts_leaves_no_tags_behind() {
    let mut playlist = live(1);
    let open = playlist.open.as_mut().unwrap();
    open.parts.clear();
    open.discontinuity = true;
    let text = media(&playlist, Skip::Nothing, "");
    assert!(!text.contains("#EXT-X-DISCONTINUITY\n"));
    assert!(text.contains("seg-20.m4s\n#EXT-X-PRELOAD-HINT:"));
}

#[test]
fn a_broadcast_that_has_ended_says_so_and_hints_at_nothing() {
    let playlist = MediaPlaylist { state: State::Ended, open: None, ..live(2) };
    let text = media(&playlist, Skip::Old, "");
    assert!(text.ends_with("seg-21.m4s\n#EXT-X-ENDLIST\n"));
    assert!(!text.contains("PRELOAD") && !text.contains("REPORT") && !text.contains("SKIP:"));
    assert!(text.contains("PART-HOLD-BACK"), "it must be there where there are parts");
}

// Requirements: R119
#[test]
fn a_recording_is_a_playlist_that_knows_its_end() {
    let playlist = MediaPlaylist {
        target: 4,
        segments: (0..2).map(segment).collect(),
        state: State::Vod,
        ..MediaPlaylist::default()
    };
    assert_eq!(
        media(&playlist, Skip::Nothing, "token=a&b=c"),
        "#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-MAP:URI=\"init-0.mp4?token=a&b=c\"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:13:05.123Z
#EXTINF:4.000000,
seg-0.m4s?token=a&b=c
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T21:13:09.123Z
#EXTINF:4.000000,
seg-1.m4s?token=a&b=c
#EXT-X-ENDLIST
"
    );
}

#[test]
fn target_durations_are_rounded_as_segments_are() {
    let target = |millis: &[u64]| target_duration(millis.iter().map(|millis| Duration::from_millis(*millis)));
    assert_eq!(target(&[4_000, 4_499, 3_000]), 4);
    assert_eq!(target(&[4_000, 4_500]), 5);
    assert_eq!(target(&[]), 1);
    assert_eq!(target(&[20]), 1);
}

#[test]
fn a_query_cannot_end_the_quotes_or_the_line() {
    let text = media(&live(1), Skip::Nothing, "token=a\"\n#EXT-X-ENDLIST\n<é>");
    assert!(text.contains("init-0.mp4?token=a%22%0A%23EXT-X-ENDLIST%0A%3C%C3%A9%3E\""));
    assert_eq!(text.lines().filter(|line| line.contains("ENDLIST")).count(), text.matches("token=").count());
    assert_eq!(with_query("a.m3u8?x=1", "token=b"), "a.m3u8?x=1&token=b");
}

fn full_master() -> Master {
    Master {
        variants: vec![
            Variant {
                uri: "v0/media.m3u8".into(),
                bandwidth: 2_500_000,
                average_bandwidth: Some(2_000_000),
                codec: "avc1.64001f".into(),
                resolution: Some((1280, 720)),
                frame_rate: Some(29.97),
            },
            Variant {
                uri: "v1/media.m3u8".into(),
                bandwidth: 600_000,
                average_bandwidth: None,
                codec: "avc1.42c015".into(),
                resolution: Some((640, 360)),
                frame_rate: None,
            },
        ],
        audio: vec![AudioTrack {
            uri: "a0/media.m3u8".into(),
            name: "Sound of the \"garden\"".into(),
            bandwidth: 64_000,
            codec: "opus".into(),
            channels: 2,
        }],
        independent: true,
    }
}

// Requirements: R119
#[test]
fn the_master_playlist_names_every_variant_with_its_sound() {
    assert_eq!(
        master(&full_master(), "token=a"),
        "#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Sound of the 'garden'\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"a0/media.m3u8?token=a\"
#EXT-X-STREAM-INF:BANDWIDTH=2564000,AVERAGE-BANDWIDTH=2064000,CODECS=\"avc1.64001f,opus\",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO=\"audio\",CLOSED-CAPTIONS=NONE
v0/media.m3u8?token=a
#EXT-X-STREAM-INF:BANDWIDTH=664000,CODECS=\"avc1.42c015,opus\",RESOLUTION=640x360,AUDIO=\"audio\",CLOSED-CAPTIONS=NONE
v1/media.m3u8?token=a
"
    );
}

#[test]
fn segments_without_key_frames_are_not_called_independent() {
    let text = master(&Master { independent: false, ..full_master() }, "");
    assert!(text.starts_with("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-MEDIA:"));
}

#[test]
fn pictures_without_sound_and_sound_without_pictures_have_a_master_playlist_too() {
    let silent = Master { audio: Vec::new(), ..full_master() };
    let text = master(&silent, "");
    assert!(text.contains("CODECS=\"avc1.64001f\"") && !text.contains("AUDIO"));
    let sound = Master {
        variants: vec![Variant { uri: "a0/media.m3u8".into(), codec: "opus".into(), ..Variant::default() }],
        ..Master::default()
    };
    assert!(
        master(&sound, "")
            .ends_with("#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"opus\",CLOSED-CAPTIONS=NONE\na0/media.m3u8\n")
    );
}

fn run(id: u64, number: u64) -> Run {
    let start = number * 4;
    let representation = |name: &str, kind, timescale: u64| Representation {
        id: name.into(),
        kind,
        codec: if kind == MediaKind::Video { "avc1.64001f".into() } else { "opus".into() },
        bandwidth: 64_000,
        resolution: (kind == MediaKind::Video).then_some((1280, 720)),
        frame_rate: (kind == MediaKind::Video).then_some(29.97),
        timescale: timescale as u32,
        init: format!("{name}/init-{id}.mp4"),
        media: format!("{name}/seg-$Number$.m4s"),
        number,
        segments: vec![
            (start * timescale, 4 * timescale),
            ((start + 4) * timescale, 4 * timescale),
            ((start + 8) * timescale, 3 * timescale),
            ((start + 12) * timescale, 3 * timescale),
        ],
    };
    Run {
        id,
        start: Duration::from_secs(start),
        representations: vec![
            representation("v0", MediaKind::Video, 90_000),
            representation("a0", MediaKind::Audio, 48_000),
        ],
    }
}

// Requirements: R119
#[test]
fn a_manifest_of_a_recording_begins_at_zero() {
    let manifest = Manifest { origin: START, clock: Clock::Static, runs: vec![run(2, 10)] };
    assert_eq!(
        dash(&manifest, "token=a&b=$c"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"static\" mediaPresentationDuration=\"PT15.000S\" minBufferTime=\"PT4.000S\">
 <Period id=\"2\" start=\"PT0.000S\">
  <AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\" segmentAlignment=\"true\" startWithSAP=\"1\">
   <Representation id=\"v0\" codecs=\"avc1.64001f\" bandwidth=\"64000\" width=\"1280\" height=\"720\" frameRate=\"29970/1000\">
    <SegmentTemplate timescale=\"90000\" presentationTimeOffset=\"3600000\" startNumber=\"10\" initialization=\"v0/init-2.mp4?token=a&amp;b=$$c\" media=\"v0/seg-$Number$.m4s?token=a&amp;b=$$c\">
     <SegmentTimeline>
      <S t=\"3600000\" d=\"360000\" r=\"1\"/>
      <S d=\"270000\"/>
      <S t=\"4680000\" d=\"270000\"/>
     </SegmentTimeline>
    </SegmentTemplate>
   </Representation>
  </AdaptationSet>
  <AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\" segmentAlignment=\"true\" startWithSAP=\"1\">
   <Representation id=\"a0\" codecs=\"opus\" bandwidth=\"64000\">
    <AudioChannelConfiguration schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"2\"/>
    <SegmentTemplate timescale=\"48000\" presentationTimeOffset=\"1920000\" startNumber=\"10\" initialization=\"a0/init-2.mp4?token=a&amp;b=$$c\" media=\"a0/seg-$Number$.m4s?token=a&amp;b=$$c\">
     <SegmentTimeline>
      <S t=\"1920000\" d=\"192000\" r=\"1\"/>
      <S d=\"144000\"/>
      <S t=\"2496000\" d=\"144000\"/>
     </SegmentTimeline>
    </SegmentTemplate>
   </Representation>
  </AdaptationSet>
 </Period>
</MPD>
"
    );
}

#[test]
fn a_live_manifest_keeps_its_origin_and_tells_the_time() {
    let clock = Clock::Live {
        now: START.plus_micros(60_500_000),
        update: Duration::from_secs(4),
        window: Duration::from_secs(600),
    };
    let text = dash(&Manifest { origin: START, clock, runs: vec![run(2, 10), run(3, 14)] }, "");
    assert!(text.contains(
        " type=\"dynamic\" availabilityStartTime=\"2026-11-21T21:13:05.123Z\" \
         publishTime=\"2026-11-21T21:14:05.623Z\" minimumUpdatePeriod=\"PT4.000S\" \
         timeShiftBufferDepth=\"PT600.000S\" suggestedPresentationDelay=\"PT12.000S\" minBufferTime=\"PT4.000S\">"
    ));
    assert!(text.contains("<Period id=\"2\" start=\"PT40.000S\">"));
    assert!(text.contains("<Period id=\"3\" start=\"PT56.000S\">"));
    assert!(text.contains(
        "<UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:direct:2014\" value=\"2026-11-21T21:14:05.623Z\"/>\n</MPD>\n"
    ));
}

#[test]
fn a_rendition_that_is_missing_in_a_run_is_left_out_of_it() {
    let mut missing = run(0, 0);
    missing.representations[0].segments.clear();
    let text = dash(&Manifest { origin: START, clock: Clock::Static, runs: vec![missing] }, "");
    assert!(!text.contains("video") && text.contains("audio"));
    let nothing = dash(&Manifest { origin: START, clock: Clock::Static, runs: Vec::new() }, "");
    assert!(nothing.contains("mediaPresentationDuration=\"PT0.000S\""));
}
