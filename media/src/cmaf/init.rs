//! Init segments: `ftyp` and `moov` of a track without samples.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use shiguredo_mp4::boxes::{
    Brand, DinfBox, FtypBox, HdlrBox, MdhdBox, MdiaBox, MediaHeader, MinfBox, MoovBox, MvexBox, MvhdBox,
    SmhdBox, StblBox, StcoBox, StscBox, StsdBox, StszBox, SttsBox, TkhdBox, TrakBox, TrexBox, VmhdBox,
};
use shiguredo_mp4::{Either, Encode, FixedPointNumber, LanguageCode, Mp4FileTime, SampleFlags};
use sluice_domain::{Codec, MediaKind};

use crate::cmaf::TRACK;
use crate::track::{Rotation, TrackConfig};

/// What a player needs before the first part of a track.
pub fn init_segment(config: &TrackConfig) -> Bytes {
    let mut bytes = encoded(&ftyp(config));
    bytes.extend(encoded(&moov(config)));
    bytes.into()
}

fn encoded(part: &impl Encode) -> Vec<u8> {
    part.encode_to_vec()
        .expect("sample entries were encoded when their track was made, and the rest is constant")
}

fn ftyp(config: &TrackConfig) -> FtypBox {
    let mut compatible_brands = vec![Brand::new(*b"iso6"), Brand::new(*b"cmfc"), Brand::new(*b"mp41")];
    // The brands of the CMAF media profiles say what is inside, for who looks at nothing else.
    compatible_brands.extend(match config.codec() {
        Codec::H264 => Some(Brand::new(*b"avc1")),
        Codec::H265 => Some(Brand::new(*b"hvc1")),
        Codec::Av1 => Some(Brand::new(*b"av01")),
        Codec::Opus => Some(Brand::new(*b"Opus")),
        Codec::Vp8 | Codec::Vp9 => None,
    });
    FtypBox { major_brand: Brand::new(*b"iso6"), minor_version: 0, compatible_brands }
}

fn moov(config: &TrackConfig) -> MoovBox {
    MoovBox {
        mvhd_box: MvhdBox {
            creation_time: epoch(),
            modification_time: epoch(),
            timescale: timescale(config),
            duration: 0,
            rate: MvhdBox::DEFAULT_RATE,
            volume: MvhdBox::DEFAULT_VOLUME,
            matrix: MvhdBox::DEFAULT_MATRIX,
            next_track_id: TRACK + 1,
        },
        trak_boxes: vec![trak(config)],
        mvex_box: Some(MvexBox {
            // Without `mehd`: nobody knows yet how long it will be.
            mehd_box: None,
            trex_boxes: vec![TrexBox {
                track_id: TRACK,
                default_sample_description_index: 1,
                default_sample_duration: 0,
                default_sample_size: 0,
                default_sample_flags: SampleFlags::new(0),
            }],
            unknown_boxes: Vec::new(),
        }),
        unknown_boxes: Vec::new(),
    }
}

fn trak(config: &TrackConfig) -> TrakBox {
    let (width, height) = config.coded_size().unwrap_or_default();
    let is_audio = config.kind() == MediaKind::Audio;
    TrakBox {
        tkhd_box: TkhdBox {
            flag_track_enabled: true,
            flag_track_in_movie: true,
            flag_track_in_preview: false,
            flag_track_size_is_aspect_ratio: false,
            creation_time: epoch(),
            modification_time: epoch(),
            track_id: TRACK,
            duration: 0,
            layer: TkhdBox::DEFAULT_LAYER,
            alternate_group: TkhdBox::DEFAULT_ALTERNATE_GROUP,
            volume: if is_audio { TkhdBox::DEFAULT_AUDIO_VOLUME } else { TkhdBox::DEFAULT_VIDEO_VOLUME },
            matrix: matrix(config.rotation(), width, height),
            width: fixed(width),
            height: fixed(height),
        },
        edts_box: None,
        mdia_box: MdiaBox {
            mdhd_box: MdhdBox {
                creation_time: epoch(),
                modification_time: epoch(),
                timescale: timescale(config),
                duration: 0,
                language: LanguageCode::UNDEFINED,
            },
            hdlr_box: HdlrBox {
                handler_type: if is_audio { HdlrBox::HANDLER_TYPE_SOUN } else { HdlrBox::HANDLER_TYPE_VIDE },
                name: b"\0".to_vec(),
            },
            minf_box: MinfBox {
                media_header: Some(if is_audio {
                    MediaHeader::Smhd(SmhdBox::default())
                } else {
                    MediaHeader::Vmhd(VmhdBox::default())
                }),
                dinf_box: DinfBox::LOCAL_FILE,
                stbl_box: StblBox {
                    stsd_box: StsdBox { entries: vec![config.entry().clone()] },
                    stts_box: SttsBox { entries: Vec::new() },
                    ctts_box: None,
                    cslg_box: None,
                    stsc_box: StscBox { entries: Vec::new() },
                    stsz_box: StszBox::Variable { entry_sizes: Vec::new() },
                    stco_or_co64_box: Either::A(StcoBox { chunk_offsets: Vec::new() }),
                    stss_box: None,
                    sdtp_box: None,
                    unknown_boxes: Vec::new(),
                },
                unknown_boxes: Vec::new(),
            },
            unknown_boxes: Vec::new(),
        },
        unknown_boxes: Vec::new(),
    }
}

/// The transformation from coded to shown picture (ISO/IEC 14496-12 8.3.2): turned about the corner, and
/// moved back into view.
fn matrix(rotation: Rotation, width: u16, height: u16) -> [i32; 9] {
    let (width, height) = (i32::from(width) << 16, i32::from(height) << 16);
    // The lowest row's last number has 30 bits behind the point, the others 16.
    let one = 1 << 16;
    let unit = 1 << 30;
    match rotation {
        Rotation::None => TkhdBox::DEFAULT_MATRIX,
        Rotation::Quarter => [0, one, 0, -one, 0, 0, height, 0, unit],
        Rotation::Half => [-one, 0, 0, 0, -one, 0, width, height, unit],
        Rotation::ThreeQuarters => [0, -one, 0, one, 0, 0, 0, width, unit],
    }
}

/// Sizes above 32767 do not fit; no encoder of a browser comes near.
fn fixed(length: u16) -> FixedPointNumber<i16, u16> {
    FixedPointNumber::new(i16::try_from(length).unwrap_or(i16::MAX), 0)
}

fn timescale(config: &TrackConfig) -> NonZeroU32 {
    NonZeroU32::new(config.timescale()).expect("clock rates are constants above 0")
}

/// The same track gives the same bytes, whenever it is written.
const fn epoch() -> Mp4FileTime {
    Mp4FileTime::from_unix_time(Duration::ZERO)
}
