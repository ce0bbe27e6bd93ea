import type { ReactNode } from 'react';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';
import { ButtonLink } from './Button';
import { EmptyState } from './EmptyState';

/** A page whose matter is gone or never was, with the way home. */
export function NothingHere({
  icon,
  title,
  text,
}: {
  icon: ReactNode;
  title: string;
  text: string;
}) {
  const t = useT();
  return (
    <EmptyState
      level={1}
      icon={icon}
      title={title}
      text={text}
      action={
        <ButtonLink look="primary" href={paths.home()}>
          {t('notFound.action')}
        </ButtonLink>
      }
    />
  );
}
