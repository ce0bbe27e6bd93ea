import {
  Crown,
  KeyRound,
  Lock as LockIcon,
  LogIn,
  ShieldAlert,
  Star,
  UserCheck,
} from 'lucide-react';
import { useState, type ReactNode, type SyntheticEvent } from 'react';
import { useLocation } from 'wouter';
import { Button, ButtonLink } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { FollowButton } from '@/components/FollowButton';
import { ProblemText } from '@/components/ProblemNote';
import { Thumbnail, type Pictured } from '@/components/StreamCard';
import { useTheme } from '@/components/theme';
import { paths } from '@/config/routes';
import type { ProblemError } from '@/lib/api/problem';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import type { Gate } from './use-gate';
import styles from './Lock.module.css';

/** As much of a stream as the words on the door are about. */
export type Locked = Pictured & Pick<Stream, 'owner' | 'following' | 'access'>;

/** In place of the player, for those who may not watch as things are: what opens it. */
export function Lock({
  stream,
  gate,
  onFollow,
}: {
  stream: Locked;
  gate: Gate;
  onFollow(following: boolean): void;
}) {
  const t = useT();
  const [path] = useLocation();
  const name = stream.owner.display_name;
  if (gate.problem === null) return <Curtain stream={stream} />;
  switch (gate.problem.code) {
    case 'sign_in_required':
    case 'unauthorized':
    case 'session_ended':
      return (
        <Curtain
          stream={stream}
          icon={<LogIn size={26} />}
          title={t('lock.sign_in.title')}
          text={t('lock.sign_in.text')}
        >
          <ButtonLink look="primary" href={paths.signIn(path)}>
            {t('lock.sign_in.action')}
          </ButtonLink>
        </Curtain>
      );
    case 'follow_required':
      return (
        <Curtain
          stream={stream}
          icon={<UserCheck size={26} />}
          title={t('lock.followers.title', { name })}
          text={t('lock.followers.text')}
        >
          <FollowButton
            owner={stream.owner}
            following={stream.following}
            onChange={(following, followers) => {
              onFollow(following);
              if (following && followers !== null) void gate.open();
            }}
          />
        </Curtain>
      );
    case 'tier_required':
      return (
        <Curtain
          stream={stream}
          icon={stream.access === 'vip' ? <Crown size={26} /> : <Star size={26} />}
          title={t(stream.access === 'vip' ? 'lock.vip.title' : 'lock.premium.title')}
          text={t('lock.tier.text')}
        />
      );
    case 'password_required':
    case 'password_wrong':
      return <PasswordLock stream={stream} gate={gate} problem={gate.problem} />;
    case 'permission_denied':
    case 'forbidden':
      return (
        <Curtain
          stream={stream}
          icon={<LockIcon size={26} />}
          title={t('lock.private.title')}
          text={t('lock.private.text', { name })}
        />
      );
    default:
      return (
        <Curtain
          stream={stream}
          icon={<LockIcon size={26} />}
          title={t('lock.failed.title')}
          text={<ProblemText problem={gate.problem} />}
        >
          <Button look="primary" onClick={() => void gate.open(gate.password)}>
            {t('action.retry')}
          </Button>
        </Curtain>
      );
  }
}

function PasswordLock({
  stream,
  gate,
  problem,
}: {
  stream: Locked;
  gate: Gate;
  problem: ProblemError;
}) {
  const t = useT();
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setMissing(password === '');
    if (password === '') return;
    setBusy(true);
    await gate.open(password);
    setBusy(false);
  };
  const wrong = problem.code === 'password_wrong' ? t('lock.password.wrong') : undefined;
  return (
    <Curtain
      stream={stream}
      icon={<KeyRound size={26} />}
      title={t('lock.password.title')}
      text={t('lock.password.text', { name: stream.owner.display_name })}
    >
      <form className={styles.form} noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          label={t('lock.password.field')}
          type="password"
          autoComplete="current-password"
          maxLength={256}
          error={missing ? t('lock.password.missing') : wrong}
          value={password}
          onChange={(event) => {
            setPassword(event.target.value);
            setMissing(false);
          }}
        />
        <Button type="submit" look="primary" wide disabled={busy}>
          {t('lock.password.action')}
        </Button>
      </form>
    </Curtain>
  );
}

/** For grown-ups: asked once a tab and stream. */
export function MaturityLock({ stream, onAccept }: { stream: Locked; onAccept(): void }) {
  const t = useT();
  return (
    <Curtain
      stream={stream}
      icon={<ShieldAlert size={26} />}
      title={t('lock.mature.title')}
      text={t('lock.mature.text', { name: stream.owner.display_name })}
    >
      <Button look="primary" onClick={onAccept}>
        {t('lock.mature.action')}
      </Button>
    </Curtain>
  );
}

function Curtain({
  stream,
  icon,
  title,
  text,
  children,
}: {
  stream: Pictured;
  icon?: ReactNode;
  title?: string;
  text?: ReactNode;
  children?: ReactNode;
}) {
  const { pictureTheme } = useTheme();
  return (
    <div className={styles.curtain} data-theme={pictureTheme}>
      <div className={styles.behind} aria-hidden="true">
        <Thumbnail stream={stream} />
      </div>
      {title !== undefined && (
        <section className={styles.card} aria-label={title}>
          <span className={styles.icon} aria-hidden="true">
            {icon}
          </span>
          <h2 className={styles.title}>{title}</h2>
          <p className={styles.text}>{text}</p>
          {children !== undefined && <div className={styles.action}>{children}</div>}
        </section>
      )}
    </div>
  );
}
