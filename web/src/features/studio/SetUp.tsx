import { Camera, MonitorUp, Radio, TvMinimal } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from '@/components/Button';
import { Segmented } from '@/components/Fields';
import { Note, ProblemText } from '@/components/ProblemNote';
import type { PublisherState } from '@/lib/rtc/whip';
import { useT } from '@/messages/i18n';
import { DeviceFields } from './DeviceFields';
import { Preflight } from './Preflight';
import { QualityFields } from './QualityFields';
import type { SourceKind, StudioSettings } from './settings';
import type { Source } from './use-source';
import styles from './SetUp.module.css';

/** The first step: what is streamed, or where to. */
export interface FirstStep {
  title: string;
  /** `asked` is true once somebody tried to go live: from then on what is missing is named. */
  fields(asked: boolean): ReactNode;
  complete: boolean;
  /** Saves what was typed; false keeps it off the air. */
  save?(): Promise<boolean>;
}

/** Three short steps and one red button. */
export function SetUp({
  settings,
  first,
  source,
  ended,
  onChange,
  onGoLive,
}: {
  settings: StudioSettings;
  first: FirstStep;
  source: Source;
  /** How the last broadcast ended, if there was one. */
  ended: PublisherState | null;
  onChange(change: Partial<StudioSettings>): void;
  onGoLive(): void;
}) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (first.complete) onGoLive();
      }}
    >
      <Step number={1} title={first.title}>
        {first.fields(asked)}
      </Step>
      <Step number={2} title={t('studio.step.source')}>
        <Segmented<SourceKind>
          label={t('studio.step.source')}
          value={settings.source}
          options={[
            { value: 'camera', label: t('studio.source.camera'), icon: <Camera size={16} /> },
            { value: 'screen', label: t('studio.source.screen'), icon: <MonitorUp size={16} /> },
            { value: 'pattern', label: t('studio.source.pattern'), icon: <TvMinimal size={16} /> },
          ]}
          onChoose={(kind) => onChange({ source: kind })}
        />
        {settings.source === 'camera' && (
          <DeviceFields settings={settings} opened={source.stream !== null} onChange={onChange} />
        )}
      </Step>
      <Step number={3} title={t('studio.step.quality')}>
        <QualityFields settings={settings} onChange={onChange} />
      </Step>
      <Preflight source={source} settings={settings} />
      <div className={styles.submit}>
        {ended?.phase === 'failed' && ended.problem !== null && (
          <Note title={t(ended.since === null ? 'studio.failed' : 'studio.interrupted')}>
            <ProblemText problem={ended.problem} publishing />
          </Note>
        )}
        <Button type="submit" look="live" wide icon={<Radio size={18} />} disabled={source.opening}>
          {t('studio.goLive')}
        </Button>
      </div>
    </form>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <section className={styles.step}>
      <h2 className={styles.stepTitle}>
        <span className={styles.number} aria-hidden="true">
          {number}
        </span>
        {title}
      </h2>
      {children}
    </section>
  );
}
