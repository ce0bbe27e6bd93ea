import { CardGrid } from '@/components/CardGrid';
import { Section } from '@/components/Section';
import { useLoad } from '@/components/use-load';
import { scheduledStreams } from '@/lib/streams/catalogue';
import { useT } from '@/messages/i18n';

/** What begins next; nothing where nothing is scheduled. */
export function Soon() {
  const t = useT();
  const { value } = useLoad(scheduledStreams);
  if (value === null || value.items.length === 0) return null;
  return (
    <Section title={t('home.soon')}>
      <CardGrid streams={value.items} />
    </Section>
  );
}
