import { ButtonLink } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { Logo } from '@/components/Logo';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';

export function NotFound() {
  const t = useT();
  return (
    <EmptyState
      level={1}
      icon={<Logo />}
      title={t('notFound.title')}
      text={t('notFound.text')}
      action={
        <ButtonLink look="primary" href={paths.home()}>
          {t('notFound.action')}
        </ButtonLink>
      }
    />
  );
}
