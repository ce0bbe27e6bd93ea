//! What can be shown and sent.

use sluice_domain::Codec;

use super::finding;
use crate::facts::{CodecFacts, Direction, Facts};
use crate::finding::{Finding, FindingCode as Code, Severity};

/// Codecs of pictures that streams have most, and how bad it is to lack one while no stream is named.
const COMMON: [(Codec, Severity); 3] =
    [(Codec::H264, Severity::Warning), (Codec::Vp8, Severity::Warning), (Codec::Av1, Severity::Info)];

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(codecs) = &facts.codecs else { return Vec::new() };
    match facts.stream.as_ref().and_then(|stream| Some((stream.direction, stream.codec?))) {
        Some((direction, codec)) => missing(codecs, direction, codec).into_iter().collect(),
        None => COMMON.into_iter().filter_map(|(codec, severity)| limited(codecs, codec, severity)).collect(),
    }
}

fn missing(codecs: &CodecFacts, direction: Direction, codec: Codec) -> Option<Finding> {
    let (can, does) = match direction {
        Direction::Watch => (&codecs.decodes, "show"),
        Direction::Publish => (&codecs.encodes, "send"),
    };
    let other = match direction {
        Direction::Watch => "let the stream be published with H.264 or VP8",
        Direction::Publish => "choose another codec in the studio",
    };
    (!can.contains(&codec)).then(|| {
        finding(
            Code::CodecMissing,
            format!("The stream is {}, which this browser cannot {does} over WebRTC.", name(codec)),
            format!("{} Or {other}.", install(codec)),
        )
    })
}

fn limited(codecs: &CodecFacts, codec: Codec, severity: Severity) -> Option<Finding> {
    (!codecs.decodes.contains(&codec)).then(|| Finding {
        severity,
        ..finding(
            Code::CodecLimited,
            format!("This browser cannot show {} over WebRTC; streams that have it stay black.", name(codec)),
            install(codec),
        )
    })
}

fn install(codec: Codec) -> String {
    match codec {
        Codec::H264 => {
            "Chromium without proprietary codecs lacks it: use Chrome, Edge, Safari or Firefox (which \
                        fetches OpenH264 a moment after its first start)."
                .to_owned()
        }
        Codec::H265 => {
            "Use Safari, or Chrome 136 or newer on a machine that decodes H.265 in hardware.".to_owned()
        }
        Codec::Av1 => {
            "Use Chrome, Edge or Firefox of this year, or Safari on a device that decodes AV1 in hardware."
                .to_owned()
        }
        Codec::Vp8 | Codec::Vp9 | Codec::Opus => "Use a browser of this year.".to_owned(),
    }
}

fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "H.264",
        Codec::H265 => "H.265",
        Codec::Vp8 => "VP8",
        Codec::Vp9 => "VP9",
        Codec::Av1 => "AV1",
        Codec::Opus => "Opus",
    }
}
