import { Share2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { CopyLine } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';
import { frameCode } from './frame-code';

/** The address of the page and the code to embed the player. */
export function ShareButton({ stream, title }: { stream: string; title: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const page = location.origin + paths.watch(stream);
  const code = frameCode(location.origin + paths.embed(stream), title);
  return (
    <>
      <Button icon={<Share2 size={16} />} onClick={() => setOpen(true)}>
        {t('watch.share')}
      </Button>
      <Dialog title={t('watch.share')} open={open} onClose={() => setOpen(false)}>
        <CopyLine label={t('watch.share.link')} value={page} />
        <CopyLine label={t('watch.share.embed')} value={code} />
      </Dialog>
    </>
  );
}
