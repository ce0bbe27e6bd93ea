import { useEffect, useRef } from 'react';
import { events } from '@/lib/events/events';
import type { ServerEvent } from '@/lib/events/socket';

/**
 * Hears a topic of the event socket; null hears nothing. `onReturn` is called when the socket came
 * back after a loss: what happened meanwhile was not told.
 */
export function useTopic(
  topic: string | null,
  onEvent: (event: ServerEvent) => void,
  onReturn?: () => void,
): void {
  const listeners = useRef({ onEvent, onReturn });
  useEffect(() => {
    listeners.current = { onEvent, onReturn };
  });
  useEffect(() => {
    if (topic === null) return;
    const off = events.subscribe(topic, (event) => listeners.current.onEvent(event));
    let seen = events.state.get().since;
    let lost = false;
    const offState = events.state.subscribe(() => {
      const { open, since } = events.state.get();
      if (!open) lost = seen > 0;
      if (open && since !== seen && lost) listeners.current.onReturn?.();
      if (open) seen = since;
    });
    return () => {
      off();
      offState();
    };
  }, [topic]);
}
