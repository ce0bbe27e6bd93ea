// Who is in the chats of the fake API, and what they say.
import { DAY, MINUTE, OWNER, PEOPLE } from './world.mjs';

const member = (person, badges = []) => ({
  id: person.id,
  name: person.display_name,
  handle: person.handle,
  avatar_url: null,
  badges,
});
const guest = (name) => ({ id: null, name, handle: null, badges: [] });

export const ADA = member(OWNER, ['moderator']);
const mira = member(PEOPLE.mira, ['broadcaster']);
const pier = member(PEOPLE.pier, ['vip']);
const chess = member(PEOPLE.chess, ['premium']);
const arabic = member(PEOPLE.arabic);
const bot = member({ ...PEOPLE.chess, id: 'bot', display_name: 'Timer', handle: 'timer' }, ['bot']);
export const TROLL = member({
  id: '01990000-0000-7000-8000-00000000bad0',
  display_name: 'xx_LOUD_xx',
  handle: 'loud',
});
export const MEMBERS = [ADA, mira, pier, chess, arabic, TROLL, bot];

const svg = (colour, face) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="18" fill="${colour}"/><text x="32" y="45" font-size="34" text-anchor="middle">${face}</text></svg>`;
export const PICTURES = {
  saw: svg('#2a6e7a', '🪚'),
  glue: svg('#7a5a2a', '🪵'),
  birb: svg('#3a4a8a', '🐦'),
};
export const EMOTES = Object.keys(PICTURES).map((name) => ({
  id: `e-${name}`,
  name,
  url: `/api/v1/assets/emote-${name}.svg`,
  animated: false,
}));

let count = 0;
/** A message; ids ascend, as those of the server do. */
export function message(author, text, more = {}) {
  count += 1;
  const id = `01990001-0000-7000-8000-${String(count).padStart(12, '0')}`;
  const emotes = [];
  for (const found of text.matchAll(/:(\w+):/g)) {
    const start = Array.from(text.slice(0, found.index)).length;
    if (found[1] in PICTURES)
      emotes.push({
        name: found[1],
        url: `/api/v1/assets/emote-${found[1]}.svg`,
        start,
        end: start + found[0].length,
      });
  }
  const kind = emotes.length > 0 && text.replace(/:\w+:|\s/g, '') === '' ? 'emote' : 'text';
  return { id, stream: '', author, kind, text, emotes, mentions: [], at: Date.now(), ...more };
}

export function firstMessages() {
  const said = [
    [mira, 'Hello everybody, the roof gets its shingles today'],
    [chess, 'finally :birb: :birb:'],
    [arabic, 'مرحبا من المرفأ، المنشار الياباني رائع'],
    [guest('guest-7F3A'), 'which glue is that?'],
    [
      mira,
      'Titebond III, plans are at https://example.org/bird-house/plans?version=3#cut-list-for-the-roof',
    ],
    [
      pier,
      'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsurkundenausstellungsstelle',
    ],
    [chess, ':saw: :glue: :birb:'],
    [TROLL, 'FIRST https://www.xn--pple-43d.com/login look @ada'],
    [ADA, 'Please stay with the saw, @loud'],
    [bot, 'The glue needs another 12 minutes.'],
    [
      arabic,
      'I tried the jig from part 2 at home and it is still square after a whole winter outside',
    ],
    [mira, 'That is very good to hear :glue:'],
  ];
  const list = said.map(([author, text], index) =>
    message(author, text, { at: Date.now() - (said.length - index) * MINUTE }),
  );
  list[4].reply_to = { id: list[3].id, name: 'guest-7F3A', text: 'which glue is that?' };
  list[7].mentions = [ADA.id];
  list.splice(6, 0, {
    ...message(mira, 'Next Saturday we start at nine, one hour later than usual.'),
    id: `${list[5].id.slice(0, -1)}5x`,
    kind: 'announcement',
  });
  list.splice(10, 0, {
    ...message(chess, 'hides under the bench'),
    id: `${list[9].id}x`,
    kind: 'action',
  });
  return list;
}

export const SETTINGS = {
  enabled: true,
  anonymous_may_write: false,
  modes: [],
  slow_seconds: 0,
  followers_minutes: null,
  filter: 'medium',
  links: 'hold',
  rules: 'Be kind. Questions about the plans go to the forum.',
};

export const HELD = () => [
  { message: message(TROLL, 'free followers at cheap dot example'), reasons: ['link', 'spam'] },
  { message: message(pier, 'WHY IS NOBODY ANSWERING ME'), reasons: ['capitals'] },
  { message: message(arabic, 'you absolute clamp'), reasons: ['term'] },
];

const act = (id, action, target, minutes, reason = '') => ({
  id,
  action,
  reason,
  actor_name: 'Ada Lovelace',
  target_name: target,
  account_id: TROLL.id,
  timestamp: Date.now() - minutes * MINUTE,
});
export const ACTIONS = [
  act('a1', 'member_timed_out', 'xx_LOUD_xx', 3, 'caps'),
  act('a2', 'message_deleted', 'xx_LOUD_xx', 4),
  act('a3', 'message_approved', 'Checkmate', 12),
  act('a4', 'settings_changed', '', 40),
  act('a5', 'member_banned', 'spam-bot-3000', 3 * 1440, 'Sells followers'),
];
export const BANS = [
  {
    person: { id: 'b1', handle: 'spam-bot-3000', display_name: 'spam-bot-3000', avatar_url: null },
    kind: 'ban',
    until: null,
    reason: 'Sells followers',
    created_at: Date.now() - 3 * DAY,
    by: OWNER,
  },
  {
    person: { id: TROLL.id, handle: 'loud', display_name: 'xx_LOUD_xx', avatar_url: null },
    kind: 'timeout',
    until: Date.now() + 8 * MINUTE,
    reason: 'caps',
    created_at: Date.now() - 2 * MINUTE,
    by: OWNER,
  },
];
