import { SlidersHorizontal } from 'lucide-react';
import { Menu } from '@/components/Menu';
import { THEMES, useTheme, type Theme } from '@/components/theme';
import { LANGUAGES, useI18n, type Language } from '@/messages/i18n';
import styles from './Shell.module.css';

/** Appearance and language, kept on this device. */
export function SettingsMenu() {
  const { theme, setTheme } = useTheme();
  const { language, setLanguage, t } = useI18n();
  return (
    <Menu<Theme | Language>
      label={t('nav.settings')}
      trigger={<SlidersHorizontal size={18} />}
      triggerClass={styles.settings}
      groups={[
        {
          title: t('settings.theme'),
          value: theme,
          choices: THEMES.map((value) => ({ value, label: t(`theme.${value}`) })),
        },
        {
          title: t('settings.language'),
          value: language,
          choices: LANGUAGES.map(({ value, name }) => ({ value, label: name })),
        },
      ]}
      onChoose={(choice) => {
        if (isTheme(choice)) setTheme(choice);
        else setLanguage(choice);
      }}
    />
  );
}

function isTheme(choice: Theme | Language): choice is Theme {
  return (THEMES as readonly string[]).includes(choice);
}
