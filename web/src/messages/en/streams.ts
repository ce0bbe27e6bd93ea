// Streams and the people who make them, wherever they are listed.

export const streams = {
  'stream.tags': 'Tags',
  'stream.liveFor': 'Live for',
  'stream.more': 'Show more',
  'stream.loadingMore': 'Loading more',
  'stream.failed': 'The list could not be loaded',
  'access.public': 'Public',
  'access.unlisted': 'Unlisted',
  'access.followers': 'Followers',
  'access.password': 'Password',
  'access.premium': 'Premium',
  'access.vip': 'VIP',
  'access.private': 'Private',
  'maturity.everyone': 'For everyone',
  'maturity.teen': 'From 12 years',
  'maturity.mature': 'For adults',
  'follow.follow': 'Follow',
  'follow.following': 'Following',
  'follow.unfollow': 'Following {name}. Unfollow',
  'follow.name': 'Follow {name}',
  'follow.count': '{count, plural, one {# follower} other {# followers}}',
} as const;
