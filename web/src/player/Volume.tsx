import { Volume1, Volume2, VolumeX } from 'lucide-react';
import { IconButton } from '@/components/Button';
import { useT } from '@/messages/i18n';
import type { Playback } from './use-playback';
import styles from './Controls.module.css';

export function Volume({ playback }: { playback: Playback }) {
  const t = useT();
  const heard = playback.muted ? 0 : playback.volume;
  const Icon = heard === 0 ? VolumeX : heard < 0.5 ? Volume1 : Volume2;
  return (
    <div className={styles.volume}>
      <IconButton
        label={playback.muted ? t('player.unmute') : t('player.mute')}
        className={styles.button}
        onClick={playback.toggleMute}
      >
        <Icon size={20} />
      </IconButton>
      <input
        type="range"
        className={styles.slider}
        aria-label={t('player.volume')}
        aria-valuetext={t('player.volumeIs', { value: Math.round(heard * 100) })}
        min={0}
        max={1}
        step={0.05}
        value={heard}
        onChange={(event) => playback.setVolume(Number(event.target.value))}
      />
    </div>
  );
}
