// What a step came to, in a few words and a tone.

import { bitrateText, msText, percentText } from '@/components/units';
import type { ExaminationState, Step } from '@/lib/doctor/steps';
import type { Facts, Transport } from '@/lib/doctor/types';
import type { Translate } from '@/messages/i18n';

export type Tone = 'good' | 'warn' | 'quiet';

export interface Result {
  tone: Tone;
  text: string;
}

const CODEC_NAMES = {
  h264: 'H.264',
  h265: 'H.265',
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
  opus: 'Opus',
} as const;

export function resultOf(
  step: Step,
  { steps, facts }: Pick<ExaminationState, 'steps' | 'facts'>,
  t: Translate,
): Result {
  const state = steps[step];
  if (state !== 'done') return { tone: 'quiet', text: t(`doctor.is.${state}`) };
  switch (step) {
    case 'server':
      return serverResult(facts, t);
    case 'websocket':
      return facts.websocket?.outcome === 'works' ? works(t) : fails(t);
    case 'codecs':
      return codecsResult(facts, t);
    case 'udp':
    case 'tcp':
      return pathResult(facts, step, t);
    case 'relay':
      return relayResult(facts, t);
    case 'quality':
      return qualityResult(facts, t);
    case 'down':
      return rateResult(facts.rates?.down_bps, t);
    case 'up':
      return rateResult(facts.rates?.up_bps, t);
  }
}

function works(t: Translate, more: string | null = null): Result {
  return { tone: 'good', text: [t('doctor.is.works'), more].filter(Boolean).join(' · ') };
}

function fails(t: Translate): Result {
  return { tone: 'warn', text: t('doctor.is.fails') };
}

function nothing(t: Translate): Result {
  return { tone: 'quiet', text: t('doctor.is.skipped') };
}

function serverResult({ http }: Facts, t: Translate): Result {
  if (http?.outcome !== 'works') return { tone: 'warn', text: t('doctor.is.silent') };
  const parts = [msText(http.round_trip_ms ?? null, t), http.version];
  return { tone: 'good', text: parts.filter(Boolean).join(' · ') };
}

function codecsResult({ codecs }: Facts, t: Translate): Result {
  const shown = codecs?.decodes.filter((codec) => codec !== 'opus') ?? [];
  if (shown.length === 0) return { tone: 'warn', text: t('doctor.is.nothing') };
  return { tone: 'good', text: shown.map((codec) => CODEC_NAMES[codec]).join(', ') };
}

function pathResult({ paths }: Facts, transport: Transport, t: Translate): Result {
  const tried = paths.filter((path) => path.transport === transport);
  const good = tried.find(({ outcome }) => outcome === 'works');
  if (good !== undefined) {
    const trip = good.round_trip_ms;
    return works(t, trip === undefined ? null : msText(trip, t));
  }
  if (tried.length === 0) return nothing(t);
  if (tried.every(({ outcome }) => outcome === 'not_offered'))
    return { tone: 'quiet', text: t('doctor.is.not_offered') };
  return fails(t);
}

const RELAYS = [
  ['relay_udp', 'doctor.relay.udp'],
  ['relay_tcp', 'doctor.relay.tcp'],
  ['relay_tls', 'doctor.relay.tls'],
] as const;

function relayResult({ paths }: Facts, t: Translate): Result {
  const found = RELAYS.flatMap(([transport, name]) => {
    const tried = paths.filter((path) => path.transport === transport);
    if (tried.length === 0) return [];
    return [{ name: t(name), good: tried.some(({ outcome }) => outcome === 'works') }];
  });
  if (found.length === 0) return { tone: 'quiet', text: t('doctor.is.not_offered') };
  if (found.every(({ good }) => !good)) return fails(t);
  const text = found
    .map(({ name, good }) => `${name} ${t(good ? 'doctor.is.works' : 'doctor.is.fails')}`)
    .join(' · ');
  return { tone: found.every(({ good }) => good) ? 'good' : 'warn', text };
}

/** As the rules of the server have it, roughly: what they say is said below. */
const LOSS_LIMIT = 0.02;

function qualityResult({ quality }: Facts, t: Translate): Result {
  if (quality === undefined || quality.sent === 0) return nothing(t);
  const loss = 1 - quality.received / quality.sent;
  const trip = quality.round_trip_ms;
  const jitter = quality.jitter_ms;
  const parts = [
    t('doctor.is.lost', { share: percentText(loss, t) }),
    trip === undefined ? null : msText(trip, t),
    jitter === undefined ? null : t('doctor.is.swing', { value: msText(jitter, t) }),
  ];
  return { tone: loss > LOSS_LIMIT ? 'warn' : 'good', text: parts.filter(Boolean).join(' · ') };
}

function rateResult(rate: number | undefined, t: Translate): Result {
  return rate === undefined ? nothing(t) : { tone: 'good', text: bitrateText(rate, t) };
}
