//! Header extensions that str0m does not know by itself, and which are negotiated.

use std::sync::Arc;

use str0m::rtp::{Extension, ExtensionMap, ExtensionSerializer, ExtensionValues};

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
