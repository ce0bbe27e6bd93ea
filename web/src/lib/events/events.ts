import { session } from '@/lib/auth/session';
import { EventSocket } from './socket';

/** The event socket of this page. It opens when somebody listens, as whoever is signed in. */
export const events = new EventSocket(
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
  () => session.token(),
);

let listener = session.state.get().me?.id;
session.state.subscribe(() => {
  const now = session.state.get().me?.id;
  if (now === listener) return;
  listener = now;
  events.restart();
});
