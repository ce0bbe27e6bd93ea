// What the pages tell their players.

export interface PlayerOptions {
  autoplay: boolean;
  muted: boolean;
  controls: boolean;
}

export interface Theatre {
  on: boolean;
  toggle(): void;
}
