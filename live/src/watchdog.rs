//! Looks whether Grants that are in use still stand.
//!
//! What this node revokes ends at once, by `Live::revoke`. This finds what others revoke: the command
//! line, another node, the clock. A database that is away ends nobody.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use sluice_accounts::AccountsEvent;
use sluice_domain::{AccountId, Action, Basis, Grant, OrgId, StreamId};
use sluice_store::{StoreError, Stream};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::broadcast::EndReason;
use crate::error::LiveError;
use crate::live::{Live, clock};
use crate::news::{NoticeEvent, StreamOf};
use crate::revocation::Fallen;
use crate::state::State;

/// How often a round begins. Longer lets what another process revoked go on longer.
const ROUND: Duration = Duration::from_secs(3);

/// Most Grants that are looked at in a round. Each costs up to four short queries; with more Grants
/// than that in use a whole round of them takes several of these.
const MOST: usize = 300;

/// What tells Grants apart that fall together.
type Hold = (StreamId, Action, Basis);

fn hold(grant: &Grant) -> Hold {
    (grant.stream, grant.action, grant.basis)
}

pub(crate) async fn run(live: Live, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen: HashSet<Hold> = HashSet::new();
    let mut revoked = live.access().revoked();
    loop {
        let mut missed = false;
        {
            // What others revoke falls at the next round. What changes in one is nothing that would be left
            // half done if it were cut short.
            let next = async {
                rounds.tick().await;
                if let Err(error) = round(&live, &mut seen).await {
                    tracing::debug!(%error, "a round of the watchdog was cut short");
                }
            };
            tokio::pin!(next);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = &mut next => break,
                    // What accounts of this node revokes falls at once, also while a round waits for the
                    // database.
                    event = revoked.recv() => match event {
                        Ok(event) => live.take_in_revocation(event).await,
                        Err(RecvError::Lagged(_)) => missed = true,
                        Err(RecvError::Closed) => return,
                    }
                }
            }
        }
        if missed {
            // Too far behind: the rounds look at everybody again.
            seen.clear();
        }
        live.looked();
    }
}

async fn round(live: &Live, seen: &mut HashSet<Hold>) -> Result<(), LiveError> {
    let grants = live.grants();
    let mut due: Vec<&Grant> = grants.iter().filter(|grant| !seen.contains(&hold(grant))).collect();
    if due.is_empty() {
        seen.clear();
        due = grants.iter().collect();
    }
    due.truncate(MOST);
    let now = clock();
    let ran_out = |grant: &Grant| grant.expires.is_some_and(|expires| expires <= now);
    live.chat_table().end(ran_out, &crate::chat::fallen()).await;
    for grant in live.chat_table().people().iter().take(MOST) {
        live.look_at_member(grant).await?;
    }
    let mut streams = HashSet::new();
    for grant in due {
        seen.insert(hold(grant));
        if streams.insert(grant.stream) {
            live.refresh(grant).await?;
        }
        if !live.access().still_holds(grant).await? {
            live.end_fallen(grant).await;
        }
    }
    Ok(())
}

impl Live {
    async fn take_in_revocation(&self, event: AccountsEvent) {
        let fallen = match event {
            AccountsEvent::SessionRevoked { session, .. } => Fallen::SignIn(session),
            AccountsEvent::AccountDisabled { account, .. } => Fallen::Account(account),
            AccountsEvent::ApiKeyRevoked { key, .. } => Fallen::ApiKey(key),
            AccountsEvent::StreamKeyRevoked { key, .. } => Fallen::Key(key),
            AccountsEvent::AccountChanged { org, account } => {
                return self.account_changed(org, account).await;
            }
        };
        self.revoke(fallen).await;
    }

    /// Looks again at what an account has been granted, because its role or tier changed.
    async fn account_changed(&self, org: OrgId, account: AccountId) {
        self.chats().account_changed(org, account).await;
        let mut grants = self.grants();
        let concerned = |grant: &Grant| {
            let own = grant.action == Action::Publish && grant.owner == account;
            grant.org == org && (own || grant.basis.account() == Some(account))
        };
        grants.retain(concerned);
        for grant in &grants {
            if let Ok(false) = self.access().still_holds(grant).await {
                self.end_fallen(grant).await;
            }
        }
    }

