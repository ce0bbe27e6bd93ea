import { Share2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { Checkbox } from '@/components/Choices';
import { CopyLine } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { durationText } from '@/components/units';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';

/** The address of a recording, perhaps from the moment that is shown. */
export function ShareRecording({ id, positionOf }: { id: string; positionOf(): number }) {
  const t = useT();
  /** In milliseconds, when the dialog was opened. */
  const [at, setAt] = useState<number | null>(null);
  const [there, setThere] = useState(false);
  const page = location.origin + paths.recording(id);
  const seconds = Math.floor((at ?? 0) / 1000);
  return (
    <>
      <Button icon={<Share2 size={16} />} onClick={() => setAt(positionOf())}>
        {t('watch.share')}
      </Button>
      <Dialog title={t('watch.share')} open={at !== null} onClose={() => setAt(null)}>
        <CopyLine label={t('watch.share.link')} value={there ? `${page}?t=${seconds}` : page} />
        <Checkbox
          label={t('recording.share.at', { time: durationText(at ?? 0) })}
          checked={there}
          onChange={setThere}
        />
      </Dialog>
    </>
  );
}
