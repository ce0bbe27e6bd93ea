//! Everything the SFU decides, without IO, on str0m.
