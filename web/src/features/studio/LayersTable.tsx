import { bitrateText } from '@/components/units';
import type { LayerDigest, PublisherDigest } from '@/lib/rtc/uplink-stats';
import { useT, type Translate } from '@/messages/i18n';
import styles from './LivePanel.module.css';

/** Every layer that this browser sends, best first. */
export function LayersTable({ digest }: { digest: PublisherDigest | null }) {
  const t = useT();
  const layers = digest?.layers ?? [];
  return (
    <section className={styles.card}>
      <h2>{t('studio.layers')}</h2>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('studio.layers.size')}</th>
            <th scope="col">{t('studio.layers.fps')}</th>
            <th scope="col">{t('studio.layers.bitrate')}</th>
            <th scope="col">{t('studio.layers.state')}</th>
          </tr>
        </thead>
        <tbody>
          {layers.map((layer, index) => (
            <tr key={layer.rid ?? index}>
              <th scope="row">
                {layer.width === null ? '–' : `${layer.width} × ${layer.height ?? 0}`}
                {layer.rid !== null && <span className={styles.rid}>{layer.rid}</span>}
              </th>
              <td>{Math.round(layer.fps)}</td>
              <td>{bitrateText(layer.bitrate, t)}</td>
              <td className={styles.stateCell}>{stateText(layer, t)}</td>
            </tr>
          ))}
          {layers.length === 0 && (
            <tr>
              <td colSpan={4}>{t('studio.health.no_data')}</td>
            </tr>
          )}
        </tbody>
      </table>
      {layers[0] && (
        <p className={styles.quiet}>
          {[layers[0].codec, layers[0].encoder].filter(Boolean).join(' · ')}
        </p>
      )}
    </section>
  );
}

function stateText(layer: LayerDigest, t: Translate): string {
  if (!layer.active) return t('studio.layers.paused');
  if (layer.limitedBy !== null) return t(`studio.layers.${layer.limitedBy}`);
  return t('studio.layers.sending');
}
