//! What is remembered of keeping order: states of messages, what is done to members, and how that is noted.

use crate::word::words;

words! {
    /// What became of a message.
    pub enum MessageState {
        /// Every member gets it.
        Shown = "shown",
        /// Its author is muted: it and the moderators see it, nobody else.
        Muted = "muted",
        /// It waits for a moderator.
        Held = "held",
        /// A moderator did not let it through.
        Denied = "denied",
        /// It was taken away.
        Deleted = "deleted",
    }
}

words! {
    /// How somebody is kept from writing.
    pub enum BanKind {
        /// Put out until it is lifted.
        Ban = "ban",
        /// Silent until a time.
        Timeout = "timeout",
        /// Heard by nobody, and not told so.
        Mute = "mute",
    }
}

words! {
    /// Who or what kept order.
    pub enum ModerationKind {
        /// The filter of the chat.
        ChatFilter = "chat_filter",
        /// A moderator of the chat.
        ChatModeration = "chat_moderation",
        /// Somebody who changed what is asked of those who write.
        ChatSettings = "chat_settings",
    }
}

words! {
    /// What was done.
    pub enum ModerationAction {
        /// A message was refused.
        MessageBlocked = "message_blocked",
        /// A message waits for a moderator.
        MessageHeld = "message_held",
        /// A held message was let through.
        MessageApproved = "message_approved",
        /// A held message was not.
        MessageDenied = "message_denied",
        /// A message was taken away.
        MessageDeleted = "message_deleted",
        /// A message was put at the top.
        MessagePinned = "message_pinned",
        /// It is there no more.
        MessageUnpinned = "message_unpinned",
        /// Every message was taken away.
        ChatCleared = "chat_cleared",
        /// A member has to be silent for a while.
        MemberTimedOut = "member_timed_out",
        /// A member was put out.
        MemberBanned = "member_banned",
        /// A member is heard by nobody.
        MemberMuted = "member_muted",
        /// A timeout, a ban or a mute was lifted.
        MemberUnbanned = "member_unbanned",
        /// An account keeps order from now on.
        ModeratorAdded = "moderator_added",
        /// An account does no more.
        ModeratorRemoved = "moderator_removed",
        /// The settings of the chat were changed.
        SettingsChanged = "settings_changed",
        /// The filter looks for one more term.
        TermAdded = "term_added",
        /// It looks for one less.
        TermRemoved = "term_removed",
        /// There is one more emote.
        EmoteAdded = "emote_added",
        /// There is one less.
        EmoteRemoved = "emote_removed",
    }
}
