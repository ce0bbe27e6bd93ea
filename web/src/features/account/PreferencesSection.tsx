import { Contrast, Monitor, Moon, Sun } from 'lucide-react';
import { Segmented, SelectField, Switch } from '@/components/Fields';
import { Panel } from '@/components/Panel';
import { THEME_CHOICES, useTheme, type ThemeChoice } from '@/components/theme';
import type { Quality } from '@/lib/api/types';
import { LANGUAGES, useI18n } from '@/messages/i18n';
import { SavedNote } from './SavedNote';
import type { SectionProps } from './SettingsPage';
import { useSaved } from './use-saved';

const QUALITIES: readonly Quality[] = ['auto', 'high', 'medium', 'low'];
const ICONS = {
  system: <Monitor size={16} />,
  dark: <Moon size={16} />,
  light: <Sun size={16} />,
  contrast: <Contrast size={16} />,
};

export function PreferencesSection({ me, save }: SectionProps) {
  const { t, setLanguage } = useI18n();
  const { setTheme } = useTheme();
  const preferences = useSaved(
    me.preferences,
    async (values) => (await save({ preferences: values })).preferences,
  );
  const notifications = useSaved(
    me.notifications,
    async (values) => (await save({ notifications: values })).notifications,
  );
  const { values, change } = preferences;
  return (
    <>
      <Panel title={t('account.look')}>
        <Segmented<ThemeChoice>
          label={t('settings.theme')}
          wrap
          value={values.theme}
          options={THEME_CHOICES.map((value) => ({
            value,
            label: t(`account.theme.${value}`),
            icon: ICONS[value],
          }))}
          onChoose={(theme) => {
            setTheme(theme);
            change({ theme });
          }}
        />
        <SelectField
          label={t('settings.language')}
          value={values.language ?? ''}
          options={[
            { value: '', label: t('account.language.browser') },
            ...LANGUAGES.map(({ value, name }) => ({ value, label: name })),
          ]}
          onChoose={(language) => {
            if (language === 'en' || language === 'de') setLanguage(language);
            change({ language: language === '' ? null : language });
          }}
        />
        <SavedNote saved={preferences} />
      </Panel>
      <Panel title={t('account.playback')}>
        <SelectField
          label={t('account.quality')}
          hint={t('account.quality.hint')}
          value={values.quality}
          options={QUALITIES.map((value) => ({ value, label: t(`account.quality.${value}`) }))}
          onChoose={(quality) => change({ quality: quality as Quality })}
        />
        <Switch
          label={t('account.autoplay')}
          hint={t('account.autoplay.hint')}
          checked={values.autoplay}
          onChange={(autoplay) => change({ autoplay })}
        />
        <Switch
          label={t('account.notifyLive')}
          hint={t('account.notifyLive.hint')}
          checked={values.notify_live}
          onChange={(on) => change({ notify_live: on })}
        />
      </Panel>
      <Panel title={t('account.mails')} text={t('account.mails.text')}>
        {(['security', 'live', 'followers', 'news'] as const).map((name) => (
          <Switch
            key={name}
            label={t(`account.mails.${name}`)}
            checked={notifications.values[name]}
            onChange={(on) => notifications.change({ [name]: on })}
          />
        ))}
        <SavedNote saved={notifications} />
      </Panel>
    </>
  );
}
