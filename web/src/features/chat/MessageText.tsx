import type { ChatMessage } from '@/lib/api/generated/ChatMessage';
import { partsOf } from '@/lib/chat/text';
import styles from './Message.module.css';

/** The words of a message. Everything is text but emotes of this server, and links to the web. */
export function MessageText({
  message,
  handle,
}: {
  message: Pick<ChatMessage, 'text' | 'emotes' | 'kind'>;
  /** The reader's own. */
  handle: string | null;
}) {
  return (
    <span className={styles.text} data-kind={message.kind} dir="auto">
      {partsOf(message).map((part, index) => {
        switch (part.kind) {
          case 'text':
            return part.text;
          case 'emote':
            return (
              <img
                key={index}
                className={styles.emote}
                src={part.url}
                alt={`:${part.name}:`}
                title={part.name}
                loading="lazy"
                decoding="async"
              />
            );
          case 'mention':
            return (
              <span key={index} className={styles.mention} data-me={part.handle === handle}>
                {part.text}
              </span>
            );
          case 'link':
            return (
              <a
                key={index}
                className={styles.link}
                href={part.href}
                title={part.href}
                target="_blank"
                rel="noopener noreferrer nofollow ugc"
              >
                {part.host}
                <span className={styles.rest}>{part.rest}</span>
              </a>
            );
        }
      })}
    </span>
  );
}
