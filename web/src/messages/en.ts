// English: the catalogue that names every message of the first load. Other languages have the same
// keys; the words of single areas are in en/, de/ and areas/.

import type { account } from './en/account';
import type { activity } from './en/activity';
import type { admin } from './en/admin';
import type { auth } from './en/auth';
import type { chat } from './en/chat';
import type { home } from './en/home';
import type { moderation } from './en/moderation';
import type { reports } from './en/reports';
import type { setup } from './en/setup';
import type { streams } from './en/streams';
import type { studio } from './en/studio';
import type { watch } from './en/watch';

export const en = {
  'app.skip': 'Skip to the content',
  'app.loading': 'Loading',
  'nav.main': 'Main',
  'nav.home': 'Home',
  'nav.goLive': 'Go live',
  'nav.search': 'Search streams',
  'nav.search.short': 'Search',
  'nav.suggestions': 'Suggestions',
  'nav.library': 'Library',
  'app.offline': 'You are offline. What you see may be out of date.',
  'nav.settings': 'Appearance and language',
  'settings.theme': 'Appearance',
  'settings.language': 'Language',
  'theme.dark': 'Dark',
  'theme.light': 'Light',
  'theme.contrast': 'High contrast',

  'action.copy': 'Copy',
  'action.copied': 'Copied',
  'action.show': 'Show',
  'action.hide': 'Hide',
  'action.close': 'Close',
  'action.cancel': 'Cancel',
  'action.retry': 'Try again',
  'action.back': 'Back',

  'count.viewers': '{count, plural, one {# viewer} other {# viewers}}',
  'unit.ms': '{value} ms',
  'unit.kbps': '{value} kbit/s',
  'unit.mbps': '{value} Mbit/s',
  'unit.fps': '{value} fps',
  'unit.percent': '{value} %',
  'unit.seconds': '{value} s',

  'home.title': 'Live now',
  'home.count': '{count, plural, =0 {Nobody is live} one {# stream} other {# streams}}',
  'home.empty.title': 'Nobody is live right now',
  'home.empty.text':
    'Start a stream from this browser, or point OBS at this server. It appears here within two seconds.',

  'state.offline': 'Offline',
  'state.starting': 'Starting',
  'state.live': 'Live',
  'state.gap': 'Interrupted',

  'player.label': 'Player: {title}',
  'player.video': 'Live video',
  'player.connecting': 'Connecting',
  'player.connecting.text': 'Opening a direct line to the stream.',
  'player.offline': 'This stream is offline',
  'player.offline.text': 'It starts here by itself as soon as it goes live.',
  'player.starting': 'Starting',
  'player.starting.text': 'The first picture is on its way.',
  'player.reconnecting': 'Reconnecting',
  'player.reconnecting.publisher':
    'The broadcaster lost the connection. The picture returns by itself.',
  'player.reconnecting.connection': 'Your connection was interrupted. Coming back by itself.',
  'player.ended': 'The broadcast has ended',
  'player.ended.text': 'If it goes live again, it starts here by itself.',
  'player.failed': 'This stream cannot be played',
  'player.blocked': 'Press play to start',
  'player.play': 'Play',
  'player.pause': 'Pause',
  'player.mute': 'Mute',
  'player.unmute': 'Unmute',
  'player.unmuteHint': 'Sound is off. Unmute',
  'player.volume': 'Volume',
  'player.quality': 'Quality',
  'player.auto': 'Auto',
  'player.autoWith': 'Auto ({quality})',
  'player.source': 'Source',
  'player.pip': 'Picture in picture',
  'player.pip.leave': 'Leave picture in picture',
  'player.theatre': 'Theatre mode',
  'player.theatre.leave': 'Leave theatre mode',
  'player.fullscreen': 'Full screen',
  'player.fullscreen.leave': 'Leave full screen',
  'player.shortcuts': 'Keyboard shortcuts',
  'player.live': 'Live',
  'player.jumpLive': 'Paused. Jump to live',
  'player.latency': 'Latency {value}. Open stats for nerds',
  'player.latency.none': 'Latency is being measured. Open stats for nerds',
  'player.volumeIs': 'Volume {value} %',

  'keys.title': 'Keyboard shortcuts',
  'keys.enabled': 'Single-key shortcuts',
  'keys.play': 'Play or pause',
  'keys.mute': 'Mute or unmute',
  'keys.volume': 'Volume up or down',
  'keys.fullscreen': 'Full screen',
  'keys.theatre': 'Theatre mode',
  'keys.pip': 'Picture in picture',
  'keys.live': 'Jump to live',
  'keys.stats': 'Stats for nerds',
  'keys.help': 'This list',
  'keys.search': 'Search',

  'stats.title': 'Stats for nerds',
  'stats.latency': 'Glass to glass',
  'stats.clock': 'Clock offset',
  'stats.layer': 'Layer',
  'stats.resolution': 'Resolution',
  'stats.codec': 'Codec',
  'stats.decoder': 'Decoder',
  'stats.bitrate': 'Bitrate',
  'stats.estimate': 'Downlink estimate',
  'stats.rtt': 'Round trip',
  'stats.loss': 'Packet loss',
  'stats.buffer': 'Jitter buffer',
  'stats.decode': 'Decoding',
  'stats.frames': 'Frames decoded, dropped',
  'stats.freezes': 'Freezes, longest',
  'stats.path': 'Path',
  'stats.measured': 'measured from the clock in every picture',
  'stats.estimated': 'estimated: this picture carries no clock',

  'watch.share': 'Share',
  'watch.share.link': 'Link',
  'watch.share.embed': 'Embed code',
  'watch.title': '{title} · Sluice',

  'notFound.title': 'There is nothing here',
  'notFound.text': 'The address may be mistyped, or the page has moved.',
  'notFound.action': 'See what is live',
  'crash.title': 'This page stopped working',
  'crash.text': 'Something in it failed. Loading it again usually helps.',
  'crash.action': 'Load again',

  'problem.unauthorized': 'A stream key is needed. Enter the key of this stream.',
  'problem.forbidden': 'This key does not open this stream. Check the key and the stream name.',
  'problem.unknown_stream': 'There is no stream of this name on this server. Check the spelling.',
  'problem.already_live':
    'Somebody else is publishing to this stream. Wait until they stop, or use another stream.',
  'problem.no_common_codec':
    'This browser and the stream share no video codec. Try another browser.',
  'problem.publish_codec': 'The server does not take this codec. Choose another one.',
  'problem.unsupported_tracks': 'The server does not take these tracks.',
  'problem.rate_limited': 'Too many attempts from this address. Wait a moment.',
  'problem.overloaded': 'The server is full or restarting. Trying again shortly.',
  'problem.network': 'The server cannot be reached. Check the network connection.',
  'problem.timeout': 'Media does not get through. A firewall may block UDP to this server.',
  'problem.taken_over': 'This stream was taken over from another place with the same key.',
  'problem.internal': 'Something failed on the server.',
  'problem.other': 'The server refused: {detail}',
  'problem.follow_required': 'This stream is for followers of its channel.',
  'problem.tier_required': 'This stream is for members of a higher tier.',
  'problem.password_required': 'This stream has a password.',
  'problem.password_wrong': 'That is not the password.',
  'problem.code': 'Code {code}',
  'problem.request': 'request {id}',
  'encoder.unreachable': 'The server does not answer',
  'denied.title': 'This page is not for your account',
  'denied.text': 'You are signed in as {name}. Somebody who runs this server can give you access.',
  'denied.other': 'Use another account',
  'action.save': 'Save',
  'action.more': 'Show more',
  'form.saved': 'Saved',
  'form.wrong': '{count, plural, one {# field needs} other {# fields need}} another look',
  'conflict.title': 'Somebody else changed this',
  'conflict.text': 'It was saved elsewhere while you were editing. Nothing of yours is lost yet.',
  'conflict.mine': 'Save mine',
  'conflict.theirs': 'Take theirs',
  'conflict.yours': 'Yours',
  'conflict.now': 'Now',
  'password.min_length': '{count} characters or more',
  'password.upper': 'A capital letter',
  'password.lower': 'A small letter',
  'password.digit': 'A digit',
  'password.special': 'A special character',
  'password.met': '(done)',
  'password.missing': '(missing)',
  'password.strength.1': 'Weak password',
  'password.strength.2': 'Fair password',
  'password.strength.3': 'Good password',
  'password.strength.4': 'Strong password',
  'problem.invalid_input': 'Something in the form is not right. Check the fields.',
  'problem.invalid_credentials': 'Email or password is wrong.',
  'problem.session_ended': 'Your session has ended. Sign in again, then try once more.',
  'problem.mfa_required': 'Set up a second factor first. Your organisation asks for it.',
  'problem.mfa_wrong': 'This code is not right. Take the newest one of your app.',
  'problem.token_expired': 'This link has expired. Ask for a new one.',
  'problem.token_used': 'This link was used already. Ask for a new one.',
  'problem.account_disabled': 'This account is disabled. Ask whoever runs this server.',
  'problem.email_unverified':
    'Confirm your email address first. The link is in the mail we sent you.',
  'problem.already_exists': 'Somebody has this already. Choose another.',
  'problem.version_conflict': 'Somebody else changed this meanwhile. Load it again.',
  'problem.sign_in_required': 'Sign in to see this.',
  'problem.permission_denied': 'Your account may not do this.',
  'problem.not_found': 'This does not exist, or not any more.',
  'problem.terms_required': 'Accept the terms first.',
  'problem.unavailable': 'The server cannot reach its database. Try again in a moment.',
  'problem.storage_full': 'The server has no space left. Nothing was saved.',
  'problem.setup_required': 'This server is not set up yet.',
  'problem.setup_done': 'This server has been set up already. Sign in instead.',
  'problem.signup_closed': 'This server takes no new accounts now.',
  'field.required': 'This is needed',
  'field.too_short': 'This is too short',
  'field.too_long': 'This is too long',
  'field.taken': 'Somebody has this already',
  'nav.signIn': 'Sign in',
  'nav.signOut': 'Sign out',
  'nav.account': 'Account of {name}',
  'nav.accountSettings': 'Settings',
  'nav.channel': 'Your channel',
  'nav.admin': 'Administration',
  'problem.token_invalid': 'This link does not work. Ask for a new one.',
  'problem.last_admin': 'This is the last administrator. Make somebody else one first.',
  'problem.too_many': 'You have as many of these as this server allows. Remove one first.',
  'problem.password_expired': 'Your password has expired. Choose a new one.',
  'theme.system': 'Like the system',
  'side.fold': 'Fold the menu',
  'side.unfold': 'Unfold the menu',
  'confirm.type': 'Type {word} to confirm',
  'field.needs_upper': 'A capital letter is missing',
  'field.needs_lower': 'A small letter is missing',
  'field.needs_digit': 'A digit is missing',
  'field.needs_special': 'A special character is missing',
  'field.too_common': 'Too many people use this password',
  'field.own_name': 'Your name or email is in this password',
  'field.used_before': 'You have used this password before',
  'field.malformed': 'This is not valid',
  'field.forbidden_characters': 'It has characters that are not allowed here',
} as const;

export type Messages = Readonly<Record<keyof typeof en, string>>;

/** Every message, those of areas too. */
export type MessageKey =
  | keyof Messages
  | keyof typeof account
  | keyof typeof activity
  | keyof typeof admin
  | keyof typeof auth
  | keyof typeof chat
  | keyof typeof home
  | keyof typeof moderation
  | keyof typeof reports
  | keyof typeof setup
  | keyof typeof streams
  | keyof typeof studio
  | keyof typeof watch;
