import { ArrowLeft } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';
import { Button } from '@/components/Button';
import { useT } from '@/messages/i18n';
import { BrowserStudio } from './BrowserStudio';
import { ChooseWay, type Way } from './ChooseWay';
import { useCredentials } from './credentials';
import { EncoderStudio } from './EncoderStudio';
import styles from './StudioPage.module.css';

export default function StudioPage() {
  const t = useT();
  const [parameters, setParameters] = useSearchParams();
  const credentials = useCredentials();
  const [onAir, setOnAir] = useState(false);
  const way = wayOf(parameters);

  useEffect(() => {
    document.title = t('watch.title', { title: t('studio.title') });
  }, [t]);

  const choose = (next: Way | null) => {
    setParameters((now) => {
      const changed = new URLSearchParams(now);
      if (next === null) changed.delete('with');
      else changed.set('with', next);
      return changed;
    });
  };

  if (way === null) return <ChooseWay onChoose={choose} />;
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
        <BrowserStudio credentials={credentials} onAirChange={setOnAir} />
      ) : (
        <EncoderStudio credentials={credentials} />
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
