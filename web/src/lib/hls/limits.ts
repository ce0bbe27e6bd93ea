// How long a viewer of HLS waits, and how often it tries.

/** How often a stream that is off the air is asked for, where the server does not say. */
export const OFFLINE_POLL_MS = 3000;
/** How often a broadcast that has just begun is looked at: a segment is a second or more. */
export const FIRST_SEGMENT_MS = 500;
/** While playlists come, it is the publisher who is gone: a blocked one takes three segments at most. */
export const SERVED_LATELY_MS = 15_000;
/** Decoders are begun anew this often, then it is given up. */
export const MENDINGS = 3;
/** What was started further from the wish than this is moved there. */
export const OFF_BY_MS = 1500;
