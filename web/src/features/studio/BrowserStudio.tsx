import { useEffect, useState, type ReactNode } from 'react';
import type { CredentialSource } from '@/lib/rtc/credential';
import { useT } from '@/messages/i18n';
import { LivePanel } from './LivePanel';
import { Charts } from './Charts';
import { Preview } from './Preview';
import { SetUp, type FirstStep } from './SetUp';
import { firstSettings, settingsFromAddress } from './settings';
import { useAutostart, useTestProbe } from './test-probe';
import { usePublisher } from './use-publisher';
import { useSource } from './use-source';
import { useStay } from './use-stay';
import styles from './StudioPage.module.css';

/** Goes live from this browser: preview at the left, set-up or the running broadcast at the right. */
export function BrowserStudio({
  stream,
  credential,
  first,
  chat,
  onAirChange,
}: {
  stream: string;
  credential: CredentialSource;
  first: FirstStep;
  /** Shown while live. */
  chat?: ((peer: RTCPeerConnection | null) => ReactNode) | undefined;
  onAirChange(onAir: boolean): void;
}) {
  const t = useT();
  const [settings, setSettings] = useState(() =>
    settingsFromAddress(location.search, firstSettings()),
  );
  const [ending, setEnding] = useState(false);
  const onAir = usePublisher(settings);
  const source = useSource(settings, onAir.stop);
  const { state } = onAir;
  const running = state !== null && state.phase !== 'failed' && state.phase !== 'stopped';

  const goLive = async () => {
    if (first.save !== undefined && !(await first.save())) return;
    const media = source.stream ?? (await source.open());
    if (media !== null) onAir.start(stream, credential, media);
  };
  const start = () => void goLive();
  useAutostart(first.complete && source.stream !== null, start);
  useTestProbe(onAir);
  useStay(running, () => setEnding(true));
  useEffect(() => {
    onAirChange(running);
    return () => onAirChange(false);
  }, [running, onAirChange]);

  return (
    <div className={styles.studio}>
      <div className={styles.left}>
        <Preview source={source} kind={settings.source} live={state?.phase === 'live'} />
        {running && (
          <div className={styles.charts}>
            <Charts history={onAir.history} />
          </div>
        )}
      </div>
      <div className={styles.right}>
        {running ? (
          <>
            {chat?.(onAir.peer)}
            <LivePanel
              onAir={onAir}
              state={state}
              stream={stream}
              settings={settings}
              ending={ending}
              onEnding={setEnding}
            />
          </>
        ) : (
          <SetUp
            settings={settings}
            first={first}
            source={source}
            ended={state}
            onChange={(change) => {
              onAir.reset();
              setSettings({ ...settings, ...change });
            }}
            onGoLive={start}
          />
        )}
      </div>
      <p role="status" className="visually-hidden">
        {state?.phase === 'live'
          ? t('studio.live')
          : state?.phase === 'stopped'
            ? t('studio.stopped')
            : ''}
      </p>
    </div>
  );
}
