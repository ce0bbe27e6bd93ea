import '@/messages/areas/account';
import {
  Activity,
  CircleUserRound,
  EyeOff,
  KeyRound,
  ShieldCheck,
  SlidersHorizontal,
  Terminal,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useRoute } from 'wouter';
import { Button } from '@/components/Button';
import { ConflictDialog } from '@/components/ConflictDialog';
import { PageHead } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { SideLayout } from '@/components/SideLayout';
import { Skeleton } from '@/components/Skeleton';
import { usePage } from '@/components/use-page';
import { useRecord } from '@/components/use-record';
import { paths, routes } from '@/config/routes';
import { readMe, updateMe } from '@/lib/api/me';
import type { Me, UpdateMe } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import { AccountSection } from './AccountSection';
import { ActivitySection } from './ActivitySection';
import { ApiKeysSection } from './ApiKeysSection';
import { PreferencesSection } from './PreferencesSection';
import { PrivacySection } from './PrivacySection';
import { ProfileSection } from './ProfileSection';
import { SecuritySection } from './SecuritySection';
import { TermsNotice } from './TermsNotice';

export interface SectionProps {
  me: Me;
  save(change: UpdateMe): Promise<Me>;
}

const SECTIONS = [
  { name: 'profile', Icon: CircleUserRound, Section: ProfileSection },
  { name: 'account', Icon: KeyRound, Section: AccountSection },
  { name: 'security', Icon: ShieldCheck, Section: SecuritySection },
  { name: 'api-keys', Icon: Terminal, Section: ApiKeysSection },
  { name: 'preferences', Icon: SlidersHorizontal, Section: PreferencesSection },
  { name: 'privacy', Icon: EyeOff, Section: PrivacySection },
  { name: 'activity', Icon: Activity, Section: ActivitySection },
] as const;

type SectionName = (typeof SECTIONS)[number]['name'];

/** Everything about the own account, one section a page. */
export default function SettingsPage() {
  const t = useT();
  const [, parameters] = useRoute(routes.settings);
  const asked = parameters?.['*'] ?? '';
  const chosen = SECTIONS.find(({ name }) => name === asked) ?? SECTIONS[0];
  return (
    <SideLayout
      title={t('account.title')}
      items={SECTIONS.map(({ name, Icon }) => ({
        href: name === 'profile' ? paths.settings() : paths.settings(name),
        label: t(`account.${name}`),
        icon: <Icon size={18} aria-hidden="true" />,
      }))}
    >
      <Page key={chosen.name} name={chosen.name}>
        {(props) => <chosen.Section {...props} />}
      </Page>
    </SideLayout>
  );
}

/** Words of the members that two people could change at once. */
const MEMBERS = {
  display_name: 'account.name',
  handle: 'account.handle',
  bio: 'account.bio',
  links: 'account.links',
  preferences: 'account.preferences',
  privacy: 'account.privacy',
  notifications: 'account.notifications',
} as const;

function Page({ name, children }: { name: SectionName; children(props: SectionProps): ReactNode }) {
  const t = useT();
  const title = t(`account.${name}`);
  usePage(title);
  const { value: me, problem, save, conflict, reload } = useRecord<Me, UpdateMe>(readMe, updateMe);
  const labels = Object.fromEntries(
    Object.entries(MEMBERS).map(([member, key]) => [member, t(key)]),
  );
  return (
    <>
      <PageHead title={title} text={t(`account.${name}.text`)} />
      {problem !== null && (
        <Note
          action={
            <Button look="quiet" onClick={reload}>
              {t('action.retry')}
            </Button>
          }
        >
          <ProblemText problem={problem} />
        </Note>
      )}
      {me?.must_accept_terms && <TermsNotice terms={me.must_accept_terms} onAccepted={reload} />}
      {me === null
        ? problem === null && (
            <div role="status" aria-label={t('app.loading')}>
              <Skeleton height="320px" />
            </div>
          )
        : children({ me, save })}
      <ConflictDialog conflict={conflict} labels={labels} />
    </>
  );
}
