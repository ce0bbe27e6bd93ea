import { Component, type ReactNode } from 'react';
import { Button } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { useT } from '@/messages/i18n';

/** Shows a page that failed as a sentence and a button, not as an empty screen. */
export class Crash extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <CrashNote /> : this.props.children;
  }
}

function CrashNote() {
  const t = useT();
  return (
    <EmptyState
      level={1}
      title={t('crash.title')}
      text={t('crash.text')}
      action={
        <Button look="primary" onClick={() => location.reload()}>
          {t('crash.action')}
        </Button>
      }
    />
  );
}
