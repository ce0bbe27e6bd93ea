import { X } from 'lucide-react';
import { useCallback, useState, type SyntheticEvent } from 'react';
import { Button, IconButton } from '@/components/Button';
import { SelectField, TextField } from '@/components/Fields';
import { Panel } from '@/components/Panel';
import { Pill } from '@/components/Pill';
import { useAttempt } from '@/components/use-attempt';
import { useLoad } from '@/components/use-load';
import { addTerm, removeTerm, terms } from '@/lib/chat/api';
import type { Term } from '@/lib/chat/records';
import { useT } from '@/messages/i18n';
import { Failed } from './DeskLists';
import styles from './Desk.module.css';

const KINDS = ['word', 'regex'] as const;
const OUTCOMES = ['hold', 'block', 'allow'] as const;
const MOST_PATTERN = 200;

/** Words and patterns that the filter of a chat looks for. */
export function TermsPanel({ stream }: { stream: string }) {
  const t = useT();
  const [pattern, setPattern] = useState('');
  const [kind, setKind] = useState<Term['kind']>('word');
  const [outcome, setOutcome] = useState<Term['outcome']>('hold');
  const { failed, attempt: run } = useAttempt();
  const { value, problem, reload, set } = useLoad(
    useCallback((signal: AbortSignal) => terms(stream, signal), [stream]),
  );
  const add = (event: SyntheticEvent) => {
    event.preventDefault();
    if (pattern.trim() === '') return;
    void run(async () => {
      const made = await addTerm(stream, { pattern: pattern.trim(), kind, outcome });
      set((list) => [...list, made]);
      setPattern('');
    });
  };
  const remove = ({ id }: Term) =>
    run(async () => {
      await removeTerm(stream, id);
      set((list) => list.filter((term) => term.id !== id));
    });
  return (
    <Panel title={t('terms.title')} text={t('terms.text')}>
      {problem !== null && <Failed problem={problem} onRetry={reload} />}
      {failed !== null && <Failed problem={failed} />}
      <form className={styles.line} noValidate onSubmit={add}>
        <TextField
          label={t('terms.pattern')}
          value={pattern}
          maxLength={MOST_PATTERN}
          mono={kind === 'regex'}
          onChange={({ target }) => setPattern(target.value)}
        />
        <SelectField
          label={t('terms.kind')}
          value={kind}
          options={KINDS.map((name) => ({ value: name, label: t(`terms.kind.${name}`) }))}
          onChoose={(name) => setKind(name as Term['kind'])}
        />
        <SelectField
          label={t('terms.outcome')}
          value={outcome}
          options={OUTCOMES.map((name) => ({ value: name, label: t(`terms.outcome.${name}`) }))}
          onChoose={(name) => setOutcome(name as Term['outcome'])}
        />
        <Button type="submit" disabled={pattern.trim() === ''}>
          {t('terms.add')}
        </Button>
      </form>
      {value?.length === 0 && <p className={styles.quiet}>{t('terms.empty')}</p>}
      <ul className={styles.list}>
        {value?.map((term) => (
          <li key={term.id} className={styles.item}>
            <code>{term.kind === 'regex' ? `/${term.pattern}/` : term.pattern}</code>
            <Pill tone={TONES[term.outcome]}>{t(`terms.outcome.${term.outcome}`)}</Pill>
            <IconButton
              label={t('terms.remove', { name: term.pattern })}
              onClick={() => void remove(term)}
            >
              <X size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const TONES = { hold: 'warn', block: 'quiet', allow: 'good' } as const;
