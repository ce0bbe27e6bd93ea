import { SelectField, TextField } from '@/components/Fields';
import { ACCESS_LEVELS, type Access } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';

/** Who may watch; with `password` also which. */
export function AccessFields({
  access,
  password,
  kept = false,
  error,
  onAccess,
  onPassword,
}: {
  access: Access;
  password: string;
  /** Whether there is a password in force, which an empty field keeps. */
  kept?: boolean;
  error?: string | undefined;
  onAccess(access: Access): void;
  onPassword(password: string): void;
}) {
  const t = useT();
  return (
    <>
      <SelectField
        label={t('studio.field.access')}
        hint={t(`studio.access.${access}`)}
        options={ACCESS_LEVELS.map((level) => ({ value: level, label: t(`access.${level}`) }))}
        value={access}
        onChoose={(level) => onAccess(level as Access)}
      />
      {access === 'password' && (
        <TextField
          label={t('studio.field.password')}
          hint={kept ? t('studio.field.password.kept') : undefined}
          error={error}
          type="password"
          name="password"
          autoComplete="new-password"
          maxLength={256}
          value={password}
          onChange={(event) => onPassword(event.target.value)}
        />
      )}
    </>
  );
}
