import { Link } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { Section } from '@/components/Section';
import { useLoad } from '@/components/use-load';
import { useTopic } from '@/components/use-topic';
import { paths } from '@/config/routes';
import { followed } from '@/lib/streams/catalogue';
import { useT } from '@/messages/i18n';
import styles from './Following.module.css';

/** Whom one follows; those who are live come first. Nothing for who follows nobody. */
export function Following() {
  const t = useT();
  const { value, reload: refresh } = useLoad(followed);
  useTopic('streams', ({ event }) => {
    if (event !== 'stream.stats') refresh();
  });
  if (value === null || value.items.length === 0) return null;
  const people = [...value.items].sort((one, other) => Number(other.live) - Number(one.live));
  const anybody = people.some((person) => person.live);
  return (
    <Section title={t('home.following')} note={anybody ? undefined : t('home.following.empty')}>
      <ul className={styles.row}>
        {people.map((person) => (
          <li key={person.id}>
            <Link
              href={paths.channel(person.handle)}
              className={styles.person}
              data-live={person.live}
            >
              <span className={styles.ring}>
                <Avatar name={person.display_name} url={person.avatar_url} size={48} />
              </span>
              <bdi className={styles.name}>{person.display_name}</bdi>
              {person.live && <span className="visually-hidden">{t('state.live')}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
