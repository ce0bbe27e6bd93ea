//! Counters of one shard. Plain numbers: one thread writes them, the worker publishes them.

use crate::counts::Counts;

/// Totals since start unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShardStats {
    /// Datagrams handed in.
    pub datagrams_in: u64,
    /// Datagrams handed out.
    pub datagrams_out: u64,
    /// Bytes of datagrams handed out.
    pub bytes_out: u64,
    /// Bytes of datagrams handed in.
    pub bytes_in: u64,
    /// Datagrams that are neither STUN, DTLS, RTP nor RTCP.
    pub dropped_garbage: u64,
    /// STUN whose user name names no peer.
    pub dropped_unknown_user: u64,
    /// STUN with a known user name and a wrong MESSAGE-INTEGRITY.
    pub dropped_bad_integrity: u64,
    /// DTLS, RTP or RTCP from an address that no peer owns.
    pub dropped_unknown_address: u64,
    /// STUN of strangers left aside because their network sent too much of it.
    pub dropped_over_budget: u64,
    /// Viewers that were followed to another address before a STUN check came from there.
    pub moves: u64,
    /// RTP packets of publishers accepted (authenticated, not seen before).
    pub packets_in: u64,
    /// RTP packets sent to viewers, repairs and padding not counted.
    pub packets_out: u64,
    /// Bytes on the link of those.
    pub bytes_sealed: u64,
    /// Packets sent again because a viewer asked.
    pub repairs: u64,
    /// Packets that a viewer asked for in vain: too old, too often, or repairs took their share already.
    pub repairs_refused: u64,
    /// Bytes sent to find out what a viewer's network carries.
    pub padding_bytes: u64,
    /// SRTCP of viewers that could not be authenticated, and RTP, which they do not send.
    pub dropped_forged: u64,
    /// Packets that arrived for a layer that nothing could be made of (no codec known).
    pub dropped_unknown_codec: u64,
    /// Packets too large for the path.
    pub dropped_too_large: u64,
    /// Key-frame requests of viewers.
    pub key_frames_asked: u64,
    /// Key-frame requests sent to publishers.
    pub key_frames_requested: u64,
    /// Key frames that arrived.
    pub key_frames_in: u64,
    /// Joins and switches served from the join cache.
    pub cache_joins: u64,
    /// Layer switches done.
    pub layer_switches: u64,
    /// Control messages that could not be read.
    pub control_invalid: u64,
    /// Control messages not sent because the channel's buffer was full.
    pub control_dropped: u64,
    /// From the arrival of a batch's first packet until it was sent to a viewer, in microseconds; one for
    /// each viewer.
    pub forward: Counts,
    /// From the answer to a viewer's offer until the first packet of its first picture was sent, in
    /// microseconds.
    pub joins: Counts,
    /// Bandwidth estimates of viewers, in kilobits per second; each viewer once a second.
    pub estimates: Counts,
    /// Packets handed to mirrors on other shards.
    pub relay_out: u64,
    /// Packets of publishers on other shards.
    pub relay_in: u64,
    /// Packets that a mirror did not get because its mailbox was full.
    pub relay_dropped: u64,
    /// Messages to other shards that found a full mailbox.
    pub relay_refused: u64,
    /// Packets handed to taps; each tap counts.
    pub tap_packets: u64,
    /// Packets that a tap did not get because its queue was full.
    pub tap_dropped: u64,
    /// Key frames that taps asked for.
    pub tap_key_frames_asked: u64,
    /// Viewers that were kept from their best layer because the shard did not keep up.
    pub shed_layers: u64,
    /// Viewers whose video was paused for that.
    pub shed_video: u64,
    /// Viewers whose audio was paused for that.
    pub shed_audio: u64,
    /// Packets that no viewer got because the queue was too old; each viewer counts.
    pub dropped_late: u64,
    /// Batches that went round, and viewers' turns in them.
    pub rounds: u64,
    /// See `rounds`.
    pub turns: u64,
    /// Texts of members handed to `live`.
    pub chat_in: u64,
    /// Texts written to members; one that all of a chat get counts for each.
    pub chat_out: u64,
    /// Turns of members in rounds; texts out divided by turns is how many leave together.
    pub chat_turns: u64,
    /// From the arrival of an order to say something until it was written to a member, in microseconds; one
    /// for each member.
    pub chat_delivery: Counts,
    /// Requests refused because their member sends too many.
    pub chat_refused_rate: u64,
    /// Requests refused because they are too long.
    pub chat_refused_size: u64,
    /// Requests refused because they are no text.
    pub chat_refused_malformed: u64,
    /// Messages refused because their member has to be silent.
    pub chat_refused_silent: u64,
    /// Requests that `live` could not take.
    pub chat_unheard: u64,
    /// Texts for members that were too long to be sent.
    pub chat_untold: u64,
    /// Members cut because they did not read.
    pub chat_cut_slow: u64,
    /// Members cut because they wrote far too much.
    pub chat_cut_flood: u64,
    /// Chat channels closed at once because they had been opened too often.
    pub chat_flapped: u64,
    /// Data channels that are none of ours.
    pub channels_refused: u64,
    /// Messages of echo channels that went back.
    pub echoed: u64,
    /// Messages of echo channels that were too long or too many.
    pub echo_dropped: u64,
    /// Chat channels open now.
    pub chat_members: u64,
    /// Peers without media alive now.
    pub members_held: u64,
    /// Taps now.
    pub taps: u64,
    /// Peers alive now.
    pub peers: u64,
    /// Publishers connected now.
    pub publishers: u64,
    /// Viewers alive now, connected or not.
    pub viewers_held: u64,
    /// Viewers connected now.
    pub viewers: u64,
}
