import '@/messages/areas/reports';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '@/config/routes';
import { report, type NewReport, type ReportType } from '@/lib/api/reports';
import { useT } from '@/messages/i18n';
import { Button, ButtonLink } from './Button';
import { RadioList } from './Choices';
import { ConfirmDialog } from './ConfirmDialog';
import { Dialog } from './Dialog';
import { Excerpt } from './Excerpt';
import { TextArea } from './Fields';
import { useMe } from './session';

const TYPES: readonly ReportType[] = ['inappropriate', 'spam', 'copyright'];
const MOST_TEXT = 2000;

/** What is reported; the words of the dialog follow from it. */
export type Reported = Pick<NewReport, 'target' | 'stream_id' | 'message_id' | 'account_id'> & {
  name: string;
  excerpt?: string;
};

/** Tells those who keep order what is wrong with a stream, a message or somebody. */
export default function ReportDialog({ about, onClose }: { about: Reported; onClose(): void }) {
  const t = useT();
  const me = useMe();
  const [path] = useLocation();
  const [type, setType] = useState<ReportType>('inappropriate');
  const [text, setText] = useState('');
  const [sent, setSent] = useState(false);
  const { name, excerpt, ...what } = about;
  const title = t(`report.${about.target}`, { name });
  if (me === null)
    return (
      <Dialog open title={title} onClose={onClose}>
        <p>{t('report.signIn')}</p>
        <ButtonLink look="primary" href={paths.signIn(path)}>
          {t('nav.signIn')}
        </ButtonLink>
      </Dialog>
    );
  if (sent)
    return (
      <Dialog
        open
        title={t('report.sent.title')}
        onClose={onClose}
        actions={
          <Button look="primary" onClick={onClose}>
            {t('action.close')}
          </Button>
        }
      >
        <p role="status">{t('report.sent.text')}</p>
      </Dialog>
    );
  return (
    <ConfirmDialog
      title={title}
      action={t('report.send')}
      danger={false}
      onConfirm={async () => {
        await report({ ...what, report_type: type, description: text.trim() });
        setSent(true);
        // Stays open to say so.
        return false;
      }}
      onClose={onClose}
    >
      {excerpt !== undefined && <Excerpt>{excerpt}</Excerpt>}
      <RadioList<ReportType>
        label={t('report.type')}
        value={type}
        options={TYPES.map((value) => ({
          value,
          label: t(`report.${value}`),
          hint: t(`report.${value}.text`),
        }))}
        onChoose={setType}
      />
      <TextArea
        label={t('report.description')}
        hint={t('report.description.hint')}
        rows={3}
        maxLength={MOST_TEXT}
        dir="auto"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
    </ConfirmDialog>
  );
}
