import '@/messages/areas/activity';
import { Button } from '@/components/Button';
import { Panel } from '@/components/Panel';
import { Rows } from '@/components/Rows';
import { Time } from '@/components/Time';
import { useCursorList } from '@/components/use-cursor-list';
import { myActivity } from '@/lib/api/me';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';

/** What happened to the account, newest first: so that a stranger's acts are noticed. */
export function ActivitySection() {
  const t = useT();
  const { items, problem, more, loading, loadMore, reload } = useCursorList(myActivity);
  return (
    <Panel title={t('account.activity.title')} text={t('account.activity.hint')}>
      <Rows items={items} problem={problem} empty={t('account.activity.empty')} onRetry={reload}>
        {(entry) => {
          const key = `activity.${entry.action}`;
          return {
            name: hasMessage(key) ? t(key) : <code>{entry.action}</code>,
            detail: (
              <>
                <Time at={entry.at} look="exact" />
                {entry.address !== null && ` · ${entry.address}`}
              </>
            ),
          };
        }}
      </Rows>
      {more && (
        <div>
          <Button disabled={loading} onClick={loadMore}>
            {t('action.more')}
          </Button>
        </div>
      )}
    </Panel>
  );
}
