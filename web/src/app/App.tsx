import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { routes } from '@/config/routes';

const HomePage = lazy(() => import('@/features/home/HomePage'));
const StudioPage = lazy(() => import('@/features/studio/StudioPage'));
const WatchPage = lazy(() => import('@/features/watch/WatchPage'));
const EmbedPage = lazy(() => import('@/features/embed/EmbedPage'));

/** The routes; the only place where features meet. */
export function App() {
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path={routes.home}>
          <HomePage />
        </Route>
        <Route path={routes.studio}>
          <StudioPage />
        </Route>
        <Route path={routes.watch}>{({ stream }) => <WatchPage stream={stream} />}</Route>
        <Route path={routes.embed}>{({ stream }) => <EmbedPage stream={stream} />}</Route>
      </Switch>
    </Suspense>
  );
}
