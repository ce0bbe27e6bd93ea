import { Camera, Eye, EyeOff, MonitorUp, Radio, TvMinimal } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, IconButton } from '@/components/Button';
import { TextField, Segmented } from '@/components/Fields';
import { Note, ProblemText } from '@/components/ProblemNote';
import type { PublisherState } from '@/lib/rtc/whip';
import { useT } from '@/messages/i18n';
import { validStreamName, type Credentials } from './credentials';
import { DeviceFields } from './DeviceFields';
import { QualityFields } from './QualityFields';
import type { SourceKind, StudioSettings } from './settings';
import type { Source } from './use-source';
import styles from './SetUp.module.css';

/** Three short steps and one red button. */
export function SetUp({
  settings,
  credentials,
  source,
  ended,
  onChange,
  onGoLive,
}: {
  settings: StudioSettings;
  credentials: Credentials;
  source: Source;
  /** How the last broadcast ended, if there was one. */
  ended: PublisherState | null;
  onChange(change: Partial<StudioSettings>): void;
  onGoLive(): void;
}) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  const complete = validStreamName(credentials.stream) && credentials.key !== '';
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (complete) onGoLive();
      }}
    >
      <Step number={1} title={t('studio.step.stream')}>
        <CredentialFields credentials={credentials} strict={asked} />
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

/** `strict` shows what is missing; before the first attempt an empty field is no error. */
export function CredentialFields({
  credentials,
  strict,
}: {
  credentials: Credentials;
  strict: boolean;
}) {
  const t = useT();
  const [shown, setShown] = useState(false);
  const { stream, key } = credentials;
  const badName = (strict || stream !== '') && !validStreamName(stream);
  return (
    <>
      <TextField
        label={t('studio.stream')}
        hint={t('studio.stream.hint')}
        error={badName ? t('studio.stream.invalid') : undefined}
        value={stream}
        maxLength={64}
        onChange={(event) => credentials.setStream(event.target.value)}
      />
      <TextField
        label={t('studio.key')}
        hint={credentials.demo ? t('studio.demo') : t('studio.key.hint')}
        error={strict && key === '' ? t('studio.key.missing') : undefined}
        mono
        type={shown ? 'text' : 'password'}
        value={key}
        onChange={(event) => credentials.setKey(event.target.value.trim())}
        action={
          <IconButton
            label={`${shown ? t('action.hide') : t('action.show')}: ${t('studio.key')}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff size={18} /> : <Eye size={18} />}
          </IconButton>
        }
      />
    </>
  );
}
