import type { MenuChoice } from '@/components/Menu';
import { bitrateText } from '@/components/units';
import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { Translate } from '@/messages/i18n';

/** From this rate on the rate is part of the name, as in "1080p60". */
const FAST_FPS = 45;

/** "720p", "1080p60"; the RID where the size is not known yet. */
export function qualityName(layer: LayerInfo, t: Translate): string {
  // The shorter side names the quality of upright pictures as well.
  const side =
    layer.width == null || layer.height == null ? null : Math.min(layer.width, layer.height);
  if (side === null) return layer.rid ?? t('player.source');
  return `${side}p${layer.fps >= FAST_FPS ? Math.round(layer.fps / 10) * 10 : ''}`;
}

/** What can be pinned: layers that are sent and have a name. One layer leaves nothing to choose. */
export function qualityChoices(layers: readonly LayerInfo[], t: Translate): MenuChoice<string>[] {
  const sent = layers.filter((layer) => layer.active && layer.rid != null);
  if (sent.length < 2) return [];
  return sent.map((layer) => ({
    value: layer.rid ?? '',
    label: qualityName(layer, t),
    detail: layer.bitrate > 0 ? bitrateText(layer.bitrate, t) : undefined,
  }));
}

/** "Auto (720p)": what the server chose stands beside the choice. */
export function autoLabel(
  state: { layers: readonly LayerInfo[]; current: string | null; pinned: string | null },
  t: Translate,
): string {
  const now = state.layers.find((layer) => (layer.rid ?? null) === state.current) ?? null;
  if (state.pinned !== null || now === null) return t('player.auto');
  return t('player.autoWith', { quality: qualityName(now, t) });
}
