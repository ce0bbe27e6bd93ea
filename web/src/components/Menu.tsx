import { Check } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
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
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const change = (next: boolean) => {
    setOpen(next);
    onOpenChange?.(next);
  };
  const close = () => {
    change(false);
    root.current?.querySelector<HTMLElement>('[aria-haspopup]')?.focus();
  };

  useEffect(() => {
    if (!open) return;
    const items = itemsOf(root.current);
    (items.find((item) => item.getAttribute('aria-checked') === 'true') ?? items[0])?.focus();
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const items = itemsOf(root.current);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const target = targets[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (target !== undefined) items[target]?.focus();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={root}
      className={styles.root}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (open && !root.current?.contains(event.relatedTarget)) change(false);
      }}
    >
      <button
        type="button"
        className={triggerClass}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => change(!open)}
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

function itemsOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? [])];
}
