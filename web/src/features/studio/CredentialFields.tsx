import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { useT } from '@/messages/i18n';
import { validStreamName, type Credentials } from './credentials';

/** `strict` shows what is missing; before the first attempt an empty field is no error. */
export function CredentialFields({
  credentials,
  strict,
}: {
  credentials: Credentials;
  strict: boolean;
}) {
  const t = useT();
  const [shown, setShown] = useState(false);
  const { stream, key } = credentials;
  const badName = (strict || stream !== '') && !validStreamName(stream);
  return (
    <>
      <TextField
        label={t('studio.stream')}
        hint={t('studio.stream.hint')}
        error={badName ? t('studio.stream.invalid') : undefined}
        value={stream}
        maxLength={64}
        onChange={(event) => credentials.setStream(event.target.value)}
      />
      <TextField
        label={t('studio.key')}
        hint={credentials.demo ? t('studio.demo') : t('studio.key.hint')}
        error={strict && key === '' ? t('studio.key.missing') : undefined}
        mono
        type={shown ? 'text' : 'password'}
        value={key}
        onChange={(event) => credentials.setKey(event.target.value.trim())}
        action={
          <IconButton
            label={`${shown ? t('action.hide') : t('action.show')}: ${t('studio.key')}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff size={18} /> : <Eye size={18} />}
          </IconButton>
        }
      />
    </>
  );
}
