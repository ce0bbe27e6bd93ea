//! Header extensions that str0m does not know by itself, and which are negotiated.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use sluice_media::dd::DependencyDescriptor;
use smallvec::SmallVec;
use str0m::rtp::{AbsCaptureTime, Extension, ExtensionMap, ExtensionSerializer, ExtensionValues};

use crate::clock::{SenderClock, ntp64};
use crate::packet::Carried;

/// URI of the AV1 dependency descriptor.
pub const DEPENDENCY_DESCRIPTOR: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// The bytes of a dependency descriptor, carried through with a new frame number.
#[derive(Debug, Clone)]
pub struct Descriptor(pub Arc<[u8]>);

#[derive(Debug)]
struct DescriptorSerializer;

impl ExtensionSerializer for DescriptorSerializer {
    fn write_to(&self, buf: &mut [u8], values: &ExtensionValues) -> usize {
        let Some(Descriptor(bytes)) = values.user_values.get::<Descriptor>() else { return 0 };
        match buf.get_mut(..bytes.len()) {
            Some(target) => {
                target.copy_from_slice(bytes);
                bytes.len()
            }
            None => 0,
        }
    }

    fn parse_value(&self, buf: &[u8], values: &mut ExtensionValues) -> bool {
        values.user_values.set(Descriptor(buf.into()));
        true
    }

    fn is_video(&self) -> bool {
        true
    }

    fn is_audio(&self) -> bool {
        false
    }

    fn requires_two_byte_form(&self, values: &ExtensionValues) -> bool {
        // RFC 8285 §4.2: one-byte elements have 1 to 16 bytes.
        values.user_values.get::<Descriptor>().is_some_and(|descriptor| descriptor.0.len() > 16)
    }
}

/// The extensions that we take part in. Ids are those of the offer once negotiated.
pub fn negotiable() -> ExtensionMap {
    let mut map = ExtensionMap::empty();
    map.set(1, Extension::AudioLevel);
    map.set(2, Extension::AbsoluteSendTime);
    map.set(3, Extension::TransportSequenceNumber);
    map.set(4, Extension::RtpMid);
    map.set(5, Extension::PlayoutDelay);
    map.set(6, Extension::AbsoluteCaptureTime);
    map.set(10, Extension::RtpStreamId);
    map.set(11, Extension::RepairedRtpStreamId);
    map.set(12, Extension::with_serializer(DEPENDENCY_DESCRIPTOR, DescriptorSerializer));
    map.set(13, Extension::VideoOrientation);
    map
}

impl Carried {
    /// What of a publisher's header extensions goes on to viewers.
    pub fn of(values: &ExtensionValues, clock: &SenderClock) -> Self {
        let descriptor = values.user_values.get::<Descriptor>().map(|descriptor| Arc::clone(&descriptor.0));
        let frame_number = descriptor
            .as_deref()
            .and_then(|bytes| DependencyDescriptor::parse(bytes, None))
            .map(|descriptor| descriptor.frame_number);
        Self {
            // RFC 6464 §3: a level of -127 to 0 dBov without its sign, below the voice activity.
            level: values.audio_level.map(|level| {
                level.unsigned_abs() & 0x7f | u8::from(values.voice_activity == Some(true)) << 7
            }),
            orientation: values.video_orientation.map(|orientation| orientation as u8),
            capture: values.abs_capture_time.map(|capture| capture_bytes(capture, clock)),
            descriptor,
            frame_number,
        }
    }
}

/// abs-capture-time with another offset: capture clock minus our clock, so that the next hop can go on
/// from it. The sender's own offset, if any, counts from the sender's clock.
fn capture_bytes(mut capture: AbsCaptureTime, clock: &SenderClock) -> SmallVec<[u8; 16]> {
    if let Some(offset) = clock.offset() {
        let sender_minus_ours = -(offset as f64) / 1e6;
        capture.set_clock_offset(capture.clock_offset_secs().unwrap_or(0.0) + sender_minus_ours);
    }
    let since = capture.capture_time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut bytes = SmallVec::new();
    bytes.extend_from_slice(&ntp64(since).to_be_bytes());
    if let Some(offset) = capture.clock_offset {
        bytes.extend_from_slice(&offset.to_be_bytes());
    }
    bytes
}
