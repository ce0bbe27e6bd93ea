// The whole examination as text, to send to whoever can help. Nothing of it is a secret, and no address
// of whoever was examined is in it.

import { sortedFindings } from '@/components/FindingList';
import { dateTimeText } from '@/components/time';
import { bitrateText, msText } from '@/components/units';
import { STEPS, type ExaminationState } from '@/lib/doctor/steps';
import { hasMessage } from '@/messages/catalogue';
import type { Translate } from '@/messages/i18n';
import { resultOf } from './results';
import { verdictOf } from './verdict';

export function reportText(state: ExaminationState, t: Translate, locale: string): string {
  const { facts, diagnosis, at } = state;
  const { verdict, way } = verdictOf(state);
  const time = dateTimeText(at ?? Date.now(), locale);
  const lines = [
    t('doctor.report.title', { address: location.origin, time }),
    t('doctor.report.browser', { name: navigator.userAgent }),
    ...(facts.node === undefined
      ? []
      : [t('doctor.report.version', { version: facts.node.version })]),
    '',
    `${t(`doctor.verdict.${verdict}`)}. ${t(`doctor.way.${way}`)}`,
    '',
    ...STEPS.map((step) => `- ${t(`doctor.step.${step}`)}: ${resultOf(step, state, t).text}`),
    ...facts.paths.flatMap(({ target, transport, outcome, failure }) =>
      target === undefined ? [] : [`  ${transport} ${target}: ${failure ?? outcome}`],
    ),
    ...(facts.clock_offset_ms === undefined
      ? []
      : [`- ${t('doctor.report.clock', { value: msText(Math.abs(facts.clock_offset_ms), t) })}`]),
    ...(facts.stream?.bitrate_bps === undefined
      ? []
      : [`- ${t('doctor.compared', { rate: bitrateText(facts.stream.bitrate_bps, t) })}`]),
  ];
  for (const { code, severity, title, cause, fix } of sortedFindings(diagnosis?.findings ?? [])) {
    const ours = `doctor.finding.${code}`;
    lines.push(
      '',
      `[${t(`doctor.severity.${severity}`)}] ${hasMessage(ours) ? t(ours) : title} (${code})`,
      `${t('doctor.details.cause')}: ${cause}`,
      `${t('doctor.details.fix')}: ${fix}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
