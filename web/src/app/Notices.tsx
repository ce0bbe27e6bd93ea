import { CloudOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '@/messages/i18n';
import styles from './Shell.module.css';

/** What concerns every page: that there is no network. */
export function Notices() {
  const t = useT();
  const offline = useOffline();
  return (
    <div className={styles.notices} role="status">
      {offline && (
        <div className={styles.notice}>
          <CloudOff size={18} aria-hidden="true" />
          <p>{t('app.offline')}</p>
        </div>
      )}
    </div>
  );
}

function useOffline(): boolean {
  const [offline, setOffline] = useState(() => !navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, []);
  return offline;
}
