import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { Button } from '@/components/Button';
import { PageHead, Panel } from '@/components/Panel';
import { Rows } from '@/components/Rows';
import { Time } from '@/components/Time';
import { useLoad } from '@/components/use-load';
import { usePage } from '@/components/use-page';
import { diagnostics, examineHost } from '@/lib/api/admin';
import { useT } from '@/messages/i18n';
import { HostPanel } from './HostPanel';
import styles from './DiagnosticsPage.module.css';

const ICONS = { ok: CircleCheck, warning: TriangleAlert, failed: CircleX };

/** A browser whose clock is further off than this sees tokens expire at odd times. */
const CLOCK_TOLERANCE_MS = 30_000;

export default function DiagnosticsPage() {
  const t = useT();
  usePage(t('admin.diagnostics'));
  const { value, problem, loading, reload } = useLoad(diagnostics);
  const host = useLoad(examineHost);
  const again = () => {
    reload();
    host.reload();
  };
  const skew = value === null ? 0 : Math.abs(Date.now() - value.now);
  return (
    <>
      <PageHead
        title={t('admin.diagnostics')}
        text={
          value === null ? undefined : (
            <>
              {t('admin.diagnostics.version', { version: value.version })},{' '}
              {t('admin.diagnostics.started')} <Time at={value.started_at} />
            </>
          )
        }
        actions={
          <Button disabled={loading || host.loading} onClick={again}>
            {t('admin.diagnostics.again')}
          </Button>
        }
      />
      <Panel title={t('admin.diagnostics.checks')}>
        <Rows
          items={
            value && [
              ...value.checks.map((check) => ({ ...check, id: check.name })),
              {
                id: 'clock',
                name: t('admin.diagnostics.clock'),
                state: skew < CLOCK_TOLERANCE_MS ? ('ok' as const) : ('warning' as const),
                detail: t('admin.diagnostics.clock.text', { seconds: Math.round(skew / 1000) }),
              },
            ]
          }
          problem={problem}
          empty=""
          onRetry={reload}
        >
          {(check) => {
            const Icon = ICONS[check.state];
            return {
              icon: (
                <Icon
                  size={20}
                  className={styles[check.state]}
                  role="img"
                  aria-label={t(`admin.check.${check.state}`)}
                />
              ),
              name: check.name,
              detail: check.detail,
            };
          }}
        </Rows>
      </Panel>
      <HostPanel found={host} />
    </>
  );
}
