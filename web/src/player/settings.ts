import { ROUTE_CHOICES, type RouteChoice } from '@/lib/hls/switchboard';
import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { Translate } from '@/messages/i18n';
import type { Setting } from './Controls';
import { autoLabel, qualityChoices } from './quality';

/** A RID is never empty, so the empty text can stand for the automatic choice. */
const AUTO = '';

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/** The next faster or slower of the speeds. */
export function nextRate(rate: number, direction: 1 | -1): number {
  const found =
    direction === 1 ? RATES.find((one) => one > rate) : RATES.findLast((one) => one < rate);
  return found ?? rate;
}

export function qualitySetting(
  state: { layers: readonly LayerInfo[]; current: string | null; pinned: string | null },
  select: (rid: string | null) => void,
  t: Translate,
): Setting {
  return {
    title: t('player.quality'),
    value: state.pinned ?? AUTO,
    choices: [{ value: AUTO, label: autoLabel(state, t) }, ...qualityChoices(state.layers, t)],
    choose: (rid) => select(rid === AUTO ? null : rid),
  };
}

export function speedSetting(rate: number, choose: (rate: number) => void, t: Translate): Setting {
  return {
    title: t('player.speed'),
    value: String(rate),
    choices: RATES.map((one) => ({
      value: String(one),
      label: one === 1 ? t('player.speed.normal') : t('player.speed.times', { value: one }),
    })),
    choose: (value) => choose(Number(value)),
  };
}

export function waySetting(
  choice: RouteChoice,
  choose: (choice: RouteChoice) => void,
  t: Translate,
): Setting {
  return {
    title: t('player.way'),
    value: choice,
    choices: ROUTE_CHOICES.map((one) => ({
      value: one,
      label: t(`player.way.${one}`),
      detail: one === 'auto' ? undefined : t(`player.way.${one}.detail`),
    })),
    choose: (value) => choose(ROUTE_CHOICES.find((one) => one === value) ?? 'auto'),
  };
}
