import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// On a busy machine an answer that is there at once elsewhere takes its time.
configure({ asyncUtilTimeout: 5_000 });

// jsdom has no media queries, dialogs or observers; these are as much of them as components ask for.
window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as never;
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};
window.scrollTo = () => undefined;
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});
