import {
  useEffect,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
} from 'react';

const ITEMS = '[role^="menuitem"]';

export interface MenuState {
  root: RefObject<HTMLDivElement | null>;
  open: boolean;
  toggle(): void;
  /** Closes it and gives the focus back to what opened it. */
  close(): void;
  /** Of the element around the button and the menu. */
  handlers: {
    onKeyDown(event: KeyboardEvent): void;
    onBlur(event: FocusEvent): void;
  };
}

/**
 * How every menu opens, closes and is walked through by keys. The focus goes to what is chosen, or to
 * the first; leaving it in any way closes it.
 */
export function useMenu(onOpenChange?: (open: boolean) => void): MenuState {
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

  return {
    root,
    open,
    toggle: () => change(!open),
    close,
    handlers: {
      onKeyDown,
      onBlur: (event) => {
        if (open && !root.current?.contains(event.relatedTarget)) change(false);
      },
    },
  };
}

function itemsOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>(ITEMS) ?? [])];
}
