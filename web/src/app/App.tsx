import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Guard } from '@/components/Guard';
import { ThemeProvider } from '@/components/theme';
import { routes } from '@/config/routes';
import { AccountMenu } from '@/features/account/AccountMenu';
import { I18nProvider } from '@/messages/i18n';
import { accountPages } from './account-pages';
import { Crash } from './Crash';
import { Entrance } from './Entrance';
import { NotFound } from './NotFound';
import { SecondFactor } from './SecondFactor';
import { Shell } from './Shell';

const HomePage = lazy(() => import('@/features/home/HomePage'));
const SearchPage = lazy(() => import('@/features/home/SearchPage'));
const CategoryPage = lazy(() => import('@/features/home/CategoryPage'));
const ChannelPage = lazy(() => import('@/features/channel/ChannelPage'));
const LibraryPage = lazy(() => import('@/features/library/LibraryPage'));
const StudioPage = lazy(() => import('@/features/studio/StudioPage'));
const StreamPage = lazy(() => import('@/features/studio/StreamPage'));
const WatchPage = lazy(() => import('@/features/watch/WatchPage'));
const RecordingPage = lazy(() => import('@/features/watch/RecordingPage'));
const ChatReplay = lazy(() => import('@/features/chat/ChatReplay'));
const ChatColumn = lazy(() => import('@/features/chat/ChatColumn'));
const LiveChat = lazy(() => import('@/features/chat/LiveChat'));
const ModPage = lazy(() => import('@/features/chat/ModPage'));
const StudioChat = lazy(() => import('@/features/chat/StudioChat'));
const PopoutPage = lazy(() => import('@/features/chat/PopoutPage'));
const EmbedPage = lazy(() => import('@/features/embed/EmbedPage'));
const EmbedRecordingPage = lazy(() => import('@/features/embed/EmbedRecordingPage'));

/** Providers and routes; the only place where features meet. */
export function App() {
  return (
    <ThemeProvider>
      <I18nProvider>
        <Crash>
          <Suspense fallback={null}>
            <Switch>
              <Route path={routes.embedRecording}>
                {({ recording }) => <EmbedRecordingPage key={recording} recording={recording} />}
              </Route>
              <Route path={routes.embed}>{({ stream }) => <EmbedPage stream={stream} />}</Route>
              <Route path={routes.chat}>
                {({ stream }) => (
                  <Entrance>
                    <PopoutPage key={stream} stream={stream} />
                  </Entrance>
                )}
              </Route>
              <Route>
                <Entrance>
                  <Shell account={<AccountMenu />}>
                    <SecondFactor>
                      <Suspense fallback={null}>
                        <Pages />
                      </Suspense>
                    </SecondFactor>
                  </Shell>
                </Entrance>
              </Route>
            </Switch>
          </Suspense>
        </Crash>
      </I18nProvider>
    </ThemeProvider>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path={routes.home}>
        <HomePage />
      </Route>
      <Route path={routes.search}>
        <SearchPage />
      </Route>
      <Route path={routes.category}>{({ slug }) => <CategoryPage key={slug} slug={slug} />}</Route>
      <Route path={routes.channel}>
        {({ handle = '' }) => <ChannelPage key={handle} handle={handle} />}
      </Route>
      <Route path={routes.library}>
        {({ shelf }) => (
          <Guard>
            <LibraryPage shelf={shelf} />
          </Guard>
        )}
      </Route>
      <Route path={routes.studio}>
        <StudioPage />
      </Route>
      <Route path={routes.studioStream}>
        {({ stream, section }) => (
          <Guard>
            <StreamPage
              key={stream}
              stream={stream}
              section={section}
              chat={(own) => (
                <Suspense fallback={null}>
                  <StudioChat stream={own} />
                </Suspense>
              )}
              liveChat={(own, peer) => (
                <Suspense fallback={null}>
                  <LiveChat stream={own} peer={peer} />
                </Suspense>
              )}
            />
          </Guard>
        )}
      </Route>
      <Route path={routes.moderate}>
        {({ stream }) => (
          <Guard>
            <ModPage key={stream} stream={stream} />
          </Guard>
        )}
      </Route>
      <Route path={routes.watch}>
        {({ stream }) => (
          <WatchPage
            key={stream}
            stream={stream}
            chat={(place) => (
              <Suspense fallback={null}>
                <ChatColumn key={place.stream.id} {...place} />
              </Suspense>
            )}
          />
        )}
      </Route>
      <Route path={routes.recording}>
        {({ recording }) => (
          <RecordingPage
            key={recording}
            recording={recording}
            chat={(place) => (
              <Suspense fallback={null}>
                <ChatReplay {...place} />
              </Suspense>
            )}
          />
        )}
      </Route>
      {accountPages}
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}
