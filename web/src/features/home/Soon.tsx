import { CardGrid } from '@/components/CardGrid';
import { Section } from '@/components/Section';
import { useLoad } from '@/components/use-load';
import { scheduledStreams } from '@/lib/streams/catalogue';
import { useT } from '@/messages/i18n';

const MOST = 8;

/** What begins next; nothing where nothing is scheduled. */
export function Soon() {
  const t = useT();
  const { value } = useLoad(scheduledStreams);
  if (value === null || value.length === 0) return null;
  return (
    <Section title={t('home.soon')}>
      <CardGrid streams={value.slice(0, MOST)} />
    </Section>
  );
}
