import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { ListProblem } from '@/components/ListStates';
import { Pill } from '@/components/Pill';
import { Section } from '@/components/Section';
import { Skeleton } from '@/components/Skeleton';
import { agoText, dateTimeText } from '@/components/time';
import { useNow } from '@/components/use-now';
import type { Stream, StreamKey } from '@/lib/streams/types';
import { useI18n, useT } from '@/messages/i18n';
import { AddKey, MadeDialog, RevokeKey, RotateKey } from './KeyDialogs';
import { KeyLine } from './KeyLine';
import { spokenName, useKeysOf, useShownKeys, type ShownKeys } from './use-keys-of';
import styles from './KeysSection.module.css';

type Act = { kind: 'add' } | { kind: 'rotate' | 'revoke'; key: StreamKey };

/** What encoders go live with. */
export function KeysSection({ stream, round }: { stream: Stream; round: number }) {
  const t = useT();
  const { value: keys, problem, reload } = useKeysOf(stream, round);
  const shown = useShownKeys(stream);
  const [act, setAct] = useState<Act | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const close = () => setAct(null);
  const finish = (text: string | null) => {
    close();
    setMade(text);
    reload();
  };
  const add = (
    <Button look="primary" icon={<Plus size={18} />} onClick={() => setAct({ kind: 'add' })}>
      {t('keys.add')}
    </Button>
  );
  return (
    <Section title={t('keys.heading')} action={keys !== null && keys.length > 0 ? add : undefined}>
      <p className={styles.intro}>{t('keys.intro')}</p>
      <ListProblem problem={problem ?? shown.problem} onRetry={reload} />
      {keys === null && problem === null && (
        <div className={styles.list} role="status" aria-label={t('app.loading')}>
          <Skeleton height="132px" />
          <Skeleton height="132px" />
        </div>
      )}
      {keys?.length === 0 && (
        <EmptyState
          level={3}
          icon={<KeyRound size={24} />}
          title={t('keys.none.title')}
          text={t('keys.none.text')}
          action={add}
        />
      )}
      {keys !== null && keys.length > 0 && (
        <>
          <ul className={styles.list}>
            {keys.map((key) => (
              <Row key={key.id} of={key} shown={shown} onAct={setAct} />
            ))}
          </ul>
          <p className={styles.quiet}>{t('keys.audited')}</p>
        </>
      )}
      <AddKey stream={stream} open={act?.kind === 'add'} onClose={close} onMade={finish} />
      <RotateKey
        stream={stream}
        of={act?.kind === 'rotate' ? act.key : null}
        onClose={close}
        onMade={finish}
      />
      <RevokeKey
        stream={stream}
        of={act?.kind === 'revoke' ? act.key : null}
        onClose={close}
        onDone={() => finish(null)}
      />
      <MadeDialog text={made} onClose={() => setMade(null)} />
    </Section>
  );
}

function Row({
  of: key,
  shown,
  onAct,
}: {
  of: StreamKey;
  shown: ShownKeys;
  onAct(act: Act): void;
}) {
  const { t, locale } = useI18n();
  const now = useNow(30_000);
  const { name, expires_at: end, last_used_at: used } = key;
  const expired = end !== null && end <= now;
  return (
    <li className={styles.key}>
      <div className={styles.keyHead}>
        <h3 className={styles.name} dir="auto">
          {name}
        </h3>
        <span role="status">
          <Pill tone={key.connected ? 'good' : 'quiet'}>
            {t(key.connected ? 'keys.connected' : 'keys.waiting')}
          </Pill>
        </span>
      </div>
      <KeyLine
        of={key}
        text={shown.texts[key.id] ?? null}
        onShow={() => shown.reveal(key.id)}
        onHide={() => shown.hide(key.id)}
      />
      <div className={styles.keyFoot}>
        <p className={styles.quiet}>
          <span>
            {used === null
              ? t('keys.unused')
              : t('keys.used', { time: agoText(used, now, locale) })}
          </span>
          {end !== null && (
            <span className={styles.end} title={dateTimeText(end, locale)}>
              {expired ? t('keys.expired') : t('keys.expires', { time: agoText(end, now, locale) })}
            </span>
          )}
        </p>
        <div className={styles.acts}>
          <Button
            look="quiet"
            aria-label={t('keys.rotateOf', { name: spokenName(key) })}
            onClick={() => onAct({ kind: 'rotate', key })}
          >
            {t('keys.rotate')}
          </Button>
          <Button
            look="quiet"
            className={styles.danger}
            aria-label={t('keys.revokeOf', { name: spokenName(key) })}
            onClick={() => onAct({ kind: 'revoke', key })}
          >
            {t('keys.revoke')}
          </Button>
        </div>
      </div>
    </li>
  );
}
