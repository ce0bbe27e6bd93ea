//! Taps to CMAF files, playlists and an object store.
//!
//! What a broadcast's tap brings becomes fragments of MP4, once: LL-HLS, HLS, DASH and recordings are
//! different texts over the same files. Nothing here knows where packets come from.
