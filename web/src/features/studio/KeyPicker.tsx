import { useState } from 'react';
import { ButtonLink } from '@/components/Button';
import { SelectField } from '@/components/Fields';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { paths } from '@/config/routes';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { KeyLine } from './KeyLine';
import { useKeysOf, useShownKeys } from './use-keys-of';
import guide from './EncoderGuide.module.css';

/** Which key the encoder shall use; its text is there after it was asked for. */
export function KeyPicker({
  stream,
  round,
  onKey,
}: {
  stream: Stream;
  round: number;
  onKey(text: string | null): void;
}) {
  const t = useT();
  const { value: keys, problem } = useKeysOf(stream, round);
  const shown = useShownKeys(stream);
  const [chosen, setChosen] = useState<string | null>(null);
  const key = keys?.find(({ id }) => id === chosen) ?? keys?.[0];
  if (problem !== null)
    return (
      <Note title={t('stream.failed')}>
        <ProblemText problem={problem} />
      </Note>
    );
  if (keys === null) return <Skeleton height="66px" />;
  if (key === undefined)
    return (
      <div className={guide.column}>
        <p className={guide.quiet}>{t('keys.none.text')}</p>
        <ButtonLink href={paths.studioStream(stream.name, 'keys')}>{t('keys.add')}</ButtonLink>
      </div>
    );
  return (
    <>
      {keys.length > 1 && (
        <SelectField
          label={t('keys.choose')}
          options={keys.map(({ id, name, last4 }) => ({
            value: id,
            label: `${name} ····${last4}`,
          }))}
          value={key.id}
          onChoose={(id) => {
            setChosen(id);
            onKey(shown.texts[id] ?? null);
          }}
        />
      )}
      {shown.problem !== null && (
        <Note title={t('stream.failed')}>
          <ProblemText problem={shown.problem} />
        </Note>
      )}
      <KeyLine
        label={t('encoder.key')}
        of={key}
        text={shown.texts[key.id] ?? null}
        onShow={async () => {
          const text = await shown.reveal(key.id);
          onKey(text);
          return text;
        }}
        onHide={() => {
          shown.hide(key.id);
          onKey(null);
        }}
      />
      <p className={guide.quiet}>{t('keys.audited')}</p>
    </>
  );
}
