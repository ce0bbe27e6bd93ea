import { useEffect, useState } from 'react';
import { RadioList } from '@/components/Choices';
import { Segmented, SelectField, Switch, TextArea } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Panel } from '@/components/Panel';
import { useForm } from '@/components/use-form';
import { MOST_CHAT_RULES } from '@/config/limits';
import type { ChatMode } from '@/lib/api/generated/ChatMode';
import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import type { FilterLevel } from '@/lib/api/generated/FilterLevel';
import type { LinkPolicy } from '@/lib/api/generated/LinkPolicy';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';

const SLOW = [0, 3, 5, 10, 30, 60, 120, 300];
const FOLLOWERS = [0, 10, 60, 1440, 10_080];
const LEVELS: readonly FilterLevel[] = ['off', 'low', 'medium', 'high'];
const LINKS: readonly LinkPolicy[] = ['allow', 'hold', 'block'];
const OFF = 'off';

/** What is asked of those who write in the chat of a stream, and how strictly it is filtered. */
export function RulesForm({
  settings,
  onSave,
}: {
  settings: ChatSettings;
  onSave(change: Partial<ChatSettings>): Promise<ChatSettings>;
}) {
  const t = useT();
  const [base, setBase] = useState(settings);
  const form = useForm<ChatSettings>({
    initial: settings,
    submit: async (values) => setBase(await onSave(changed(base, values))),
  });
  const { values, set, reset } = form;
  // What moderators change by commands meanwhile is taken over, unless something is being edited here.
  useEffect(() => {
    if (form.dirty) return;
    setBase(settings);
    reset(settings);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settings]);
  const mode = (name: ChatMode) => ({
    label: t(`rules.${name}`),
    hint: t(`rules.${name}.text`),
    checked: values.modes.includes(name),
    onChange: (on: boolean) =>
      set('modes', on ? [...values.modes, name] : values.modes.filter((one) => one !== name)),
  });
  const followers = values.followers_minutes;
  const minutes = [...new Set([...FOLLOWERS, ...(followers === null ? [] : [followers])])];
  const seconds = [...new Set([...SLOW, values.slow_seconds])].sort((one, two) => one - two);
  const followersText = (value: number) => {
    const key = `rules.followers.${value}`;
    return hasMessage(key) ? t(key) : t('rules.followers.other', { minutes: value });
  };

  return (
    <Form form={form} label={t('moderation.settings')}>
      <Panel title={t('rules.who')}>
        <Switch
          label={t('rules.enabled')}
          hint={t('rules.enabled.text')}
          checked={values.enabled}
          onChange={(on) => set('enabled', on)}
        />
        <Switch
          label={t('rules.anonymous')}
          hint={t('rules.anonymous.text')}
          checked={values.anonymous_may_write}
          onChange={(on) => set('anonymous_may_write', on)}
        />
        <Switch {...mode('members_only')} />
        <Switch {...mode('subscribers_only')} />
        <SelectField
          label={t('rules.followers')}
          value={followers === null ? OFF : String(followers)}
          options={[
            { value: OFF, label: t('rules.followers.off') },
            ...minutes.map((value) => ({ value: String(value), label: followersText(value) })),
          ]}
          onChoose={(value) => set('followers_minutes', value === OFF ? null : Number(value))}
        />
      </Panel>
      <Panel title={t('rules.how')}>
        <SelectField
          label={t('rules.slow')}
          value={String(values.slow_seconds)}
          options={seconds.map((value) => ({
            value: String(value),
            label: value === 0 ? t('rules.slow.off') : t('rules.slow.seconds', { seconds: value }),
          }))}
          onChoose={(value) => set('slow_seconds', Number(value))}
        />
        <Switch {...mode('emote_only')} />
        <Switch {...mode('unique')} />
        <Switch {...mode('shield')} />
        <TextArea
          label={t('rules.rules')}
          hint={t('rules.rules.text')}
          rows={3}
          maxLength={MOST_CHAT_RULES}
          dir="auto"
          {...form.field('rules')}
        />
      </Panel>
      <Panel title={t('rules.filter')} text={t('rules.filter.text')}>
        <RadioList<FilterLevel>
          label={t('rules.filter')}
          value={values.filter}
          options={LEVELS.map((value) => ({
            value,
            label: t(`rules.filter.${value}`),
            hint: t(`rules.filter.${value}.text`),
          }))}
          onChoose={(filter) => set('filter', filter)}
        />
        <div>
          <p aria-hidden="true">{t('rules.links')}</p>
          <Segmented<LinkPolicy>
            label={t('rules.links')}
            value={values.links}
            options={LINKS.map((value) => ({ value, label: t(`rules.links.${value}`) }))}
            onChoose={(links) => set('links', links)}
          />
        </div>
      </Panel>
      <FormActions form={form} label={t('rules.save')} idle />
    </Form>
  );
}

/** Only what was changed here: what moderators change by commands meanwhile stays theirs. */
function changed(base: ChatSettings, values: ChatSettings): Partial<ChatSettings> {
  const names = Object.keys(values) as (keyof ChatSettings)[];
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(values[name]) !== JSON.stringify(base[name]))
      .map((name) => [name, values[name]]),
  );
}
