import { BadgeCheck, Bot, Crown, Radio, Shield, Star, type LucideIcon } from 'lucide-react';
import type { Badge } from '@/lib/api/generated/Badge';
import type { ChatAuthor } from '@/lib/api/generated/ChatAuthor';
import { toneOf } from '@/lib/chat/tone';
import { useT } from '@/messages/i18n';
import styles from './Message.module.css';

const ICONS: Record<Badge, LucideIcon> = {
  broadcaster: Radio,
  moderator: Shield,
  staff: BadgeCheck,
  premium: Star,
  vip: Crown,
  bot: Bot,
};

export function Badges({ of }: { of: readonly Badge[] | undefined }) {
  const t = useT();
  if (of === undefined || of.length === 0) return null;
  return (
    <>
      {of
        .filter((badge) => badge in ICONS)
        .map((badge) => {
          const Icon = ICONS[badge];
          const label = t(`badge.${badge}`);
          return (
            <span key={badge} className={styles.badge} data-badge={badge} title={label}>
              <Icon size={12} aria-hidden="true" />
              <span className="visually-hidden">{label}</span>
            </span>
          );
        })}
    </>
  );
}

/** A name in its colour; a click says who it is. */
export function AuthorName({
  author,
  onOpen,
}: {
  author: ChatAuthor;
  onOpen?: (author: ChatAuthor) => void;
}) {
  const tone = styles[`tone${toneOf(author.id ?? author.name)}`];
  if (onOpen === undefined)
    return (
      <bdi className={`${styles.name} ${tone}`} title={author.handle ?? undefined}>
        {author.name}
      </bdi>
    );
  return (
    // A button would not break with the line. Keyboards get there by the menu of the message.
    <span
      role="button"
      className={`${styles.name} ${styles.opens} ${tone}`}
      tabIndex={-1}
      title={author.handle === null ? undefined : `@${author.handle}`}
      onClick={() => onOpen(author)}
    >
      <bdi>{author.name}</bdi>
    </span>
  );
}
