import { Check, Eye, EyeOff } from 'lucide-react';
import { useState, type ComponentProps } from 'react';
import type { PasswordPolicy } from '@/lib/api/types';
import { demandsOf, strengthOf } from '@/lib/auth/password';
import { useT } from '@/messages/i18n';
import { IconButton } from './Button';
import { TextField } from './Fields';
import styles from './PasswordField.module.css';

/** A password that can be looked at; with a policy, what it lacks is said while it is typed. */
export function PasswordField({
  policy,
  ...rest
}: ComponentProps<typeof TextField> & {
  value: string;
  autoComplete: 'current-password' | 'new-password';
  policy?: PasswordPolicy | undefined;
}) {
  const t = useT();
  const [shown, setShown] = useState(false);
  return (
    <div className={styles.password}>
      <TextField
        {...rest}
        type={shown ? 'text' : 'password'}
        inside
        action={
          <IconButton
            label={`${shown ? t('action.hide') : t('action.show')}: ${rest.label}`}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff size={18} /> : <Eye size={18} />}
          </IconButton>
        }
      />
      {policy !== undefined && <Meter password={rest.value} policy={policy} />}
    </div>
  );
}

function Meter({ password, policy }: { password: string; policy: PasswordPolicy }) {
  const t = useT();
  const strength = strengthOf(password);
  const demands = demandsOf(password, policy);
  return (
    <div className={styles.meter}>
      <div className={styles.bars} data-strength={strength} aria-hidden="true">
        <span />
        <span />
        <span />
        <span />
      </div>
      <ul className={styles.demands}>
        {demands.map(({ demand, met }) => (
          <li key={demand} data-met={met}>
            <Check size={14} aria-hidden="true" />
            <span>{t(`password.${demand}`, { count: policy.min_length })}</span>
            <span className="visually-hidden">
              {met ? t('password.met') : t('password.missing')}
            </span>
          </li>
        ))}
      </ul>
      <p className="visually-hidden" role="status">
        {strength === 0 ? '' : t(`password.strength.${strength}`)}
      </p>
    </div>
  );
}
