//! Writes down what is said and done in chats, beside everything else: nothing waits for it.

use std::collections::HashMap;
use std::time::Duration;

use sluice_domain::{ChatMessageId, StreamId};
use sluice_store::{Settling, StoreError, StoredMessage, Tx};
use tokio_util::sync::CancellationToken;

use super::record::{Entry, Record};
use crate::live::Live;

/// Most records of one transaction. More would hold up others who write.
const BATCH: usize = 500;

/// How long what comes is gathered between two transactions. Longer tells authors later that their messages
/// are stored; shorter makes a transaction of every message.
const GATHER: Duration = Duration::from_millis(20);

/// How long to wait after the database refused: first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// How long shutdown waits for the last words.
const LAST_WORDS: Duration = Duration::from_secs(2);

pub(crate) async fn run(live: Live, stop: CancellationToken) {
    let mut backoff = BACKOFF.0;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = live.chat_table().unwritten.filled() => {}
        }
        let wait = match write_some(&live).await {
            Ok(()) => {
                backoff = BACKOFF.0;
                GATHER
            }
            Err(error) => {
                tracing::warn!(%error, "chats cannot be written down now; trying again");
                backoff = (backoff * 2).min(BACKOFF.1);
                backoff
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    // The chats end by the same word; what they leave is written too.
    let last = async {
        while live.chat_table().running() > 0 {
            tokio::time::sleep(GATHER).await;
        }
        while live.chat_table().unwritten.len() > 0 {
            if let Err(error) = write_some(&live).await {
                tracing::warn!(%error, "the last words of chats could not be written down");
                return;
            }
        }
    };
    if tokio::time::timeout(LAST_WORDS, last).await.is_err() {
        tracing::warn!("the last words of chats were not written down in time");
    }
}

/// Writes the oldest records in one transaction. Where one of them can never be written, each is written on its
/// own, and that one is left out.
async fn write_some(live: &Live) -> Result<(), StoreError> {
    let unwritten = &live.chat_table().unwritten;
    let records = unwritten.oldest(BATCH);
    match write(live, &records).await {
        Ok(()) => {
            unwritten.settle(records.len());
            tell_stored(live, &records).await;
        }
        Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => return Err(error),
        Err(_) => {
            for record in &records {
                match write(live, std::slice::from_ref(record)).await {
                    Ok(()) => tell_stored(live, std::slice::from_ref(record)).await,
                    Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => return Err(error),
                    // The stream is gone for good, or the row makes no sense: nothing would ever write it.
                    Err(error) => {
                        metrics::counter!("sluice_chat_unwritten_total").increment(1);
                        tracing::error!(%error, stream = %record.stream, "something of a chat is not written down");
                    }
                }
                unwritten.settle(1);
            }
        }
    }
    Ok(())
}

async fn tell_stored(live: &Live, records: &[Record]) {
    let mut stored: HashMap<StreamId, Vec<ChatMessageId>> = HashMap::new();
    for record in records {
        if let Entry::Message(message) = &record.entry {
            stored.entry(record.stream).or_default().push(message.message.id);
        }
    }
    for (stream, ids) in stored {
        live.chat_table().stored(stream, ids).await;
    }
}

async fn write(live: &Live, records: &[Record]) -> Result<(), StoreError> {
    let tx = live.access().store().begin().await?;
    let mut messages: Vec<StoredMessage> = Vec::new();
    for record in records {
        if let Entry::Message(message) = &record.entry {
            messages.push(StoredMessage::clone(message));
            continue;
        }
        // What is done to a message comes behind the message.
        add(&tx, &mut messages).await?;
        enter(live, &tx, record).await?;
    }
    add(&tx, &mut messages).await?;
    tx.commit().await
}

async fn add(tx: &Tx, messages: &mut Vec<StoredMessage>) -> Result<(), StoreError> {
    if !messages.is_empty() {
        tx.chat_messages().add(messages).await?;
        messages.clear();
    }
    Ok(())
}

async fn enter(live: &Live, tx: &Tx, record: &Record) -> Result<(), StoreError> {
    let Record { org, stream, at, entry } = record;
    let (org, stream, at) = (*org, *stream, *at);
    match entry {
        Entry::Message(_) => Ok(()),
        Entry::State { id, from, to, by } => {
            let settled = Settling { to: *to, by: *by, at };
            tx.chat_messages().settle(org, stream, *id, from, settled).await.map(drop)
        }
        Entry::Approved { held, message } => {
            tx.chat_messages().approve(org, stream, *held, message).await.map(drop)
        }
        Entry::Cleared { by } => tx.chat_messages().clear(org, stream, *by, at).await.map(drop),
        Entry::ClearedOf { account, by } => {
            tx.chat_messages().clear_of(org, stream, *account, *by, at).await.map(drop)
        }
        Entry::Banned(ban) => tx.chat_bans().set(ban).await,
        Entry::Lifted { account } => tx.chat_bans().lift(org, stream, *account).await.map(drop),
        Entry::Moderator(moderator) => tx.chat_moderators().add(moderator).await.map(drop),
        Entry::NoModerator { account } => tx.chat_moderators().remove(org, stream, *account).await.map(drop),
        Entry::Settings { version, settings } => {
            match tx.chat_settings().set(org, stream, *version, settings, at).await {
                // Somebody else has changed them, past this node. The newest word counts.
                Err(StoreError::Stale) => {
                    let newest = tx.chat_settings().of(org, stream).await?.version;
                    tx.chat_settings().set(org, stream, newest, settings, at).await.map(drop)
                }
                other => other.map(drop),
            }
        }
        Entry::Pinned(message) => tx.chat_settings().pin(org, stream, *message, at).await,
        Entry::Minute(minute) => tx.chat_minutes().add(std::slice::from_ref(minute)).await,
        Entry::Action { entry, actor } => {
            tx.moderation_actions().add(std::slice::from_ref(&**entry)).await?;
            // What the filter does is in its own list; people's acts are in the audit log too.
            if entry.actor_id.is_some() {
                live.access().audit(tx, org, actor, entry).await?;
            }
            Ok(())
        }
    }
}
