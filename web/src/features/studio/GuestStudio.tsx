import { ArrowLeft } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { Button } from '@/components/Button';
import { useTitle } from '@/components/use-title';
import { fixed } from '@/lib/rtc/credential';
import { useT } from '@/messages/i18n';
import { BrowserStudio } from './BrowserStudio';
import { ChooseWay, type Way } from './ChooseWay';
import { CredentialFields } from './CredentialFields';
import { useCredentials, validStreamName } from './credentials';
import { EncoderGuide } from './EncoderGuide';
import { EncoderTick } from './EncoderTick';
import guide from './EncoderGuide.module.css';
import styles from './StudioPage.module.css';

/** Goes live with a stream key and no account: for guests who were given one, and for tests. */
export function GuestStudio() {
  const t = useT();
  const [parameters, setParameters] = useSearchParams();
  const credentials = useCredentials();
  const [onAir, setOnAir] = useState(false);
  const way = wayOf(parameters);
  useTitle(t('studio.title'));

  const choose = (next: Way | null) => {
    setParameters((now) => {
      const changed = new URLSearchParams(now);
      if (next === null) changed.delete('with');
      else changed.set('with', next);
      return changed;
    });
  };
  const { stream, key } = credentials;
  const credential = useMemo(() => fixed(key), [key]);
  const complete = validStreamName(stream) && key !== '';

  if (way === null)
    return (
      <div className={styles.page}>
        <p className={styles.quiet}>{t('studio.guest')}</p>
        <ChooseWay level={1} onChoose={choose} />
      </div>
    );
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        {!onAir && (
          <Button look="quiet" icon={<ArrowLeft size={18} />} onClick={() => choose(null)}>
            {t('action.back')}
          </Button>
        )}
        <h1 className={styles.title}>
          {t(way === 'browser' ? 'studio.browser' : 'studio.encoder')}
        </h1>
      </header>
      {way === 'browser' ? (
        <BrowserStudio
          stream={stream}
          credential={credential}
          first={{
            title: t('studio.step.stream'),
            fields: (asked) => <CredentialFields credentials={credentials} strict={asked} />,
            complete,
          }}
          onAirChange={setOnAir}
        />
      ) : (
        <EncoderGuide
          stream={stream}
          server={credentials.server}
          keyText={key === '' ? null : key}
          head={
            <section className={guide.card}>
              <CredentialFields credentials={credentials} strict={false} />
            </section>
          }
          tick={<EncoderTick stream={validStreamName(stream) ? stream : null} />}
        />
      )}
    </div>
  );
}

/** The way is part of the address, so that it survives a reload; tests go straight to this browser. */
function wayOf(parameters: URLSearchParams): Way | null {
  const way = parameters.get('with');
  if (way === 'browser' || way === 'encoder') return way;
  return parameters.has('test') ? 'browser' : null;
}
