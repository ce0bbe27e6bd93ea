import { Share2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { Checkbox } from '@/components/Choices';
import { CopyLine } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { durationText } from '@/components/units';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';
import { frameCode } from './frame-code';

/** The address of a recording and the code to embed it, perhaps from the moment that is shown. */
export function ShareRecording({
  id,
  title,
  positionOf,
}: {
  id: string;
  title: string;
  positionOf(): number;
}) {
  const t = useT();
  /** In milliseconds, when the dialog was opened. */
  const [at, setAt] = useState<number | null>(null);
  const [there, setThere] = useState(false);
  const page = location.origin + paths.recording(id);
  const frame = location.origin + paths.embedRecording(id);
  const from = there ? `?t=${Math.floor((at ?? 0) / 1000)}` : '';
  return (
    <>
      <Button icon={<Share2 size={16} />} onClick={() => setAt(positionOf())}>
        {t('watch.share')}
      </Button>
      <Dialog title={t('watch.share')} open={at !== null} onClose={() => setAt(null)}>
        <CopyLine label={t('watch.share.link')} value={page + from} />
        <CopyLine label={t('watch.share.embed')} value={frameCode(frame + from, title)} />
        <Checkbox
          label={t('recording.share.at', { time: durationText(at ?? 0) })}
          checked={there}
          onChange={setThere}
        />
      </Dialog>
    </>
  );
}
