import type { PlayerOptions } from '@/player/options';

/** `?autoplay&muted&controls`: present means on, `=0` or `=false` off. */
export function embedOptions(search: string): PlayerOptions {
  const parameters = new URLSearchParams(search);
  const flag = (name: string, usual: boolean) => {
    const value = parameters.get(name);
    return value === null ? usual : value !== '0' && value !== 'false';
  };
  return {
    autoplay: flag('autoplay', true),
    muted: flag('muted', false),
    controls: flag('controls', true),
  };
}
