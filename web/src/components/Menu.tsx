import { Check } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { useMenu } from './use-menu';
import styles from './Menu.module.css';

export interface MenuChoice<Value> {
  value: Value;
  label: string;
  detail?: string | undefined;
}

/** A button that opens a list of choices of which one is in force. */
export function Menu<Value extends string>({
  label,
  trigger,
  triggerClass,
  groups,
  placement = 'below',
  onChoose,
  onOpenChange,
}: {
  label: string;
  trigger: ReactNode;
  triggerClass?: string | undefined;
  groups: readonly { title: string; value: Value; choices: readonly MenuChoice<Value>[] }[];
  placement?: 'below' | 'above';
  onChoose(value: Value): void;
  onOpenChange?(open: boolean): void;
}) {
  const id = useId();
  const { root, open, toggle, close, handlers } = useMenu(onOpenChange);

  return (
    <div ref={root} className={styles.root} {...handlers}>
      <button
        type="button"
        className={triggerClass}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={toggle}
      >
        {trigger}
      </button>
      {open && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          className={`${styles.menu} ${styles[placement]}`}
        >
          {groups.map((group) => (
            <div key={group.title} role="group" aria-label={group.title} className={styles.group}>
              <p className={styles.title} aria-hidden="true">
                {group.title}
              </p>
              {group.choices.map((choice) => (
                <button
                  key={choice.value}
                  type="button"
                  role="menuitemradio"
                  tabIndex={-1}
                  aria-checked={choice.value === group.value}
                  className={styles.item}
                  onClick={() => {
                    onChoose(choice.value);
                    close();
                  }}
                >
                  <Check size={16} className={styles.check} aria-hidden="true" />
                  <span>{choice.label}</span>
                  {choice.detail !== undefined && (
                    <span className={styles.detail}>{choice.detail}</span>
                  )}
                </button>
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
