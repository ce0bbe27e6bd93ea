import { LogIn } from 'lucide-react';
import { useLocation } from 'wouter';
import { Button, ButtonLink } from '@/components/Button';
import { FollowButton } from '@/components/FollowButton';
import { useMe } from '@/components/session';
import { spanText } from '@/components/time';
import { useNow } from '@/components/use-now';
import { paths } from '@/config/routes';
import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import { obstacleOf, secondsLeft, type Obstacle } from '@/lib/chat/obstacle';
import type { Emote } from '@/lib/chat/records';
import type { ChatState } from '@/lib/chat/state';
import type { Owner } from '@/lib/streams/types';
import { useI18n } from '@/messages/i18n';
import { Composer } from './Composer';
import { useSeat } from './seat';
import styles from './Composer.module.css';

/** Beyond this a timeout is said in minutes. */
const COUNTED_S = 90;

export interface Follow {
  owner: Owner;
  following: boolean;
  onChange(following: boolean): void;
}

/** The field to write in, or why there is none and what to do about it. */
export function WriteArea({
  state,
  emotes,
  follow,
  replyTo,
  onReplied,
}: {
  state: ChatState;
  emotes: readonly Emote[];
  /** Of the stream's owner, where the page knows it. */
  follow: Follow | null;
  replyTo: ChatMessage | null;
  onReplied(): void;
}) {
  const me = useMe();
  const now = useNow(1000);
  const reader = {
    following: follow?.following ?? null,
    pays: me !== null && me.tier !== 'free',
  };
  const obstacle = obstacleOf(state, reader, now);
  if (obstacle === null)
    return <Composer state={state} emotes={emotes} replyTo={replyTo} onReplied={onReplied} />;
  return (
    <div className={styles.why}>
      <p role={obstacle.why === 'connecting' ? undefined : 'status'}>
        <Why obstacle={obstacle} now={now} />
      </p>
      <WayOut obstacle={obstacle} follow={follow} />
    </div>
  );
}

function Why({ obstacle, now }: { obstacle: Obstacle; now: number }) {
  const { t, locale } = useI18n();
  switch (obstacle.why) {
    case 'follow':
      return t('chat.why.follow', { minutes: obstacle.minutes });
    case 'silent': {
      const seconds = secondsLeft(obstacle.until, now);
      return t('chat.why.silent', {
        time:
          seconds <= COUNTED_S
            ? t('unit.seconds', { value: seconds })
            : spanText(seconds * 1000 + 59_000, locale),
      });
    }
    default:
      return t(`chat.why.${obstacle.why}`);
  }
}

function WayOut({ obstacle, follow }: { obstacle: Obstacle; follow: Follow | null }) {
  const { t } = useI18n();
  const { chat } = useSeat();
  const [path] = useLocation();
  switch (obstacle.why) {
    case 'sign_in':
      return (
        <ButtonLink look="primary" href={paths.signIn(path)} icon={<LogIn size={16} />}>
          {t('nav.signIn')}
        </ButtonLink>
      );
    case 'follow':
      return follow === null || follow.following ? null : (
        <FollowButton
          owner={follow.owner}
          following={follow.following}
          onChange={(following) => follow.onChange(following)}
        />
      );
    case 'refused':
      return (
        <Button look="quiet" onClick={() => chat.retry()}>
          {t('action.retry')}
        </Button>
      );
    default:
      return null;
  }
}
