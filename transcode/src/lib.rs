//! The ffmpeg workers: pictures, downloads and codecs of recordings.
//!
//! ffmpeg runs as a supervised child process, so that what breaks it breaks nothing else.
