//! Files in memory, by when they were last asked for, up to a bound of bytes. Who asks for a file that is being
//! read waits for that one read. (Indexes of recordings, read and understood, are kept in the same way.)

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

/// A cache of files.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    limit: u64,
    /// Bytes of a value.
    weigh: fn(&V) -> u64,
    state: Mutex<State<K, V>>,
}

#[derive(Debug)]
struct State<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// Counts requests.
    clock: u64,
    bytes: u64,
}

#[derive(Debug)]
struct Entry<V> {
    cell: Arc<OnceCell<V>>,
    used: u64,
    /// Counted in `bytes`; 0 until it is read.
    size: u64,
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    pub(crate) fn new(limit: u64, weigh: fn(&V) -> u64) -> Self {
        Self { limit, weigh, state: Mutex::new(State { entries: HashMap::new(), clock: 0, bytes: 0 }) }
    }

    /// The file, from memory or by `read`.
    pub(crate) async fn fetch<E>(&self, key: K, read: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let cell = self.enter(&key);
        let result = cell.get_or_try_init(|| read).await.cloned();
        self.settle(&key, &cell, result.as_ref().ok());
        result
    }

    /// Forgets a file that will not be asked for again, or is another one now.
    pub(crate) fn forget(&self, mut which: impl FnMut(&K) -> bool) {
        let mut state = self.lock();
        let State { entries, bytes, .. } = &mut *state;
        entries.retain(|key, entry| {
            let kept = !which(key);
            *bytes -= if kept { 0 } else { entry.size };
            kept
        });
    }

    fn enter(&self, key: &K) -> Arc<OnceCell<V>> {
        let mut state = self.lock();
        state.clock += 1;
        let used = state.clock;
        let entry =
            state.entries.entry(key.clone()).or_insert_with(|| Entry { cell: Arc::default(), used, size: 0 });
        entry.used = used;
        Arc::clone(&entry.cell)
    }

    fn settle(&self, key: &K, cell: &Arc<OnceCell<V>>, value: Option<&V>) {
        let mut state = self.lock();
        let State { entries, bytes: held, .. } = &mut *state;
        let Some(entry) = entries.get_mut(key).filter(|entry| Arc::ptr_eq(&entry.cell, cell)) else { return };
        match value {
            Some(value) if entry.size == 0 => {
                entry.size = (self.weigh)(value);
                *held += entry.size;
            }
            Some(_) => {}
            None => {
                if !entry.cell.initialized() {
                    entries.remove(key);
                }
            }
        }
        while *held > self.limit {
            let oldest =
                entries.iter().filter(|(_, entry)| entry.size > 0).min_by_key(|(_, entry)| entry.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            if let Some(entry) = entries.remove(&key) {
                *held -= entry.size;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use bytes::Bytes;

    use super::*;

    fn bytes(limit: u64) -> Cache<u32, Bytes> {
        Cache::new(limit, |bytes| bytes.len() as u64)
    }

    async fn fetch(cache: &Cache<u32, Bytes>, key: u32, size: usize, reads: &AtomicU32) -> Bytes {
        let read = async {
            reads.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok::<_, ()>(Bytes::from(vec![0; size]))
        };
        cache.fetch(key, read).await.unwrap()
    }

    // Requirements: R133
    #[tokio::test]
    async fn many_that_ask_for_one_file_at_once_cost_one_read() {
        let cache = bytes(1_000);
        let reads = AtomicU32::new(0);
        let ask = || fetch(&cache, 1, 100, &reads);
        tokio::join!(ask(), ask(), ask(), ask());
        assert_eq!(reads.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn what_was_asked_for_longest_ago_leaves_and_the_bound_holds() {
        let cache = bytes(300);
        let reads = AtomicU32::new(0);
        for key in [1, 2, 3, 1, 4] {
            fetch(&cache, key, 100, &reads).await;
        }
        assert_eq!(reads.load(Ordering::Relaxed), 4);
        assert_eq!(cache.lock().bytes, 300);
        fetch(&cache, 1, 100, &reads).await;
        assert_eq!(reads.load(Ordering::Relaxed), 4, "1 was asked for after 2");
        fetch(&cache, 2, 100, &reads).await;
        assert_eq!(reads.load(Ordering::Relaxed), 5);
        fetch(&cache, 9, 10_000, &reads).await;
        assert!(cache.lock().bytes <= 300);
        cache.forget(|_| true);
        assert_eq!(cache.lock().bytes, 0);
        assert!(cache.lock().entries.is_empty());
    }

    #[tokio::test]
    async fn a_read_that_fails_is_tried_again_by_the_next_one() {
        let cache = bytes(1_000);
        assert_eq!(cache.fetch(1, async { Err("away") }).await, Err("away"));
        assert!(cache.lock().entries.is_empty());
        assert_eq!(
            cache.fetch(1, async { Ok::<_, &str>(Bytes::from_static(b"x")) }).await,
            Ok(Bytes::from_static(b"x"))
        );
    }
}
