import { SelectField, Switch } from '@/components/Fields';
import { bitrateText } from '@/components/units';
import { widthFor } from '@/lib/rtc/capture';
import {
  encodingsFor,
  sentBitrate,
  supportedCodecs,
  VIDEO_CODECS,
  type VideoCodec,
} from '@/lib/rtc/encoding';
import { useT } from '@/messages/i18n';
import { HEIGHTS, planOf, RATES, SIMULCAST_LAYERS, type StudioSettings } from './settings';
import styles from './SetUp.module.css';

export const CODEC_NAMES: Record<VideoCodec, string> = {
  h264: 'H.264',
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
};

export function QualityFields({
  settings,
  onChange,
}: {
  settings: StudioSettings;
  onChange(change: Partial<StudioSettings>): void;
}) {
  const t = useT();
  const supported = supportedCodecs();
  const encodings = encodingsFor(planOf(settings));
  const sizes = encodings.map(
    (encoding) => `${Math.round(settings.height / (encoding.scaleResolutionDownBy ?? 1))}p`,
  );
  const upload = sentBitrate(planOf(settings));
  const heights = [...new Set<number>([...HEIGHTS, settings.height])].sort((a, b) => a - b);
  const rates = [...new Set<number>([...RATES, settings.fps])].sort((a, b) => a - b);
  return (
    <>
      <div className={styles.pair}>
        <SelectField
          label={t('studio.resolution')}
          options={heights.map((height) => ({ value: String(height), label: `${height}p` }))}
          value={String(settings.height)}
          onChoose={(value) => onChange({ height: Number(value), width: widthFor(Number(value)) })}
        />
        <SelectField
          label={t('studio.fps')}
          options={rates.map((rate) => ({ value: String(rate), label: String(rate) }))}
          value={String(settings.fps)}
          onChoose={(value) => onChange({ fps: Number(value) })}
        />
      </div>
      <SelectField
        label={t('studio.codec')}
        options={VIDEO_CODECS.map((codec) => ({
          value: codec,
          label: supported.includes(codec)
            ? CODEC_NAMES[codec]
            : `${CODEC_NAMES[codec]} (${t('studio.codec.unsupported')})`,
          disabled: !supported.includes(codec),
        }))}
        value={settings.codec}
        onChoose={(codec) => onChange({ codec: codec as VideoCodec })}
      />
      <Switch
        label={t('studio.simulcast')}
        hint={t('studio.simulcast.hint')}
        checked={settings.layers > 1}
        onChange={(on) => onChange({ layers: on ? SIMULCAST_LAYERS : 1 })}
      />
      <p className={styles.sum}>
        {t('studio.simulcast.sizes', {
          sizes: sizes.reverse().join(' + '),
          bitrate: bitrateText(upload, t),
        })}
      </p>
    </>
  );
}
