//! Bytes to frames: codec headers and RTP payload descriptors. Pure.
