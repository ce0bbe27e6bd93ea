import { ExternalLink, Eye, Square, Timer } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { Pill, StatePill } from '@/components/Pill';
import { durationText } from '@/components/units';
import { paths } from '@/config/routes';
import { healthOf } from '@/lib/rtc/health';
import type { PublisherState } from '@/lib/rtc/whip';
import { useI18n, useT } from '@/messages/i18n';
import { HealthCard } from './HealthCard';
import { LayersTable } from './LayersTable';
import { RecordingNow } from './RecordingNow';
import type { StudioSettings } from './settings';
import type { OnAir } from './use-publisher';
import styles from './LivePanel.module.css';

/** The running broadcast: who watches, how well it goes, what to mend, and its end. */
export function LivePanel({
  onAir,
  state,
  stream,
  settings,
  ending,
  onEnding,
}: {
  onAir: OnAir;
  state: PublisherState;
  stream: string;
  settings: StudioSettings;
  /** Whether it is being asked if the stream shall end. */
  ending: boolean;
  onEnding(ending: boolean): void;
}) {
  const t = useT();
  const { locale } = useI18n();
  const digest = onAir.history.at(-1) ?? null;
  const health = healthOf(digest, state.issues, settings);
  return (
    <div className={styles.panel}>
      <section className={styles.head}>
        <div className={styles.row}>
          {state.phase === 'live' && <StatePill state="live" />}
          {state.phase === 'connecting' && <Pill tone="quiet">{t('studio.goingLive')}</Pill>}
          {state.phase === 'reconnecting' && <Pill tone="warn">{t('player.reconnecting')}</Pill>}
          <a className={styles.link} href={paths.watch(stream)} target="_blank" rel="noreferrer">
            {t('studio.watchPage')}
            <ExternalLink size={14} aria-hidden="true" />
          </a>
        </div>
        {state.phase === 'reconnecting' && (
          <p className={styles.warning}>{t('studio.reconnecting')}</p>
        )}
        <dl className={styles.facts}>
          <Fact icon={<Eye size={16} />} name={t('studio.viewers')}>
            {state.viewers === null ? '–' : new Intl.NumberFormat(locale).format(state.viewers)}
          </Fact>
          <Fact icon={<Timer size={16} />} name={t('studio.duration')}>
            <Elapsed since={state.since} />
          </Fact>
        </dl>
        <RecordingNow stream={stream} />
        <Button look="danger" wide icon={<Square size={16} />} onClick={() => onEnding(true)}>
          {t('studio.end')}
        </Button>
      </section>
      <HealthCard health={health} settings={settings} />
      <LayersTable digest={digest} />
      <Dialog
        title={t('studio.end.title')}
        open={ending}
        onClose={() => onEnding(false)}
        actions={
          <>
            <Button look="quiet" onClick={() => onEnding(false)}>
              {t('action.cancel')}
            </Button>
            <Button
              look="live"
              onClick={() => {
                onEnding(false);
                onAir.stop();
              }}
            >
              {t('studio.end')}
            </Button>
          </>
        }
      >
        <p>{t('studio.end.text', { count: state.viewers ?? 0 })}</p>
      </Dialog>
    </div>
  );
}

function Fact({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>
        {icon}
        {name}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function Elapsed({ since }: { since: number | null }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return since === null ? '–' : durationText(now - since);
}
