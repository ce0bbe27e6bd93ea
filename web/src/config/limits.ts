// Limits that the server sets and the pages know before they ask.

/** Characters of a message. */
export const MOST_CHAT_TEXT = 500;
/** Characters of the rules above the field for messages. */
export const MOST_CHAT_RULES = 500;
/** Bytes of an emote's picture. */
export const MOST_EMOTE_BYTES = 512 * 1024;
export const MOST_EMOTES = 100;
