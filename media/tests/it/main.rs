//! Behaviour of the parsers on packets of real encoders and on garbage, and of files made of such packets.

mod av1;
mod dd;
mod depacketise;
mod encode;
mod fixture;
mod garbage;
mod h264;
mod h265;
mod mux;
mod packetise;
mod record;
mod vp8;
mod vp9;
