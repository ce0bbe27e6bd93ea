import { useEffect, useState } from 'react';
import { useSnapshot } from '@/components/use-snapshot';
import { REACTIONS } from '@/lib/chat/emoji';
import { preferences } from '@/lib/chat/preferences';
import type { Emote } from '@/lib/chat/records';
import { useT } from '@/messages/i18n';
import { useSeat } from './seat';
import styles from './Reactions.module.css';

/** More at once is a blur, and costs frames. */
const MOST_FLYING = 30;
const MOST_OF_A_KIND = 6;
/** Shares of the width, so that reactions do not fly in one line. */
const LANES = 7;

interface Flying {
  key: number;
  name: string;
  lane: number;
  delay: number;
}

let made = 0;

/** Buttons for the fixed reactions. */
export function ReactionBar({ disabled }: { disabled: boolean }) {
  const t = useT();
  const { chat } = useSeat();
  return (
    <div className={styles.bar} role="group" aria-label={t('chat.reactions')}>
      {REACTIONS.map(({ name, text }) => (
        <button
          key={name}
          type="button"
          className={styles.reaction}
          disabled={disabled}
          aria-label={t('chat.reaction', { name: t(`reaction.${name}`) })}
          title={t(`reaction.${name}`)}
          onClick={() => chat.react(name)}
        >
          <span aria-hidden="true">{text}</span>
        </button>
      ))}
    </div>
  );
}

/** Reactions of everybody, rising over the chat. Decoration: nobody has to see them. */
export function Bursts({ emotes }: { emotes: readonly Emote[] }) {
  const { chat } = useSeat();
  const { reactions: wanted, motion } = useSnapshot(preferences);
  const [flying, setFlying] = useState<readonly Flying[]>([]);
  useEffect(() => {
    if (!wanted || !motion) return;
    return chat.on('reactions', (counts) => {
      if (document.hidden) return;
      const fresh = Object.entries(counts).flatMap(([name, count]) =>
        Array.from({ length: Math.min(count, MOST_OF_A_KIND) }, (_, index): Flying => {
          made += 1;
          return { key: made, name, lane: made % LANES, delay: index * 70 };
        }),
      );
      setFlying((now) => [...now, ...fresh].slice(-MOST_FLYING));
    });
  }, [chat, wanted, motion]);
  const drop = (key: number) => setFlying((now) => now.filter((one) => one.key !== key));
  return (
    <div className={styles.air} aria-hidden="true">
      {flying.map(({ key, name, lane, delay }) => (
        <span
          key={key}
          className={styles.flying}
          style={{ left: `${(lane / LANES) * 100}%`, animationDelay: `${delay}ms` }}
          onAnimationEnd={() => drop(key)}
        >
          <Picture name={name} emotes={emotes} />
        </span>
      ))}
    </div>
  );
}

function Picture({ name, emotes }: { name: string; emotes: readonly Emote[] }) {
  const fixed = REACTIONS.find((reaction) => reaction.name === name);
  if (fixed !== undefined) return fixed.text;
  const emote = emotes.find((candidate) => candidate.name === name);
  return emote === undefined ? null : <img src={emote.url} alt="" />;
}
