import { ShieldX } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { paths } from '@/config/routes';
import type { Permission } from '@/lib/api/types';
import { session } from '@/lib/auth/session';
import { useT } from '@/messages/i18n';
import { Button, ButtonLink } from './Button';
import { EmptyState } from './EmptyState';
import { Note, ProblemText } from './ProblemNote';
import { useSession } from './session';
import { usePage } from './use-page';

/** A page for those who are signed in, and may do `permission`. Others come back after signing in. */
export function Guard({
  permission,
  waiting = null,
  children,
}: {
  permission?: Permission;
  /** The shape of the page, until it is known who asks. */
  waiting?: ReactNode;
  children: ReactNode;
}) {
  const t = useT();
  const { status, me, problem } = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (status === 'unknown') {
    if (problem === null) return waiting;
    return (
      <Note title={t('encoder.unreachable')}>
        <ProblemText problem={problem} />
      </Note>
    );
  }
  if (me === null) {
    return <Redirect to={paths.signIn(search === '' ? path : `${path}?${search}`)} replace />;
  }
  if (permission !== undefined && !me.permissions.includes(permission)) return <AccessDenied />;
  // Another account in the same tab starts with pages of its own.
  return <Fragment key={me.id}>{children}</Fragment>;
}

/** Says that this account may not, without hinting at what is behind the door. */
export function AccessDenied() {
  const t = useT();
  const { me } = useSession();
  usePage(t('denied.title'));
  return (
    <EmptyState
      level={1}
      icon={<ShieldX size={24} />}
      title={t('denied.title')}
      text={t('denied.text', { name: me?.display_name ?? '' })}
      action={
        <>
          <ButtonLink look="primary" href={paths.home()}>
            {t('notFound.action')}
          </ButtonLink>
          <Button look="quiet" onClick={() => void session.signOut()}>
            {t('denied.other')}
          </Button>
        </>
      }
    />
  );
}
