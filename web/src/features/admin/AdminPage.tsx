import '@/messages/areas/activity';
import '@/messages/areas/admin';
import '@/messages/areas/reports';
import {
  Clapperboard,
  Flag,
  FolderTree,
  Gauge,
  Mail,
  Radio,
  ScrollText,
  Settings,
  Stethoscope,
  Users,
} from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useRoute } from 'wouter';
import { AccessDenied } from '@/components/Guard';
import { useMe } from '@/components/session';
import { SideLayout } from '@/components/SideLayout';
import { Skeleton } from '@/components/Skeleton';
import { paths, routes } from '@/config/routes';
import { useT } from '@/messages/i18n';

const SECTIONS = [
  {
    name: 'overview',
    Icon: Gauge,
    needs: 'read_settings',
    Page: lazy(() => import('./OverviewPage')),
  },
  { name: 'users', Icon: Users, needs: 'read_accounts', Page: lazy(() => import('./UsersPage')) },
  {
    name: 'streams',
    Icon: Radio,
    needs: 'read_all_streams',
    Page: lazy(() => import('./StreamsPage')),
  },
  {
    name: 'recordings',
    Icon: Clapperboard,
    needs: 'read_all_streams',
    Page: lazy(() => import('./RecordingsPage')),
  },
  {
    name: 'reports',
    Icon: Flag,
    needs: 'read_reports',
    Page: lazy(() => import('./ReportsPage')),
  },
  {
    name: 'categories',
    Icon: FolderTree,
    needs: 'write_categories',
    Page: lazy(() => import('./CategoriesPage')),
  },
  { name: 'audit', Icon: ScrollText, needs: 'read_audit', Page: lazy(() => import('./AuditPage')) },
  { name: 'mails', Icon: Mail, needs: 'read_mails', Page: lazy(() => import('./MailsPage')) },
  {
    name: 'settings',
    Icon: Settings,
    needs: 'write_settings',
    Page: lazy(() => import('./SettingsPage')),
  },
  {
    name: 'diagnostics',
    Icon: Stethoscope,
    needs: 'read_diagnostics',
    Page: lazy(() => import('./DiagnosticsPage')),
  },
] as const;

const UserPage = lazy(() => import('./UserPage'));

/** The rooms of those who run the server. Moderators see those that their permissions open. */
export default function AdminPage() {
  const t = useT();
  const me = useMe();
  const [, parameters] = useRoute(routes.admin);
  const [section = '', id] = (parameters?.['*'] ?? '').split('/');
  const open = SECTIONS.filter(({ needs }) => me?.permissions.includes(needs));
  const chosen = section === '' ? open[0] : open.find(({ name }) => name === section);
  return (
    <SideLayout
      wide
      title={t('admin.title')}
      items={open.map(({ name, Icon }, index) => ({
        href: index === 0 ? paths.admin() : paths.admin(name),
        label: t(`admin.${name}`),
        icon: <Icon size={18} aria-hidden="true" />,
      }))}
    >
      <Suspense fallback={<Skeleton height="320px" />}>
        {chosen === undefined ? (
          <AccessDenied />
        ) : chosen.name === 'users' && id !== undefined && id !== '' ? (
          <UserPage key={id} id={id} />
        ) : (
          <chosen.Page key={chosen.name} />
        )}
      </Suspense>
    </SideLayout>
  );
}
