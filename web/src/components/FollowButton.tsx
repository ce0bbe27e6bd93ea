import '@/messages/areas/streams';
import { Check, Plus } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '@/config/routes';
import { follow } from '@/lib/streams/catalogue';
import type { Owner } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { Button, ButtonLink } from './Button';
import { useSession } from './session';

/** Follows somebody. Who is not signed in is asked to, and comes back here. */
export function FollowButton({
  owner,
  following,
  onChange,
}: {
  owner: Owner;
  following: boolean;
  /** Told at once, and again with what was before if it failed. */
  onChange(following: boolean, followers: number | null): void;
}) {
  const t = useT();
  const [path] = useLocation();
  const { me } = useSession();
  const [busy, setBusy] = useState(false);
  if (me?.id === owner.id) return null;
  if (me === null)
    return (
      <ButtonLink look="primary" href={paths.signIn(path)} icon={<Plus size={16} />}>
        {t('follow.follow')}
      </ButtonLink>
    );
  const toggle = async () => {
    setBusy(true);
    onChange(!following, null);
    try {
      const answer = await follow(owner.id, !following);
      onChange(answer.following, answer.followers);
    } catch {
      onChange(following, null);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      look={following ? 'plain' : 'primary'}
      aria-label={t(following ? 'follow.unfollow' : 'follow.name', { name: owner.display_name })}
      disabled={busy}
      icon={following ? <Check size={16} /> : <Plus size={16} />}
      onClick={() => void toggle()}
    >
      {t(following ? 'follow.following' : 'follow.follow')}
    </Button>
  );
}
