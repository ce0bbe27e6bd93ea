import { Button } from '@/components/Button';
import { CopyLine } from '@/components/Copy';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { useForm } from '@/components/use-form';
import { useLoad } from '@/components/use-load';
import { confirmTotp, newTotp } from '@/lib/api/me';
import { useT } from '@/messages/i18n';
import { QrCode } from './QrCode';
import styles from './TotpSetup.module.css';

/** Scan, enter a code, done. The secret can be typed where there is no camera. */
export function TotpSetup({
  onCancel,
  onDone,
}: {
  onCancel(): void;
  onDone(codes: string[]): void;
}) {
  const t = useT();
  const { value, problem } = useLoad(newTotp);
  const form = useForm({
    initial: { code: '' },
    check: ({ code }) => ({
      ...(!/^\d{6}$/.test(code.replaceAll(/\s/g, '')) && { code: t('account.totp.sixDigits') }),
    }),
    submit: async ({ code }) => onDone(await confirmTotp(code.replaceAll(/\s/g, ''))),
  });
  if (problem !== null) {
    return (
      <Note>
        <ProblemText problem={problem} />
      </Note>
    );
  }
  return (
    <div className={styles.setup}>
      <div className={styles.qr}>
        {value === null ? (
          <Skeleton height="100%" />
        ) : (
          <QrCode text={value.otpauth_url} label={t('account.totp.qr')} />
        )}
      </div>
      <div className={styles.steps}>
        <p>{t('account.totp.scan')}</p>
        {value === null ? (
          <Skeleton height="66px" />
        ) : (
          <CopyLine label={t('account.totp.secret')} value={value.secret} />
        )}
        <Form form={form} label={t('account.totp.setup')}>
          <TextField
            {...form.field('code')}
            label={t('account.totp.code')}
            hint={t('account.totp.code.hint')}
            mono
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
          />
          <FormActions form={form} label={t('account.totp.confirm')}>
            <Button look="quiet" onClick={onCancel}>
              {t('action.cancel')}
            </Button>
          </FormActions>
        </Form>
      </div>
    </div>
  );
}
