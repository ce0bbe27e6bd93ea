//! Behaviour of the parsers on packets of real encoders and on garbage.

mod av1;
mod dd;
mod fixture;
mod garbage;
mod h264;
mod h265;
mod vp8;
mod vp9;
