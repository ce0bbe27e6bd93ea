import { Share2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import { CopyLine } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';

/** The address of the page and the code to embed the player. */
export function ShareButton({ stream, title }: { stream: string; title: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const page = location.origin + paths.watch(stream);
  const frame = location.origin + paths.embed(stream);
  const code = `<iframe src="${frame}" title="${title.replaceAll('"', '&quot;')}" width="640" height="360" allow="autoplay; fullscreen; picture-in-picture" style="border:0"></iframe>`;
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