    /// Looks at once at who publishes and watches a stream, because the stream was changed or deleted.
    ///
    /// # Errors
    /// When the database is away; the watchdog then finds what has to end.
    pub async fn stream_changed(&self, org: OrgId, stream: StreamId) -> Result<(), LiveError> {
        // Whoever was let in a moment ago by what held before must ask again.
        self.state().distrust(Fallen::Viewers(stream), clock());
        let mut grants = self.grants();
        grants.retain(|grant| grant.stream == stream);
        let found = match self.access().store().streams().by_id(org, stream).await {
            Ok(found) => found,
            Err(StoreError::NotFound) => {
                self.revoke(Fallen::Stream(stream)).await;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.take_in(&found);
        self.chats().stream_changed(&found).await;
        {
            let mut state = self.state();
            state.notices.push(NoticeEvent::Review(stream));
            state.notices.push(NoticeEvent::Updated { stream: stream_of(&found) });
        }
        self.carry_out(Vec::new()).await;
        for grant in &grants {
            if !self.access().still_holds(grant).await? {
                self.end_fallen(grant).await;
            }
        }
        Ok(())
    }

    /// Takes in what the database says of the stream of a Grant that is in use.
    async fn refresh(&self, grant: &Grant) -> Result<(), LiveError> {
        match self.access().store().streams().by_id(grant.org, grant.stream).await {
            Ok(stream) => {
                if self.take_in(&stream) {
                    let mut state = self.state();
                    state.notices.push(NoticeEvent::Review(stream.id));
                    state.notices.push(NoticeEvent::Updated { stream: stream_of(&stream) });
                }
                Ok(())
            }
            Err(StoreError::NotFound) => {
                self.revoke(Fallen::Stream(grant.stream)).await;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn take_in(&self, stream: &Stream) -> bool {
        self.state().take_in(stream)
    }

    /// Ends memberships of somebody who is nobody any more.
    async fn look_at_member(&self, grant: &Grant) -> Result<(), LiveError> {
        match self.access().behind(grant).await {
            Ok(_) => {}
            Err(LiveError::Unavailable) => return Err(LiveError::Unavailable),
            Err(_) => {
                let same = |other: &Grant| other.basis == grant.basis;
                self.chat_table().end(same, &crate::chat::fallen()).await;
            }
        }
        Ok(())
    }

    /// The Grants that are in use, one of each that fall together.
    fn grants(&self) -> Vec<Grant> {
        let mut seen = HashSet::new();
        let mut grants = self.state().grants();
        grants.extend(self.chat_table().grants());
        grants.retain(|grant| seen.insert(hold(grant)));
        grants
    }

    async fn end_fallen(&self, fallen: &Grant) {
        let hold_of_fallen = hold(fallen);
        let of_chats = |grant: &Grant| hold(grant) == hold_of_fallen;
        self.chat_table().end(of_chats, &crate::chat::fallen()).await;
        let effects = {
            let mut state = self.state();
            let same = |grant: &Grant| hold(grant) == hold_of_fallen;
            state.end_all(EndReason::Revoked, Instant::now(), clock(), same)
        };
        if !effects.is_empty() {
            tracing::info!(stream = %fallen.name, action = ?fallen.action, "a grant fell");
            self.carry_out(effects).await;
        }
    }
}

fn stream_of(stream: &Stream) -> StreamOf {
    StreamOf {
        org: stream.org_id,
        id: stream.id,
        name: stream.name.clone(),
        listed: crate::telling::is_listed(stream.access),
    }
}

impl State {
    /// The Grants on which sessions and broadcasts rest.
    fn grants(&self) -> Vec<Grant> {
        let holders = self.broadcasts.values().map(|broadcast| &broadcast.holder);
        holders.chain(self.sessions.values().map(|session| &session.grant)).cloned().collect()
    }

    /// Takes in what the database says of a stream; whether something changed that others may know.
    fn take_in(&mut self, stream: &Stream) -> bool {
        let Some(broadcast) = self.broadcasts.get_mut(&stream.id) else { return false };
        let holder = &mut broadcast.holder;
        let changed = holder.access != stream.access || holder.name != stream.name;
        holder.access = stream.access;
        holder.owner = stream.owner_id;
        holder.name.clone_from(&stream.name);
        changed
    }
}
