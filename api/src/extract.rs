//! What handlers take out of a request, each with refusals in our own words.

mod body;
mod caller;
mod if_match;
mod origin;
mod params;
mod path;
mod picture;
mod strict;

pub(crate) use body::{Body, OptionalBody};
pub(crate) use caller::{Caller, Member};
pub(crate) use if_match::{IfMatch, Tagged};
pub(crate) use origin::Origin;
pub(crate) use params::Params;
pub(crate) use path::{Id, Ids};
pub(crate) use picture::{EmotePicture, Picture};
