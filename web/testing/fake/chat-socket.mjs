// The chats of the fake API on `/ws`, for a page whose socket goes through playwright's
// `routeWebSocket`: joins, answers what is said, and says something by itself when asked to.
import { ADA, firstMessages, HELD, MEMBERS, message, SETTINGS, TROLL } from './chat-people.mjs';

/** `signedIn` is Ada, who keeps order here; strangers only read. */
export function chatSocket(socket, { signedIn, rate = 0, settings = {} }) {
  const history = firstMessages();
  let now = { ...SETTINGS, ...settings };
  let timer;
  const say = (topic, event) => socket.send(JSON.stringify({ topic, ...event }));
  const you = () =>
    signedIn
      ? { ...ADA, may: { write: true, moderate: true, manage: true } }
      : {
          id: null,
          name: 'guest-19C2',
          handle: null,
          may: { write: now.anonymous_may_write, moderate: false, manage: false },
        };

  function joined(topic) {
    say(topic, {
      type: 'joined',
      v: 1,
      stream: topic.slice(5),
      you: you(),
      settings: now,
      presence: { accounts: 96, anonymous: 32 },
      history,
      resumed: false,
      pinned: history[0],
      emotes_version: 1,
    });
    if (signedIn) for (const held of HELD()) say(topic, { type: 'held', ...held });
    if (rate > 0)
      timer = setInterval(() => {
        const author = MEMBERS[Math.floor(Math.random() * MEMBERS.length)];
        say(topic, { type: 'message', message: message(author, `hello number ${Math.random()}`) });
      }, 1000 / rate);
  }

  function moderated(topic, request) {
    say(topic, { type: 'ack', ref: request.ref, state: 'done' });
    if (request.action === 'delete') say(topic, { type: 'deleted', messages: [request.message] });
    if (request.action === 'pin' || request.action === 'unpin')
      say(topic, {
        type: 'pinned',
        message: history.find(({ id }) => id === request.message) ?? null,
      });
    if (['approve', 'deny'].includes(request.action))
      say(topic, {
        type: 'settled',
        message: request.message,
        outcome: request.action === 'approve' ? 'approved' : 'denied',
      });
    if (['timeout', 'ban', 'mute', 'unban'].includes(request.action))
      say(topic, { type: 'moderation', action: request.action, account: request.account });
  }

  function said(topic, { ref, text, reply_to }) {
    if (text === '/slow') {
      now = { ...now, slow_seconds: 10 };
      say(topic, { type: 'ack', ref, state: 'done', text: 'Slow mode is on.' });
      say(topic, { type: 'settings', settings: now });
    } else if (text.startsWith('/'))
      say(topic, { type: 'error', ref, code: 'unknown_command', detail: '' });
    else if (text.includes('http')) say(topic, { type: 'ack', ref, id: 'held-1', state: 'held' });
    else {
      const quoted = history.find(({ id }) => id === reply_to);
      const made = message(ADA, text, {
        reply_to: quoted && { id: quoted.id, name: quoted.author.name, text: quoted.text },
      });
      history.push(made);
      say(topic, { type: 'ack', ref, id: made.id, state: 'delivered' });
      say(topic, { type: 'message', message: made });
      say(topic, { type: 'ack', ref, id: made.id, state: 'stored' });
    }
  }

  socket.onMessage((data) => {
    const request = JSON.parse(data);
    const { topic, type } = request;
    if (type === 'hello') socket.send('{"type":"welcome"}');
    if (!topic?.startsWith('chat:')) return;
    if (type === 'join') joined(topic);
    if (type === 'message') said(topic, request);
    if (type === 'moderation') moderated(topic, request);
    if (type === 'members') say(topic, { type: 'members', ref: request.ref, members: MEMBERS });
    if (type === 'reaction') say(topic, { type: 'reactions', counts: { [request.emote]: 5 } });
    if (type === 'history')
      say(topic, { type: 'history', ref: request.ref, messages: [], more: false });
  });
  socket.onClose?.(() => clearInterval(timer));
  return { troll: TROLL };
}
