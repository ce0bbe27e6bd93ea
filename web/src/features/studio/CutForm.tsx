import { Button } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { durationText } from '@/components/units';
import { useForm, type FormErrors } from '@/components/use-form';
import { timeOfText } from '@/lib/recordings/clip';
import type { Recording, RecordingEdit } from '@/lib/recordings/types';
import { useT, type Translate } from '@/messages/i18n';
import styles from './RecordingEditor.module.css';

interface Values {
  start: string;
  end: string;
}

/** Cuts off the ends of a recording, and takes that back. */
export function CutForm({
  recording,
  positionOf,
  onSave,
}: {
  recording: Recording;
  /** Where the picture is, in milliseconds of the whole recording. */
  positionOf(): number;
  onSave(change: RecordingEdit): Promise<Recording>;
}) {
  const t = useT();
  const { full_duration_ms: full, trim_start_ms: start, trim_end_ms: end } = recording;
  const form = useForm<Values>({
    initial: { start: durationText(start ?? 0), end: durationText(end ?? full) },
    aliases: { trim_start_ms: 'start', trim_end_ms: 'end' },
    check: (values) => wrong(values, full, t),
    submit: (values) => onSave(cutOf(values, full)),
  });
  const { values, set, field } = form;
  const left = (timeOfText(values.end) ?? 0) - (timeOfText(values.start) ?? 0);
  const here = () => durationText(positionOf());
  return (
    <Form form={form} label={t('recordings.cut')}>
      <div className={styles.ends}>
        <div className={styles.end}>
          <TextField label={t('recordings.cut.start')} inputMode="numeric" {...field('start')} />
          <Button onClick={() => set('start', here())}>{t('recordings.cut.here')}</Button>
        </div>
        <div className={styles.end}>
          <TextField label={t('recordings.cut.end')} inputMode="numeric" {...field('end')} />
          <Button onClick={() => set('end', here())}>{t('recordings.cut.here')}</Button>
        </div>
      </div>
      {left > 0 && (
        <p className={styles.left}>{t('recordings.cut.left', { time: durationText(left) })}</p>
      )}
      <FormActions form={form} label={t('studio.save')} idle>
        {(start !== null || end !== null) && (
          <Button
            look="quiet"
            onClick={() => void onSave({ trim_start_ms: null, trim_end_ms: null })}
          >
            {t('recordings.cut.none')}
          </Button>
        )}
      </FormActions>
    </Form>
  );
}

function wrong(values: Values, full: number, t: Translate): FormErrors<Values> {
  const errors: FormErrors<Values> = {};
  const start = timeOfText(values.start);
  const end = timeOfText(values.end);
  if (start === null) errors.start = t('recordings.time.wrong');
  if (end === null) errors.end = t('recordings.time.wrong');
  if (start === null || end === null) return errors;
  // The clock on the screen is cut down to the second.
  if (end > full + 999) errors.end = t('recordings.time.beyond', { time: durationText(full) });
  else if (end <= start) errors.end = t('recordings.cut.order');
  return errors;
}

/** What is not cut off is null: then it follows the recording, whatever becomes of it. */
function cutOf(values: Values, full: number): RecordingEdit {
  const start = timeOfText(values.start) ?? 0;
  const end = timeOfText(values.end) ?? full;
  return {
    trim_start_ms: start === 0 ? null : start,
    trim_end_ms: end >= Math.floor(full / 1000) * 1000 ? null : end,
  };
}
