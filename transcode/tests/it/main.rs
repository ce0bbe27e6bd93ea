//! The jobs with a real ffmpeg: what it makes is looked at with ffprobe.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod download;
mod fixture;
mod h264;
mod pictures;
mod supervision;
mod vp8;
