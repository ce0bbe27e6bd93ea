import { Logo } from '@/components/Logo';
import { NothingHere } from '@/components/NothingHere';
import { useT } from '@/messages/i18n';

export function NotFound() {
  const t = useT();
  return <NothingHere icon={<Logo />} title={t('notFound.title')} text={t('notFound.text')} />;
}
