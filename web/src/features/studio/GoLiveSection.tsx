import { ArrowLeft } from 'lucide-react';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import { Button } from '@/components/Button';
import { useLoad } from '@/components/use-load';
import { serverInfo } from '@/lib/api/client';
import { session } from '@/lib/auth/session';
import type { CredentialSource } from '@/lib/rtc/credential';
import type { Stream, StreamEdit } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { AboutFields, useAbout } from './AboutFields';
import { BrowserStudio } from './BrowserStudio';
import { ChooseWay, type Way } from './ChooseWay';
import { EncoderGuide } from './EncoderGuide';
import { Tick } from './EncoderTick';
import { KeyPicker } from './KeyPicker';
import { OnAirCard } from './OnAirCard';
import type { StudioNews } from './use-studio-news';
import guide from './EncoderGuide.module.css';
import styles from './StudioPage.module.css';

/** Gives the chat of a stream; the connection is the publisher's. */
export type LiveChatSlot = (stream: Stream, peer: RTCPeerConnection | null) => ReactNode;

type Save = (change: StreamEdit) => Promise<Stream>;

/** Publishing from this browser needs no key: whoever is signed in may publish to their streams. */
const OWN_ACCOUNT: CredentialSource = async () => {
  const text = await session.token();
  return text === null ? null : { text, expiresAt: null };
};

/** The two ways to go live, and each of them. */
export function GoLiveSection({
  stream,
  news,
  liveChat,
  onSave,
}: {
  stream: Stream;
  news: StudioNews;
  liveChat?: LiveChatSlot | undefined;
  onSave: Save;
}) {
  const t = useT();
  const [parameters, setParameters] = useSearchParams();
  const [onAir, setOnAir] = useState(false);
  const asked = parameters.get('with');
  const way: Way | null = asked === 'browser' || asked === 'encoder' ? asked : null;
  const choose = (next: Way | null) => {
    setParameters((now) => {
      const changed = new URLSearchParams(now);
      if (next === null) changed.delete('with');
      else changed.set('with', next);
      return changed;
    });
  };
  return (
    <>
      {stream.state !== 'offline' && !onAir && <OnAirCard stream={stream} />}
      {way === null ? (
        <ChooseWay onChoose={choose} />
      ) : (
        <>
          {!onAir && (
            <div className={styles.header}>
              <Button look="quiet" icon={<ArrowLeft size={18} />} onClick={() => choose(null)}>
                {t('action.back')}
              </Button>
              <h2 className={styles.title}>
                {t(way === 'browser' ? 'studio.browser' : 'studio.encoder')}
              </h2>
            </div>
          )}
          {way === 'browser' ? (
            <FromBrowser
              stream={stream}
              liveChat={liveChat}
              onSave={onSave}
              onAirChange={setOnAir}
            />
          ) : (
            <FromEncoder stream={stream} news={news} onSave={onSave} />
          )}
        </>
      )}
    </>
  );
}

function FromBrowser({
  stream,
  liveChat,
  onSave,
  onAirChange,
}: {
  stream: Stream;
  liveChat: LiveChatSlot | undefined;
  onSave: Save;
  onAirChange(onAir: boolean): void;
}) {
  const t = useT();
  const about = useAbout(stream, onSave);
  return (
    <BrowserStudio
      stream={stream.name}
      credential={OWN_ACCOUNT}
      first={{
        title: t('studio.step.about'),
        fields: (strict) => <AboutFields about={about} strict={strict} />,
        complete: about.complete,
        save: about.save,
      }}
      chat={liveChat && ((peer) => liveChat(stream, peer))}
      onAirChange={onAirChange}
    />
  );
}

function FromEncoder({ stream, news, onSave }: { stream: Stream; news: StudioNews; onSave: Save }) {
  const t = useT();
  const about = useAbout(stream, onSave);
  const [key, setKey] = useState<string | null>(null);
  const [strict, setStrict] = useState(false);
  const { value: server } = useLoad(useCallback((signal: AbortSignal) => serverInfo(signal), []));
  // A key that was shown does not wait on the screen for whoever comes by.
  useEffect(() => () => setKey(null), [stream.id]);
  return (
    <EncoderGuide
      stream={stream.name}
      server={server}
      keyText={key}
      keyField={<KeyPicker stream={stream} round={news.keyRound} onKey={setKey} />}
      head={
        <form
          className={guide.card}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setStrict(true);
            if (about.complete) void about.save();
          }}
        >
          <AboutFields about={about} strict={strict} />
          {about.dirty && (
            <Button type="submit" look="primary" disabled={about.busy}>
              {t('studio.save')}
            </Button>
          )}
        </form>
      }
      tick={<Tick stream={stream.name} connected={news.connected} />}
    />
  );
}
