// Streams und ihre Macher, wo immer sie aufgelistet sind.

import type { streams as english } from '../en/streams';

export const streams: Record<keyof typeof english, string> = {
  'stream.tags': 'Schlagwörter',
  'stream.liveFor': 'Live seit',
  'stream.more': 'Mehr zeigen',
  'stream.loadingMore': 'Weitere werden geladen',
  'stream.failed': 'Die Liste ließ sich nicht laden',
  'access.public': 'Öffentlich',
  'access.unlisted': 'Nicht gelistet',
  'access.followers': 'Nur Follower',
  'access.password': 'Passwort',
  'access.premium': 'Premium',
  'access.vip': 'VIP',
  'access.private': 'Privat',
  'maturity.everyone': 'Für alle',
  'maturity.teen': 'Ab 12 Jahren',
  'maturity.mature': 'Für Erwachsene',
  'follow.follow': 'Folgen',
  'follow.following': 'Gefolgt',
  'follow.unfollow': 'Gefolgt: {name}. Nicht mehr folgen',
  'follow.name': '{name} folgen',
  'follow.count': '{count, plural, one {# Follower} other {# Follower}}',
  'report.action': 'Melden',
  'report.stream': 'Diesen Stream melden',
  'report.account': '{name} melden',
};
