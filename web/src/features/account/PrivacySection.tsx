import { useState } from 'react';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { RadioList } from '@/components/Choices';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Segmented, Switch } from '@/components/Fields';
import { Panel } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Rows } from '@/components/Rows';
import { Time } from '@/components/Time';
import { asProblem, useLoad } from '@/components/use-load';
import { clearHistory, myBlocks, unblock } from '@/lib/api/me';
import type { ProblemError } from '@/lib/api/problem';
import type { Maturity, Visibility } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import { SavedNote } from './SavedNote';
import type { SectionProps } from './SettingsPage';
import { useSaved } from './use-saved';

const VISIBILITIES: readonly Visibility[] = ['public', 'members', 'private'];
const MATURITIES: readonly Maturity[] = ['everyone', 'teen', 'mature'];

export function PrivacySection({ me, save }: SectionProps) {
  const t = useT();
  const [clearing, setClearing] = useState(false);
  const privacy = useSaved(me.privacy, async (values) => (await save({ privacy: values })).privacy);
  const { values, change } = privacy;
  return (
    <>
      <Panel title={t('account.profile')}>
        <RadioList<Visibility>
          label={t('account.visibility')}
          value={values.profile_visibility}
          options={VISIBILITIES.map((value) => ({
            value,
            label: t(`account.visibility.${value}`),
            hint: t(`account.visibility.${value}.text`),
          }))}
          onChoose={(profile_visibility) => change({ profile_visibility })}
        />
        <SavedNote saved={privacy} />
      </Panel>
      <Panel title={t('account.maturity')} text={t('account.maturity.text')}>
        <Segmented<Maturity>
          label={t('account.maturity')}
          value={values.maturity_limit}
          options={MATURITIES.map((value) => ({ value, label: t(`account.maturity.${value}`) }))}
          onChoose={(maturity_limit) => change({ maturity_limit })}
        />
      </Panel>
      <Panel
        title={t('account.history')}
        aside={<Button onClick={() => setClearing(true)}>{t('account.history.clear')}</Button>}
      >
        <Switch
          label={t('account.history.save')}
          hint={t('account.history.hint')}
          checked={values.save_history}
          onChange={(save_history) => change({ save_history })}
        />
        {clearing && (
          <ConfirmDialog
            title={t('account.history.clear')}
            action={t('account.history.clear')}
            onConfirm={clearHistory}
            onClose={() => setClearing(false)}
          >
            <p>{t('account.history.clear.text')}</p>
          </ConfirmDialog>
        )}
      </Panel>
      <BlockedPanel />
    </>
  );
}

function BlockedPanel() {
  const t = useT();
  const { value, problem, reload, set } = useLoad(myBlocks);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const release = async (id: string) => {
    setFailed(null);
    try {
      await unblock(id);
      set((list) => ({ ...list, items: list.items.filter((person) => person.id !== id) }));
    } catch (error) {
      setFailed(asProblem(error));
    }
  };
  return (
    <Panel title={t('account.blocked')} text={t('account.blocked.text')}>
      {failed !== null && (
        <Note>
          <ProblemText problem={failed} />
        </Note>
      )}
      <Rows
        items={value?.items ?? null}
        problem={problem}
        empty={t('account.blocked.empty')}
        onRetry={reload}
      >
        {(person) => ({
          icon: <Avatar name={person.display_name} url={person.avatar_url} size={36} />,
          name: person.display_name,
          detail: (
            <>
              @{person.handle} · <Time at={person.since} look="date" />
            </>
          ),
          action: (
            <Button
              look="quiet"
              aria-label={t('account.blocked.releaseOne', { name: person.display_name })}
              onClick={() => void release(person.id)}
            >
              {t('account.blocked.release')}
            </Button>
          ),
        })}
      </Rows>
    </Panel>
  );
}
